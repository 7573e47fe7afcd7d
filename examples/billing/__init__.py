"""Contracts and plans, billed by invoicing: each contract shows something else of it."""
