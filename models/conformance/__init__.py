"""Real implementations against the standard: the wire, targets, scenarios, judging, the report."""
