"""Engines that examine the specification, and what a user runs."""
