"""Money, ids, time, scope, errors: pure, and below everything else."""
