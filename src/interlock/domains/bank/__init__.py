"""Cash and the ledger's movements."""
