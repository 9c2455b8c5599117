"""Whose context is whose, and what each side has written: memory as the CPU of a store buffer sees it."""

from __future__ import annotations

from typing import Any

from vrx.models.engines.induction.logic import every, some
from vrx.spec.linux.state import HardIrq, Softirq
from vrx.spec.memory import StoreBuffer
from vrx.spec.ring import slot
from vrx.spec.rx import State
from vrx.spec.words import pick


def softirq(s: State) -> Softirq:
    """The context that polls: CPU 0 (`irq=same` and `irq=other`)."""
    return s.cpus[0].softirq


def hardirq(s: State) -> HardIrq:
    """The context that takes the interrupt: CPU 0, or CPU 1 where irq=other."""
    return s.cpus[-1].hardirq


def driver_stores(s: State) -> StoreBuffer | None:
    """The store buffer of the CPU that polls."""
    return s.buffers[0] if s.cfg.memory == "tso" else None


def device_stores(s: State) -> StoreBuffer | None:
    """The store buffer of the main loop's CPU."""
    return s.buffers[-1] if s.cfg.memory == "tso" else None


def written(buffer: StoreBuffer | None, place: Any, in_memory: Any) -> Any:
    """A location as the CPU of the store buffer sees it: its youngest waiting store, else memory."""
    if buffer is None:
        return in_memory
    for where, value in zip(_all(buffer.where), _all(buffer.value), strict=True):
        in_memory = pick(where == place.code, value, in_memory)
    return in_memory


def waits(buffer: StoreBuffer | None, *places: Any) -> Any:
    """A store to one of the locations waits in the buffer."""
    if buffer is None:
        return False
    return some(*(where == p.code for where in _all(buffer.where) for p in places))


def entry(s: State, buffer: StoreBuffer | None, place: Any, index: Any) -> Any:
    """A ring entry as its writer would read it back."""
    at_slot = slot(s.cfg, index)
    value = getattr(s.ring, place.fields[0])[at_slot]
    if buffer is None:
        return value
    for where, there, waiting in zip(_all(buffer.where), _all(buffer.at), _all(buffer.value), strict=True):
        value = pick(every(where == place.code, there == at_slot), waiting, value)
    return value


def _all(array: Any) -> Any:
    """The entries of an array of a store buffer."""
    return list.__iter__(array)
