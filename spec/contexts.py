"""Contexts: the threads of control that run steps.

A context has a program counter and a short stack of return points, so that a C
function that several places call is written once: `me.call(f, then=after)` goes
to f and `me.ret()` comes back.  Contexts run on CPUs, and a CPU owns the store
buffer: hard interrupt and softirq of one guest CPU share theirs.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Any, ClassVar

from vrx.spec.steps import ModelError


@dataclass(slots=True)
class Context:
    """One thread of control.  `pc`, `ret0`, `ret1` are state; name and cpu are fixed.

    The subclass says which enumeration of program points the three fields hold; point 0 is idle.
    side: whose code it runs, "driver" or "device"; empty where there are no sides
    """

    side: ClassVar[str] = ""
    name: str
    cpu: int

    def goto(self, point: IntEnum) -> None:
        """Continue at `point` when the context runs next.  ModelError for a point of another kind of context."""
        me: Any = self
        me.pc = point if point.__class__ == self.idle().__class__ else self._own(point)

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
        points = type(self.idle())
        if isinstance(point, int) and not isinstance(point, points):
            said = f"{type(point).__name__}.{point.name}" if isinstance(point, IntEnum) else repr(point)
            raise ModelError(
                f"{said} is no program point of {self.name}: use one of {points.__module__}.{points.__name__}"
            )
        return point

    def ret(self) -> None:
        """Come back from a function to where it was called from."""
        me: Any = self
        me.pc = me.ret0
        me.ret0 = me.ret1
        me.ret1 = type(me.idle())(0)

    def idle(self) -> IntEnum:
        """The point where the context waits for something to do."""
        raise NotImplementedError
