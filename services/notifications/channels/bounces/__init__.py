"""Bounces: what comes back after a mail was taken, and what of it is none.

reading.py tells a report from an answer, phrases.py holds what mail systems say, maildir.py is the
mailbox that they come to.
"""
