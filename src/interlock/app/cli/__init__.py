"""The command line. Modules here import what is heavy only inside a command, so that ``--help`` stays quick."""
