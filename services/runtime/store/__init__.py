"""The database of a service: its tables, rows and transactions."""
