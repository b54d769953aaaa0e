"""A courier for the webhooks of any vendor: each notice goes its own way and is tried again by its own rule."""
