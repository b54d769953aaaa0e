"""Firms, their businesses, and how each keeps its books."""
