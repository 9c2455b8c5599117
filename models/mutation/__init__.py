"""Mutants of the steps: small faults made by rule, and which standard question sees each of them."""
