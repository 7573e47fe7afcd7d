"""What each message does."""
