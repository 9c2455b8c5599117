"""Ranks, for any layout: used entries are taken in the end, and a parked device with enough buffers wakes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from vrx.models.engines.induction.logic import as_number, at, every, no, some
from vrx.models.engines.induction.ranking import Facts, Ranking
from vrx.proofs.induction.situation import ahead, fill, filling
from vrx.proofs.induction.stores import hardirq, softirq
from vrx.proofs.induction.words import words
from vrx.spec.layouts.view import view
from vrx.spec.linux.state import L
from vrx.spec.qemu.state import Q
from vrx.spec.rx import State
from vrx.spec.words import pick

NOTIFIES, TAKES_KICK = "main loop: caller_notifies", "main loop: virtio_queue_host_notifier_read"
"""The two steps that a general caller owes."""


def _filled(s: State) -> Any:
    """How far try_fill_recv() is from its end: three steps for each free descriptor, at least 1, at most 3 N + 5."""
    me, own = softirq(s), words(s)
    left = 3 * (s.vq.num_free + as_number(at(me, *own.WRITTEN)))
    first = own.ADDING[0]
    adding = pick(me.pc == L.TRY_FILL_RECV, left + 4, pick(me.pc == first, left + 3, left + 2))
    return pick(me.pc == L.KICK_PREPARE, 2, pick(me.pc == L.NOTIFY, 1, adding))


def _most_filling(s: State) -> Any:
    return 3 * s.cfg.size + 6


def _stores(s: State, cpu: int) -> Any:
    """How many stores wait on a CPU."""
    return s.buffers[cpu].count if s.cfg.memory == "tso" else 0


def _irq_runs(s: State) -> Any:
    """How far the hard interrupt is from its end; 0: idle."""
    irq = hardirq(s)
    steps = (L.IDLE, L.NAPI_SCHEDULE, L.DISABLE_CB, L.NAPI_SCHEDULE_PREP, L.SKB_RECV_DONE, *words(s).INTERRUPTED)
    far: Any = len(steps)
    for n, point in enumerate(steps):
        far = pick(irq.pc == point, n, far)
    return far


def _active(s: State) -> Any:
    """The softirq has something to do: it is in its program, or the NAPI is on the list."""
    return some(softirq(s).pc != L.IDLE, s.napi.poll_list == 1)


def _irq_is_near(s: State) -> Any:
    """The hard interrupt runs, or is on its way."""
    return some(hardirq(s).pc != L.IDLE, s.lines.irq)


def _poll(s: State) -> Any:
    """How far the softirq is from taking a used entry that it will find.

    Where SCHED is free, an interrupt may win it, and its CPU's buffer gets one store more: that is counted as well.
    """
    me, own, most = softirq(s), words(s), _most_filling(s)
    free = pick(s.napi.sched, as_number(hardirq(s).pc == L.DISABLE_CB), 2)
    begins = every(me.pc == L.DISABLE_CB, me.ret0 == L.MORE_USED)
    refused = every(me.pc == L.DISABLE_CB, me.ret0 == L.IDLE)
    table: list[tuple[Any, Any]] = [
        (at(me, *own.TAKING), 1),
        (every(me.pc == L.MORE_USED, no(me.received)), 2),
        (begins, 3),
        (me.pc == L.VIRTNET_POLL, 4),
        (me.pc == L.IDLE, 5),
        (refused, 6),
        (me.pc == L.NAPI_SCHEDULE, 7),
        (me.pc == L.DISABLE_CB, 8),
        (me.pc == L.NAPI_SCHEDULE_PREP, 9 + free),
        (at(me, L.VIRTQUEUE_POLL, L.OPEN_NAPI_SCHEDULE), 12 + free),
        (at(me, L.NAPI_COMPLETE_DONE, L.OPEN_NAPI_ENABLE), 15),
        (me.pc == own.ENABLING[-1], 16),
        (me.pc == own.ENABLING[0], 17),
        (me.pc == L.ENABLE_CB_PREPARE, 18),
        (me.pc == L.POLL_DONE, 19),
        (some(filling(s, L.POLL_DONE), filling(s, L.OPEN_NAPI_ENABLE)), 20 + _filled(s)),
        (at(me, L.REFILL_TEST, L.OPEN_FILL), 20 + most),
    ]
    far: Any = 21 + most
    for condition, value in reversed(table):
        far = pick(condition, value, far)
    return far


def _calls(s: State) -> Any:
    """How far a general caller is from the end of the call that it is in; 0: in none.

    Each step of a call comes at least one nearer to its end, and leaves at most one store waiting.
    """
    return pick(s.main.pc == Q.IDLE, 0, 2 * words(s).call_left(s) + _stores(s, -1))


def _decides(s: State) -> Any:
    """The device is at its decision, or past it: a general caller may still be in other calls."""
    past = (*words(s).DECIDING, Q.IRQ)
    if not s.cfg.general:
        return at(s.main, Q.SHOULD_NOTIFY, *past)
    return some(at(s.main, *past), every(s.main.pc == Q.SHOULD_NOTIFY, s.main.owed == 1))


def _asleep(s: State) -> Any:
    """How far somebody who is awake is from the poll list, in the words of the lemma `asleep`."""
    deciding = pick(at(s.main, *words(s).DECIDING), 15, pick(_decides(s), 16, 17))
    deciding = pick(s.main.pc == Q.IRQ, 14, deciding)
    return pick(hardirq(s).pc != L.IDLE, 5 + _irq_runs(s), pick(s.lines.irq, 13, deciding))


def used_entry_waits(s: State) -> Any:
    """A used entry that the driver can see is not taken."""
    return words(s).shown_used(s) != s.vq.last_used_idx


def _rank_of_taking(s: State) -> tuple[Any, Any]:
    device = pick(_decides(s), _stores(s, -1), 0)
    stores = pick(_active(s), _stores(s, 0), pick(_irq_is_near(s), _stores(s, hardirq(s).cpu), device))
    return pick(_active(s), _poll(s), _asleep(s)), stores


def _helpers_of_taking(s: State) -> Facts:
    """The softirq, else the interrupt, else the device; each after its own stores have drained."""
    polls, near = _active(s), _irq_is_near(s)
    woken, deciding = every(no(polls), near), every(no(polls), no(near))
    irq, me = hardirq(s), softirq(s)
    facts = {
        me.name: every(polls, _stores(s, 0) == 0),
        irq.name: every(woken, _stores(s, irq.cpu) == 0),
        s.main.name: every(deciding, _decides(s), _stores(s, -1) == 0),
    }
    if s.cfg.general:
        facts[NOTIFIES] = every(deciding, no(_decides(s)), s.main.owed == 1)
    for cpu, buffer in enumerate(s.buffers):
        mine = [polls] if cpu == 0 else []
        mine += [woken] if cpu == irq.cpu else []
        mine += [every(deciding, _decides(s))] if cpu == len(s.buffers) - 1 else []
        facts[buffer.name] = every(some(*mine), buffer.count > 0)
    return facts


Above = Mapping[str, tuple[tuple[str, ...], Any]]


def _above(s: State) -> Above:
    """Above the softirq the interrupt of the same CPU."""
    return {} if s.cfg.irq == "other" else {softirq(s).name: ((hardirq(s).name,), _irq_runs(s))}


def _calls_before(s: State, step: str) -> Above:
    """The same, and before a step that a general caller owes, its other calls."""
    if not s.cfg.general:
        return _above(s)
    who = (s.main.name, *(b.name for b in s.buffers[-1:]))
    return {**_above(s), step: (who, _calls(s))}


def device_waits(s: State) -> Any:
    """The device has parked a packet that the posted buffers can hold."""
    posted = ahead(s, words(s).shown_available(s), view(s).popped)
    return every(s.net.queued > 0, posted >= s.net.queued)


def _rank_of_waking(s: State) -> tuple[Any, Any]:
    kicked = pick(s.main.pc == Q.HANDLE_RX, 1, 2)
    here = some(s.main.pc == Q.HANDLE_RX, s.lines.kick)
    return pick(here, kicked, 2 + _filled(s)), pick(here, 0, _stores(s, 0))


def _helpers_of_waking(s: State) -> Facts:
    """The device once it is kicked; until then the driver, whose refill ends with the decision to kick."""
    here = some(s.main.pc == Q.HANDLE_RX, s.lines.kick)
    fills = every(no(here), at(softirq(s), *fill(s)))
    facts = {s.main.name: here, softirq(s).name: every(fills, _stores(s, 0) == 0)}
    if s.cfg.general:
        facts[s.main.name] = s.main.pc == Q.HANDLE_RX
        facts[TAKES_KICK] = every(here, s.main.pc != Q.HANDLE_RX)
    if s.buffers:
        facts[s.buffers[0].name] = every(fills, s.buffers[0].count > 0)
    return facts


RANKINGS = (
    Ranking(
        "every_used_entry_is_taken",
        "Every used entry that the driver can see is taken in the end.",
        used_entry_waits,
        lambda s: s.vq.last_used_idx,
        _rank_of_taking,
        _helpers_of_taking,
        lambda s: _calls_before(s, NOTIFIES),
    ),
    Ranking(
        "parked_device_wakes",
        "A device that has parked a packet which the posted buffers can hold takes it up again in the end.",
        device_waits,
        lambda s: s.net.queued,
        _rank_of_waking,
        _helpers_of_waking,
        lambda s: _calls_before(s, TAKES_KICK),
    ),
)
"""Progress of every system.  A general caller owes no packet anything, but it notifies, and takes kicks, in the end."""
