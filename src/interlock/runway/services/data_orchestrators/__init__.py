"""Read-only snapshots of one business: a few indexed queries, then calculators."""
