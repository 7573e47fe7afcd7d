"""Notifications: the customer is told, once: what, which way, to whom, and what became of it.

Begin with ``processor.py``, the one match. ``messages/`` says what each message does, ``ways/``
which way a document goes. What meets the world knows no state: ``rendering/`` sets pages,
``making/`` stores them, ``channels/`` hands over, ``posting/`` does both for what was intended.
``embedded.py`` leaves all in a folder, ``outward.py`` sends it.
"""
