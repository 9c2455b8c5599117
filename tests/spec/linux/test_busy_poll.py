"""Who polls beside the softirq: what the configuration allows, and that every engine takes it."""

from __future__ import annotations

from typing import Any

import pytest

from vrx.models.claims import Safety
from vrx.models.deciding.counterexample import shortest
from vrx.models.deciding.engine import decide
from vrx.models.deciding.user_file import Subject
from vrx.models.simulation.simulator import Simulator
from vrx.models.systems.system import rx
from vrx.models.traces.narration import text
from vrx.proofs.busy_poll import HANDED_OVER, TASK, THREAD_AND_TASK
from vrx.spec.config import BadConfiguration
from vrx.spec.liveness import is_strong
from vrx.spec.properties import NAPI, SPINE, no_lost_interrupt


@pytest.mark.parametrize(
    ("options", "use"),
    [
        ({"defer_hard_irqs": 1}, "use gro_flush_timeout=True"),
        ({"busy_poll": "same", "notify": False}, "a poll may begin at any time already"),
        ({"gro_flush_timeout": True, "notify": False}, "a poll may begin at any time already"),
        ({"netpoll": "same", "busy_poll": "same"}, "use one of them"),
        ({"netpoll": "same", "gro_flush_timeout": True}, "use one of them"),
        ({"opens": "task", "netpoll": "same"}, "use opens=softirq"),
        ({"guest": "up", "busy_poll": "other"}, "use same"),
        ({"guest": "up", "netpoll": "other"}, "use same"),
        ({"busy_poll": "any"}, "use one of no, same, other"),
        ({"defer_hard_irqs": 16, "gro_flush_timeout": True}, "use 0..15"),
    ],
)
def test_what_makes_no_sense_is_refused_with_what_to_use(options: dict[str, Any], use: str) -> None:
    with pytest.raises(BadConfiguration, match=use):
        rx(**options)


@pytest.mark.parametrize(
    "options",
    [
        {"busy_poll": "same"},
        {"busy_poll": "other", "memory": "tso"},
        {"gro_flush_timeout": True},
        {"gro_flush_timeout": True, "defer_hard_irqs": 3, "irq": "other"},
        {"busy_poll": "same", "gro_flush_timeout": True, "defer_hard_irqs": 1, "event_idx": True},
        {"netpoll": "other", "data": True},
        {"opens": "task", "irq": "any", "memory": "tso"},
    ],
    ids=str,
)
def test_packets_flow_in_the_simulator(options: dict[str, Any]) -> None:
    run = Simulator(rx(size=8, idx_bits=16, **options), (*SPINE, *NAPI), 1).run(60)
    counts = run.counts()
    assert run.violated is None, run.text()
    assert run.finished and counts["packets accepted"] == 60
    assert counts["buffers taken by the driver"] == counts["packets published by the device"]


def test_a_task_keeps_sched_while_it_polls_in_its_loop() -> None:
    run = Simulator(TASK, (*SPINE, *NAPI), 3).run(60)
    assert run.events["napi_busy_loop"] > 0 and run.events["napi_busy_loop__again"] > 0
    assert run.events["busy_poll_stop"] == run.events["napi_busy_loop"]


@pytest.mark.parametrize("system", [THREAD_AND_TASK, HANDED_OVER], ids=lambda s: s.name)
def test_a_late_disable_loses_an_interrupt(system: Any) -> None:
    """Linux's own code: docs/deviations.md has the run, and so does whoever asks."""
    (outcome,) = decide([Safety("lost", system, no_lost_interrupt, "refuted")]).outcomes
    assert outcome.verdict == "refuted"
    told = text(shortest(Subject("mine", system), no_lost_interrupt))
    last = [line for line in told.splitlines() if "virtqueue_disable_cb_split" in line][-1]
    assert "avail.flags <- 1" in last and "NAPI asleep" in told


def test_whom_netpoll_holds_up_steps_in_the_end() -> None:
    """Interrupts that a sender turns off again and again are taken in the end, like a softirq."""
    sends, alone = rx(netpoll="same"), rx()
    assert is_strong(sends.cfg, sends.state().cpus[0].hardirq)
    assert not is_strong(alone.cfg, alone.state().cpus[0].hardirq)
