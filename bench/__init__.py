"""Measures duestream on this machine, each figure as a ratio within one run: ``make bench``."""
