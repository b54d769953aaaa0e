"""Services of the Ramp rail."""
