"""Cases (案件): life cycle, event log, queries and readers."""
