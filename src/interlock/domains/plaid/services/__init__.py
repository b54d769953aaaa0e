"""Services of the Plaid rail."""
