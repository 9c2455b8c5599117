"""What a side has published stays as it was until the other has taken it, and who changes it is found."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from tests.models.conformance.example import device, text
from vrx.models.conformance.harness.device_operations import device_run
from vrx.models.conformance.harness.driver_operations import driver_run
from vrx.models.conformance.protocol import setup
from vrx.models.conformance.scenario import Scenario
from vrx.models.conformance.wire import UsedElement
from vrx.models.conformance.wire.split.ring import Descriptor

Device: Any = device()
_FOUND: dict[str, Any] = {}
exec(text(1), _FOUND)
Driver: Any = _FOUND["TinyDriver"]
INJECT, POST, PUBLISH, SETTLE, KICK = ("inject", 60), ("post", 0, 0, [1526], 0), ("publish", 0), ("settle",), ("kick",)


def found(target: Any, operations: Sequence[tuple[Any, ...]]) -> set[tuple[str, str]]:
    """Clause and summary of what a run finds."""
    run = (device_run if hasattr(target, "inject") else driver_run)(target, Scenario("mine", setup(4), (*operations,)))
    try:
        run.run()
    finally:
        target.close()
    return {(d.clause, d.summary) for d in run.record.deviations}


class OverwritesEntry(Device):  # type: ignore[misc]
    def kick(self) -> None:
        if self.done:
            self.ring.set_used((self.done - 1) % 4, UsedElement(3, 26))


class OverwritesContent(Device):  # type: ignore[misc]
    def kick(self) -> None:
        if self.done:
            head = self.ring.used((self.done - 1) % 4).id
            self.memory.at(self.ring.desc[head].addr, 20)[:] = b"z" * 20


@pytest.mark.parametrize(
    ("kind", "clause", "word"),
    [(OverwritesEntry, "2.7.8.2-1", "used entry"), (OverwritesContent, "2.7.8.2-2", "content"), (Device, "", "")],
)
def test_what_a_device_has_used_stays_until_it_is_taken(kind: Any, clause: str, word: str) -> None:
    said = found(kind(), [INJECT, POST, PUBLISH, SETTLE, KICK, ("take", 1), *[INJECT, POST, PUBLISH, SETTLE] * 9])
    assert {c for c, _ in said} == ({clause} if clause else set())
    assert all(word in summary for _, summary in said)


class RewritesEntry(Driver):  # type: ignore[misc]
    def kick(self) -> None:
        super().kick()
        if len(self.out) == 2:
            self.ring.set_avail(1, self.ring.avail(0))


class RewritesDescriptor(Driver):  # type: ignore[misc]
    def kick(self) -> None:
        super().kick()
        if len(self.out) == 2:
            head = self.ring.avail(0)
            d = self.ring.desc[head]
            self.ring.desc[head] = Descriptor(d.addr, d.len // 2, d.flags, d.next)


@pytest.mark.parametrize(
    ("kind", "clause", "word"),
    [(RewritesEntry, "3.3.1-1", "entry"), (RewritesDescriptor, "3.3.1-1", "descriptors"), (Driver, "", "")],
)
def test_what_a_driver_has_made_available_stays_until_it_is_used(kind: Any, clause: str, word: str) -> None:
    """A slot may be another's as soon as a buffer behind it is used: devices read in order."""
    post: tuple[Any, ...] = ("post", 0, [64], [])
    out_of_order = [post, post, ("kick",), ("use", 1, -1), ("publish", 0), ("take", 1)]
    said = found(kind(), [*out_of_order, *[post, ("kick",), ("use", 1, -1), ("publish", 0), ("take", 1)] * 9])
    assert {c for c, _ in said} == ({clause} if clause else set())
    assert all(word in summary for _, summary in said)
