"""Notifications: the customer is told, once: what, which way, to whom, and what became of it.

Begin with ``processor.py``, the one match. ``messages/`` says what each message does, ``ways/``
which way a document goes. What meets the world knows no state: ``rendering/`` sets pages,
``making/`` stores them, ``channels/`` hands over, ``posting/`` leaves files. Nothing starts it so
far but ``duestream run --documents``, see ``embedded.py``.
"""
