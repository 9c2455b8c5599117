"""Contexts: the threads of control that run steps.

A context has a program counter and a short stack of return points, so that a C
function that several places call is written once: `me.call(f, then=after)` goes
to f and `me.ret()` comes back.  Contexts run on CPUs, and a CPU owns the store
buffer: hard interrupt and softirq of one guest CPU share theirs.
"""

from __future__ import annotations

from dataclasses import dataclass, make_dataclass
from enum import IntEnum
from functools import cache
from typing import Any, ClassVar

from vrx.spec.steps import ModelError


@dataclass(slots=True)
class Context:
    """One thread of control.  `pc`, `ret0`, `ret1` are state; name and cpu are fixed.

    The subclass says which enumerations of program points the three fields hold; point 0 of the first is idle.

    points: these enumerations; no two members have the same number
    side: whose code it runs, "driver" or "device"; empty where there are no sides
    """

    points: ClassVar[tuple[type[IntEnum], ...]] = ()
    side: ClassVar[str] = ""
    name: str
    cpu: int

    def goto(self, point: IntEnum) -> None:
        """Continue at `point` when the context runs next.  ModelError for a point of another kind of context."""
        me: Any = self
        me.pc = point if point.__class__ in self.points else self._own(point)

    def call(self, point: IntEnum, then: IntEnum) -> None:
        """Go to a function and come back to `then`.  At most two calls deep."""
        me: Any = self
        if isinstance(me.ret1, int) and me.ret1 != 0:
            raise ModelError(f"{self.name}: call to {point.name} is more than two calls deep")
        me.ret1 = me.ret0
        me.ret0 = self._own(then)
        me.pc = self._own(point)

    def _own(self, point: IntEnum) -> IntEnum:
        """The point, which must be one of this context's."""
        if isinstance(point, int) and not isinstance(point, self.points):
            said = f"{type(point).__name__}.{point.name}" if isinstance(point, IntEnum) else repr(point)
            known = " or ".join(f"{points.__module__}.{points.__name__}" for points in self.points)
            raise ModelError(f"{said} is no program point of {self.name}: use one of {known}")
        return point

    def ret(self) -> None:
        """Come back from a function to where it was called from."""
        me: Any = self
        me.pc = me.ret0
        me.ret0 = me.ret1
        me.ret1 = self.idle()

    def idle(self) -> IntEnum:
        """The point where the context waits for something to do."""
        return self.points[0](0)

    def point(self, number: int) -> IntEnum:
        """The program point that has a number.  ValueError where none has."""
        for points in self.points:
            if number in points.__members__.values():
                return points(number)
        raise ValueError(f"{number} is no program point of {self.name}")


IN_ITS_ROLE: tuple[str, ...] = ()
"""The `__slots__` of a class that extends a kind of contexts (`Softirq`) by a ring's own locals: there are several
roles of that kind, and `with_ring` makes room in each."""


def with_ring(role: Any, ring: Any) -> Any:
    """The class of a context in a role (`NetRx`, `BusyPoller`), with the points and locals that a ring's steps have.

    ring: the class that a layout has extended (`spec.layouts.shape`)
    """
    return _extended(role, ring)


@cache
def _extended(role: Any, ring: Any) -> Any:
    return role if issubclass(role, ring) else make_dataclass(role.__name__, [], bases=(ring, role), slots=True)
