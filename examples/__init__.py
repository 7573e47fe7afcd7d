"""Four months of two legal entities, in which every contract shows something else."""
