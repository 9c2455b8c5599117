"""Engines of claims that no search decides: each says what it found, and `models.deciding` how long it took."""
