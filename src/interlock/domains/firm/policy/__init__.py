"""A client's policy: what it is made of, how its text is read, what a client inherits from its firm, how two differ."""
