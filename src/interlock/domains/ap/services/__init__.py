"""Services of the payables slice."""
