"""Durable work: the one door to DBOS, and the leases that let workers take over from each other."""
