"""Channels: how a ready document leaves, and what is heard of it afterwards.

A channel takes bytes, a recipient, a sender, texts and a delivery id, and returns an outcome
(outcome.py): sent, refused for good, later, or unknown. It knows neither Kafka nor a state, so that
an effect can call it, again under the same id where that is allowed (docs/decisions/effects.md).
mail/ composes and hands over e-mail, bounces/ reads what comes back, webhook/ posts events, letter/
writes batches for a printer.
"""
