"""Ramp: bills, vendors and payments of the clients who use it. A party beside the books, with an API and webhooks."""
