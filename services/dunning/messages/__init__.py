"""What each message does to an account, by subject."""
