"""When can the driver leave too few buffers posted?  The condition in numbers, for all sizes, by Z3.

Linux refills only when more than half of min(budget, ring size) is free; QEMU
waits until the posted buffers hold the whole packet.  A *stranding* rest is one
where neither moves.  What the driver tests is `spec.linux.virtio_net.more_than_half`
itself, run on terms; docs/refill.md tells it in words.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import z3

from vrx.models.engines.induction.integers import Integers
from vrx.models.engines.z3.all_values import Answer, as_term
from vrx.models.symbolic import terms
from vrx.models.symbolic.terms import Truth
from vrx.spec.linux.virtio_net import more_than_half

HEADER = 12
"""struct virtio_net_hdr_mrg_rxbuf, in bytes."""
LARGEST = (1 << 16) + HEADER
"""The largest packet that a sender with GSO makes (GSO_LEGACY_MAX_SIZE, Linux 6.1) and its header, in bytes."""
WEIGHT = 64
"""NAPI_POLL_WEIGHT, the budget of every poll of virtio_net in Linux 6.1 (but for busy polling)."""

SIZE, BUDGET, PACKET, FREE = (terms.variable(name, 1 << 15) for name in ("size", "budget", "packet", "free"))


def counted(size: Any, budget: Any) -> Any:
    """min(budget, ring size)."""
    return budget if budget < size else size


def stranding(size: Any, budget: Any, packet: Any, free: Any) -> bool:
    """At a rest with so many descriptors free, the driver has no reason to refill, and the packet does not fit.

    packet: in buffers, with its header; at a rest the driver has taken every used entry, so what is not free is posted
    """
    return not more_than_half(free, counted(size, budget)) and bool(size - free < packet)


def may_strand(size: Any, budget: Any, packet: Any) -> bool:
    """packet > size - floor(min(budget, size) / 2), written without a division."""
    return bool(2 * (size - packet + 1) <= counted(size, budget))


def one_more(size: Any, budget: Any, packet: Any) -> bool:
    """Wrong: a packet of one buffer fewer would strand as well."""
    return bool(2 * (size - packet) <= counted(size, budget))


def one_fewer(size: Any, budget: Any, packet: Any) -> bool:
    """Wrong: only a packet of one buffer more strands."""
    return bool(2 * (size - packet + 2) <= counted(size, budget))


Condition = Callable[[Any, Any, Any], bool]


def impossible(condition: Condition = may_strand) -> Answer:
    """Where the condition does not hold, no number of free descriptors is a stranding rest.

    Of every size from 1, budget from 1, packet from 1 to the size: a larger one no ring holds.
    """
    return _holds(lambda: condition(SIZE, BUDGET, PACKET) or not stranding(SIZE, BUDGET, PACKET, FREE))


def possible(condition: Condition = may_strand) -> Answer:
    """Where the condition holds, there is a stranding rest: the one with half of min(budget, size) free."""
    half = as_term(lambda: FREE + FREE <= counted(SIZE, BUDGET) and counted(SIZE, BUDGET) < FREE + FREE + 2)
    return _holds(lambda: not condition(SIZE, BUDGET, PACKET) or stranding(SIZE, BUDGET, PACKET, FREE), half)


def in_bytes() -> Answer:
    """Posted buffers, none shorter than `length`, hold a packet of `bytes` if there are ceil(bytes / length) of them;
    and fewer do not, if none is longer."""
    posted, packet, length, size, held = z3.Ints("posted packet length bytes held")
    solver = z3.Solver()
    solver.add(length >= 1, size >= 1, posted >= 0, (packet - 1) * length < size, size <= packet * length)
    enough = z3.And(posted >= packet, held >= posted * length, held < size)
    short = z3.And(posted < packet, held <= posted * length, held >= size)
    solver.add(z3.Or(enough, short))
    return _answered(solver, {v.decl().name(): v for v in (posted, packet, length, size, held)})


def rest_for(size: int, budget: int, packet: int) -> int | None:
    """The smallest number of free descriptors at a stranding rest of these sizes, found by z3; None: there is none."""
    low = Integers()
    optimize = z3.Optimize()
    optimize.add(low.lower(as_term(lambda: stranding(size, budget, packet, FREE))))
    free = low.lower(FREE)
    optimize.add(0 <= free, free <= size)
    optimize.minimize(free)
    if optimize.check() != z3.sat:
        return None
    value = optimize.model().eval(free, True)
    return int(str(value))


def needed(size: int, buffer: int) -> int:
    """How many buffers of so many bytes a packet of so many bytes, its header counted, takes."""
    return -(-size // buffer)


def shortest_buffer(size: int, header: int = HEADER) -> int:
    """The shortest buffer that Linux posts where a device offers a ring of this size, in bytes.

    C: mergeable_min_buf_len(), get_mergeable_buf_len(), drivers/net/virtio_net.c, Linux 6.1: big packets, no XDP,
    pages of 4096, cache lines of 64
    """
    whole = header + 14 + 4 + 65535
    least = max(-(-whole // size) - header, 1518)
    return -(-(header + min(least, 4096 - header)) // 64) * 64


def _holds(fact: Callable[[], bool], given: Truth = terms.YES) -> Answer:
    """Is the fact true of all sizes, where `given` is?"""
    low = Integers()
    names = {t.data: low.lower(t) for t in (SIZE, BUDGET, PACKET, FREE)}
    size, budget, packet, free = names.values()
    solver = z3.Solver()
    solver.add(1 <= size, 1 <= budget, 1 <= packet, packet <= size, 0 <= free, free <= size)
    solver.add(low.lower(given), z3.Not(low.lower(as_term(fact))))
    return _answered(solver, names)


def _answered(solver: z3.Solver, names: dict[str, Any]) -> Answer:
    answer = solver.check()
    if answer == z3.unsat:
        return Answer("proved", {})
    if answer != z3.sat:
        return Answer("undecided", {})
    model = solver.model()
    return Answer("refuted", {name: int(str(model.eval(v, True))) for name, v in names.items()})
