"""Durable work of the payables slice."""
