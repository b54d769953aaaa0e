"""Services of the receivables slice."""
