"""E-invoices: a voucher as EN 16931 has it, in CII and UBL, by the rule set of its day.

Written by ourselves and not by a library: factur-x writes a price of 0.000012 that comes as a float
as 0.00, refuses the identifier of XRechnung (BT-24), and takes two to five times as long.
What we write is held against its schemas and the rules of others in tests.
"""
