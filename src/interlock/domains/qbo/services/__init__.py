"""Services of the QBO rail."""
