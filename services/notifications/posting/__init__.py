"""Posting: what a channel is handed of a delivery, and a folder in place of the world.

``wording.py`` says what stands in a mail beside its document, ``folder.py`` leaves mails and
letters as files, for runs that send nothing.
"""
