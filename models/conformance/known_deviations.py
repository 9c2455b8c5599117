"""Deviations that are known: who, which clause, why, seen in which versions, and the scenario that shows each.

A known one is reported as known; one whose scenario no longer shows it is
reported as gone.  docs/deviations.md says what each means; what there is stands in `known`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from vrx.models.conformance.deviation import Deviation
from vrx.models.conformance.known.known import Known
from vrx.models.conformance.known.linux import LINUX_KNOWN
from vrx.models.conformance.known.pair import PAIR_KNOWN
from vrx.models.conformance.known.qemu import QEMU_KNOWN
from vrx.models.conformance.known.qemu_device import QEMU_DEVICE_KNOWN
from vrx.models.conformance.known.qemu_packed import QEMU_PACKED_KNOWN
from vrx.models.conformance.scenario import Scenario

KNOWN: Final[Sequence[Known]] = (*LINUX_KNOWN, *QEMU_KNOWN, *QEMU_DEVICE_KNOWN, *QEMU_PACKED_KNOWN, *PAIR_KNOWN)


def known_of(target: str) -> list[Known]:
    """What is known of a target, whatever fault is planted in it."""
    return [k for k in KNOWN if target.partition("+")[0] in k.targets]


def avoided(target: str) -> frozenset[tuple[str, int, int]]:
    """What most drawn scenarios of a target leave out."""
    return frozenset(a for k in known_of(target) for a in k.avoid)


def recognise(target: str, found: Deviation, scenario: Scenario) -> Known | None:
    """The entry about a finding of this scenario."""
    return next((k for k in KNOWN if k.is_this(target, found, scenario)), None)


def told_apart(found: Deviation, scenario: Scenario) -> tuple[str, str, str]:
    """Equal for findings that are shown once: the cause, and which entry it is, empty for what nobody has listed.

    So a known one hides nothing that only reads alike.
    """
    known = recognise(scenario.target, found, scenario)
    return (*found.cause, known.id if known else "")
