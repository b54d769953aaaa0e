"""Stripe as its clients meet it: accounts, invoices, payments, payouts and the events of all that, over one world."""
