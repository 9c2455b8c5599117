"""The packed layout on the wire: its structures, its chains, and the ends that a harness holds."""
