"""What commands share: how they fail, and where they read from."""
