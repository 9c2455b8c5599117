"""A step that looks where it has no access is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.quiet_variants import ONE, QUIET, Run, asleep
from vrx.models.deciding.checking import check
from vrx.models.systems.system import rx
from vrx.models.variants.access_rules import looks_behind
from vrx.proofs.command import cli
from vrx.spec.layouts.device import virtio_irq
from vrx.spec.layouts.split.driver import virtqueue_poll
from vrx.spec.layouts.split.memory import loc
from vrx.spec.layouts.split.state import SplitState
from vrx.spec.linux.state import Softirq
from vrx.spec.memory import line, load
from vrx.spec.qemu.state import MainLoop
from vrx.spec.rx import HELD


def past_the_door(s: SplitState, me: Softirq) -> None:
    if s.ring.used_idx == me.opaque:
        asleep(me)
    else:
        virtqueue_poll(s, me)


def twice(s: SplitState, me: Softirq) -> None:
    load(s, me, loc.used_flags)
    s.accesses = 0
    virtqueue_poll(s, me)


def of_the_device(s: SplitState, me: Softirq) -> None:
    if s.dev.used_idx == me.opaque:
        asleep(me)
    else:
        virtqueue_poll(s, me)


def of_the_ghost(s: SplitState, me: Softirq) -> None:
    if s.ghost.owner[0] == HELD:
        asleep(me)
    else:
        virtqueue_poll(s, me)


def writes_past_the_door(s: SplitState, me: Softirq) -> None:
    s.ring.used_event = me.opaque
    virtqueue_poll(s, me)


def writes_to_the_device(s: SplitState, me: Softirq) -> None:
    s.dev.notification = True
    virtqueue_poll(s, me)


def sees_its_kick(s: SplitState, me: Softirq) -> None:
    if s.lines.kick:
        asleep(me)
    else:
        virtqueue_poll(s, me)


def takes_its_kick_back(s: SplitState, me: Softirq) -> None:
    s.lines.kick = False
    virtqueue_poll(s, me)


def interrupts_itself(s: SplitState, me: Softirq) -> None:
    s.lines.irq = True
    virtqueue_poll(s, me)


def loses_its_interrupt(s: SplitState, me: Softirq) -> None:
    s.lines.irq = s.lines.irq and s.vq.last_used_idx == 0
    virtqueue_poll(s, me)


BEHIND: list[tuple[Run, str]] = [
    (sees_its_kick, "reads s.lines.kick, a line between both sides: a driver only raises s.lines.kick"),
    (takes_its_kick_back, "clears s.lines.kick, a line"),
    (interrupts_itself, "raises s.lines.irq, a line"),
    (loses_its_interrupt, "s.lines.irq, a line"),
    (past_the_door, "reads s.ring.used_idx without an access"),
    (twice, "more than one shared access"),
    (of_the_device, "reads s.dev.used_idx, which is private"),
    (of_the_ghost, "goes by s.ghost.owner"),
    (writes_past_the_door, "writes s.ring.used_event without an access"),
    (writes_to_the_device, "writes s.dev.notification, which is private"),
]


@pytest.mark.parametrize("memory", ["sc", "tso"])
@pytest.mark.parametrize(("run", "why"), BEHIND, ids=[run.__name__ for run, _ in BEHIND])
def test_a_step_that_looks_where_it_has_no_access_is_refused(run: Run, why: str, memory: str) -> None:
    found = check(rx(memory=memory, max_packet=1).replace("virtqueue_poll", run), only=ONE)
    (fault,) = found.faults
    assert fault.startswith("step virtqueue_poll (cpu0 napi): ") and why in fault


def kicks_too(s: SplitState, me: Softirq) -> None:
    line(s, me)
    s.lines.kick = True
    virtqueue_poll(s, me)


def kicks_itself(s: SplitState, me: MainLoop) -> None:
    s.lines.kick = True
    virtio_irq(s, me)


def sees_whether_it_was_kicked(s: SplitState, me: MainLoop) -> None:
    if s.lines.kick:
        s.lines.kick = False
    virtio_irq(s, me)


def takes_its_interrupt_back(s: SplitState, me: MainLoop) -> None:
    virtio_irq(s, me)
    s.lines.irq = False


@pytest.mark.parametrize(("name", "run", "why"), [
    ("virtqueue_poll", kicks_too, ""), ("virtio_irq", sees_whether_it_was_kicked, ""),
    ("virtio_irq", kicks_itself, "raises s.lines.kick, a line"),
    ("virtio_irq", takes_its_interrupt_back, "clears s.lines.irq, a line"),
])  # fmt: skip
def test_a_line_is_its_senders_to_raise_and_its_receivers_to_clear(name: str, run: Run, why: str) -> None:
    said = looks_behind(QUIET.replace(name, run))
    assert why in said and bool(why) == bool(said)


def test_a_step_does_not_see_the_store_buffer_of_another_cpu() -> None:
    def run(s: SplitState, me: Softirq) -> None:
        if s.buffers[1].count != 0:
            asleep(me)
        else:
            virtqueue_poll(s, me)

    (fault,) = check(rx(memory="tso", arrivals=False).replace("virtqueue_poll", run), only=ONE).faults
    assert "the store buffer of another CPU" in fault


def test_what_only_the_ghost_notes_may_depend_on_everything() -> None:
    def run(s: SplitState, me: Softirq) -> None:
        if s.ring.avail_idx != s.dev.last_avail_idx:
            s.ghost.torn = True
        virtqueue_poll(s, me)

    assert check(QUIET.replace("virtqueue_poll", run), only=ONE).faults == []


def test_no_trace_of_what_is_refused_is_no_answer(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "my.py"
    steps = "def poll(s: State, me: Softirq) -> None:\n"
    steps += "    if s.ring.used_idx == s.ring.used_idx + s.ring.avail_flags:\n"
    steps += "        me.goto(L.IDLE)\n    else:\n        virtqueue_poll(s, me)\n"
    head = "from vrx.models import *\nfrom vrx.spec.layouts.split.driver import virtqueue_poll\n"
    end = 'system = rx(arrivals=False).replace("virtqueue_poll", poll)\n'
    file.write_text(head + steps + end)
    assert cli.main(["trace", str(file), "--question", "no_lost_kick"]) == 1
    assert "without an access" in capsys.readouterr().err
