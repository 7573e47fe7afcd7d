"""The books: a pure projection of what was invoiced and booked; no worker, nothing is said.

Reads: receivables (the ledger), invoices, contracts, terms, and deferrals from instructions.
Gives: open items and their age, revenue and tax by month, postings, DATEV booking batches.
The rules: write_offs.py (R-85, R-86), breakdown.py (U-41), aging.py; all of it begins in books.py.
"""
