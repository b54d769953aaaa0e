"""View models and commands: the same object serves the page, the API and the command line."""
