"""What belongs to cases and is a file (附件): photos."""
