"""QuickBooks Online Accounting API v3 and Intuit's OAuth, as this machine's outside world speaks them."""
