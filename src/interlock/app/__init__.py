"""The composition root: settings, wiring, web app, commands."""
