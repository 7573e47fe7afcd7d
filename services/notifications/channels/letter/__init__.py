"""Letters: a batch of finished PDFs for whoever prints and posts them.

profiles.py says what a printer asks for, pages.py checks a finished PDF against it, batches.py
writes a batch that is whole or not there, handover.py carries it over by SFTP.
"""
