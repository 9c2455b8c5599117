"""What a ring looks like in memory, a folder each: everything that knows one layout stands under it."""
