"""Proofs without bounds: the integer reading of a system, and induction over its steps with z3."""
