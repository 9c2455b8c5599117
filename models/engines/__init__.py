"""Engines: what answers a question about a system, each in its own way; none decides which is asked."""
