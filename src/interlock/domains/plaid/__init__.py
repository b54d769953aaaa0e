"""The rail that verifies: banks' own word, through Plaid."""
