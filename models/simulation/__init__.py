"""Runs: rings of real sizes, packets of a capture, properties asked as the run goes on; one, or many with other seeds."""
