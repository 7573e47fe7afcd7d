"""What each message does to a contract that uses something."""
