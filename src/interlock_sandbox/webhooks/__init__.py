"""Intuit's webhooks: what changed is told to one registered address, signed, in order, until it is acknowledged."""
