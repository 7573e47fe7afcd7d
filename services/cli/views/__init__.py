"""What a command shows: on the screen, and as JSON."""
