"""Mutants that no standard question sees, and why that is right: `vrx mutants` counts them as explained.

An explanation says why the fault changes nothing that anybody could mind.  Where a
question is missing, the question is to be written, and nothing stands here.  An
explanation of a mutant that does not exist, or that is killed, is an error.
"""

from __future__ import annotations

EXPLAINED: dict[str, str] = {}
"""The name of a mutant, as `vrx mutants --list` has it, and the reason."""
