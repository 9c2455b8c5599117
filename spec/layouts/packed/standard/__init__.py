"""The standard's packed ring: what its rules say of memory, and the sides that do whatever they allow."""
