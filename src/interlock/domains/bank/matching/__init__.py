"""The one matcher of bank lines: pure policy over values. Reading, keeping and logging are the matching service's."""
