"""Shared by all rings of tests."""
