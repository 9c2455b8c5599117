"""Traces: a run replayed on integers, kept in a file, told in words, and the control graph that it follows."""
