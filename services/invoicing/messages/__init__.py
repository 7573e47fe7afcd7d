"""What each message does to a contract, by subject."""
