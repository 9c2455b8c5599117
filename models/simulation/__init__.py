"""Runs on rings of real sizes, of random packets or those of a capture: one, or many with a schedule each."""
