"""Input that is wrong in every way: one effect or one dead letter each, and nothing stops."""
