"""What is due is held against what was billed, after every message and on every day."""
