"""Experiences over data orchestrators over calculators."""
