"""Views on paper: the same view models that pages and API serve, printed in a terminal."""
