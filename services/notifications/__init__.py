"""Notifications: tells the customer, once.

So far its rendering room: documents of our messages as PDF and e-invoice, see rendering/.
"""
