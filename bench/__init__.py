"""Measurements: they print figures and ratios, and never fail by the clock."""
