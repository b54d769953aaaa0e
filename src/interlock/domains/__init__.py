"""The business slices (ap, ar, bank, firm) and the rails (qbo, …)."""
