"""What a plan says, for whoever bills or rates by it: billing periods, prices, parts, rounding."""
