"""What a device's end finds of a driver that asks for interrupts in another way than it was told to, in any layout."""

from __future__ import annotations

from vrx.models.conformance.wire.protocol import Breach


def not_quiet(seen: str) -> Breach:
    """Callbacks were disabled, and still it asks for interrupts.  seen: how memory says so."""
    return Breach("interrupts_suppressed_while_polling", f"{seen} after disable", "1")


def not_armed(seen: str, expected: str, next_one: str) -> Breach:
    """Callbacks were enabled, and the next used buffer interrupts nobody.  next_one: what the layout calls that."""
    return Breach("no_lost_interrupt", seen, expected, f"callbacks enabled, the next {next_one} would not interrupt")


def not_armed_later(seen: str, expected: str, any_one: str) -> Breach:
    """Callbacks were enabled with a delay, and no used buffer interrupts.  any_one: what the layout calls one."""
    summary = f"callbacks enabled with delay, no {any_one} to come interrupts"
    return Breach("no_lost_interrupt", seen, expected, summary)
