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
