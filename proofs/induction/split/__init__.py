"""The proof for every size about a split ring: its memory, its points, faults in its steps."""
