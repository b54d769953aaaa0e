"""Pure: checks, readiness, clean dollars. Values in, values out."""
