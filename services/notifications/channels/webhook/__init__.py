"""Webhooks: an event as a signed POST to an endpoint of somebody else's choosing.

signatures.py signs it as Standard Webhooks has it, egress.py says which addresses are ever
connected to, endpoints.py what may be an endpoint, sending.py posts and judges the answer.
"""
