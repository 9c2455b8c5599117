"""The process that a target runs in, and the end of it that the search holds."""
