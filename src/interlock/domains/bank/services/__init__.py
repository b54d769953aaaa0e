"""Services of the bank slice."""
