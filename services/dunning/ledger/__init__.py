"""Entries, what they pay, and the balance."""
