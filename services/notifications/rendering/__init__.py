"""Rendering: our messages become documents, bytes out of data; no clock, network or environment.

sources/ makes a neutral document of messages, display/ puts it into words and formats of a
language, page/ sets it as PDF/A-3a and PDF/UA-1, einvoice/ writes it as EN 16931 has it.
Begin with documents.py (what a document says) and rendered.py (what becomes of it).
"""
