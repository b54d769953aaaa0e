"""Services of the firm slice."""
