"""Services of the Stripe rail."""
