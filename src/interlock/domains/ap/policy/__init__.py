"""What payables go by, pure: the course of a payment from its release to its witnesses."""
