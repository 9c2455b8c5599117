"""A harness around a target: it plays the other side, looks at the ring, and feeds the judge of the standard."""
