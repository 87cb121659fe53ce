"""Ingest (导入): files of other systems become rows of the store."""
