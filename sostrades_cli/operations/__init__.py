"""Several calls together: what a user means by one word. No click, no rich."""
