"""Mutants that no standard question sees, and why that is right: `vrx mutants` counts them as explained.

An explanation says why the fault changes nothing that anybody could mind.  Where a
question is missing, the question is to be written, and nothing stands here.  An
explanation of a mutant that does not exist, or that is killed, is an error.
"""

from __future__ import annotations

HEADER_IS_SHORTER = "with one descriptor a buffer has room behind its header (`Config` sees to it), so the two differ"

EXPLAINED: dict[str, str] = {
    "receive_header:5 unasked s.cfg.segments > 1": HEADER_IS_SHORTER,
    "receive_header:5 1 -> 0": HEADER_IS_SHORTER,
    "napi_enable:1 without locked(s, me, 'napi_enable__lock')": (
        "masked by the barriers that follow before anybody could mind: docs/barriers.md"
    ),
}
"""The name of a mutant, as `vrx mutants --list` has it, and the reason."""
