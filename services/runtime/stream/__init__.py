"""Records, and how they are folded through a service: pure, without a database or a broker."""
