"""Plaid: what the banks hold, shown to apps that were let in (plaid.md)."""
