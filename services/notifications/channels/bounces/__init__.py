"""Bounces: what comes back after a mail was taken, and what of it is none.

reading.py tells a report from an answer, maildir.py holds the mailbox that they come to.
"""
