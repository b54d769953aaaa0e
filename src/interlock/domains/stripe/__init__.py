"""The collecting rail: Stripe's invoices, charges and payouts."""
