"""What receivables decide by, pure."""
