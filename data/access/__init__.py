"""Who may see and do what: accounts, roles, scopes, sessions, audit."""
