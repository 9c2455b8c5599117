"""The proof for every size about a packed ring: its descriptors, its points, faults in its steps."""
