"""Closed systems: what a machine, a memory model and bounds put together, and what a variant changes of them."""
