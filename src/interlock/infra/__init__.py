"""What every part stands on: database, transport, log, crypto."""
