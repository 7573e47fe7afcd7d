"""Invoicing: turns plans and the calendar into invoices, and what was not served into credit.

Reads days, contracts, instructions, escalations and charges; keeps the timeline of a contract and
what was billed of it; writes invoices. Start at billing/reconciliation.py, which holds what is due
against what was billed. The rules are in rules/ (tax, totals, due dates) and in services/tariffs
(which days, what part of a price, how much, how it is rounded).
"""
