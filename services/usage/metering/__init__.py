"""Events counted: what each adds to the sums of its day, and how they are read again."""
