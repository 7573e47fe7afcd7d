"""Invoicing: turns plans and the calendar into invoices, and what was not served into credit.

Reads days, contracts, instructions, escalations and charges; keeps the timeline of a contract and
what was billed of it; writes invoices. The rules are in periods.py (which days), proration.py
(what part of a price), pricing.py (how much), rounding.py, tax.py and due_dates.py.
"""
