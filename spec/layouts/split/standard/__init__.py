"""The standard on a split ring: its device and its driver, its rules asked of memory, and the questions to all."""
