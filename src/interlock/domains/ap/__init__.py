"""Payables."""
