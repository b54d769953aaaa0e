"""QuickBooks Online: the ledger rail. It reads; it never moves money."""
