"""The mail server of this world: it takes letters, delivers none, and keeps each as a file."""
