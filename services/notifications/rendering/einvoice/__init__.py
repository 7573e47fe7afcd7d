"""E-invoices: a voucher as EN 16931 has it, in CII and UBL, by the rule set of its day.

Written by ourselves and not by a library: that writes a price of 0.000012 as 0.00, wants a float
where we have decimals, takes ten times as long, and cannot leave a party out. What we write is held
against the schemas and the rules of others in tests.
"""
