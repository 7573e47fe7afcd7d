"""The runtime on one thread, with no clock but a seed's: whatever may happen, in any order.

A world (``world.py``) runs the product's own engine, intake, publishers, store and clock over a log
(``log.py``) and a database (``database.py``) that may be hit between any two effects
(``faults.py``); ``checks.py`` says what must hold in the end. The same seed is the same world.
"""
