"""From a configuration to the wire of its layout."""

from __future__ import annotations

from vrx.models.conformance.protocol import Setup, Unsupported
from vrx.models.conformance.wire.layouts import WIRES
from vrx.models.conformance.wire.protocol import Wire


def wire_of(setup: Setup) -> Wire:
    """The wire of a configuration.  Raises Unsupported where nobody has written it yet."""
    wire = WIRES.get(setup.layout)
    if wire is None:
        raise Unsupported(f"the harness has no wire of the {setup.layout} layout: there are {', '.join(WIRES)}")
    return wire


def has_quiet(setup: Setup) -> bool:
    """May a side ask for quiet by a flag?  With the event index only where the flag and the event are one structure."""
    return not setup.event_idx or wire_of(setup).wording.event_structure


def marks_last(setup: Setup) -> bool:
    """Does what a driver remembers of the next used buffer stay a question when that buffer was taken?

    A position that counts buffers has moved for good. A slot is used again, and then says nothing of before.
    """
    return wire_of(setup).counts_buffers
