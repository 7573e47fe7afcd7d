"""What a period costs: components over its days, priced, bounded, and said as charges."""
