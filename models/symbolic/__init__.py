"""The symbolic reading: every step once per path, on terms, and what can be told from the terms alone."""
