"""Interlock's tests, by use case."""
