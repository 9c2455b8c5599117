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
    "virtqueue_disable_cb_split:1 always not s.vq.no_interrupt": (
        "a store of what the ring says already: it costs time, and nobody can tell"
    ),
    "virtqueue_disable_cb_split:3 never s.vq.event_triggered": (
        "the hint is there to save a store: used_event is 0 then, where it was a position that had been passed"
    ),
    "virtqueue_enable_cb_prepare:1 drop s.vq.event_triggered = False": (
        "the hint stays when it says nothing any more, and a completion that MISSED refuses turns no callback off: one "
        "more interrupt each time; another CPU may set the hint too late without the fault as well, so that is allowed"
    ),
    "napi_enable:1 without locked(s, me, 'napi_enable__lock')": (
        "masked by the barriers that follow before anybody could mind: docs/barriers.md"
    ),
}
"""The name of a mutant, as `vrx mutants --list` has it, and the reason."""
