"""Bugs planted on purpose, each with what must catch it: a net is only as good as what it holds.

``bugs.py`` and ``rules.py`` list them as data, ``make planted`` sets them free one by one.
"""
