"""Where a step belongs, and where a question has a meaning: conditions on a configuration, as values.

A switch is one truth about a configuration (`spec.switches` has them all).  `A & B` is where both are on, `A | B` where
one of them is, `~A` where it is off; `ANYWHERE` asks for nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NoReturn


@dataclass(frozen=True)
class Reason:
    """Why a question has no meaning in some systems.  use: the options that change it, any of them."""

    why: str
    use: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.why}: use {', or '.join(self.use)}" if self.use else self.why


class Where:
    """A condition on a configuration."""

    @property
    def name(self) -> str:
        """What it asks for, in a few words."""
        raise NotImplementedError

    @property
    def setting(self) -> str:
        """The same as errors say it: `data=True`."""
        raise NotImplementedError

    @property
    def reason(self) -> Reason:
        """Why a question that asks for it has no meaning elsewhere."""
        return Reason(f"it is a question for systems with {self.name} only")

    @property
    def parts(self) -> tuple[Where, ...]:
        """What all has to hold."""
        return (self,)

    def holds(self, cfg: Any) -> bool:
        """Is a configuration such?"""
        raise NotImplementedError

    def lacking(self, cfg: Any) -> list[Where]:
        """The parts that a configuration does not have."""
        return [part for part in self.parts if not part.holds(cfg)]

    def __contains__(self, switch: Switch) -> bool:
        """Is the switch asked to be on, maybe beside others of which one is enough?"""
        return False

    def __and__(self, other: Where) -> Where:
        return Both((*self.parts, *other.parts))

    def __or__(self, other: Where) -> Where:
        return Either((self, other))

    def __bool__(self) -> NoReturn:
        raise TypeError("a switch is on or off in a configuration: combine switches by &, | and ~, not by words")


@dataclass(frozen=True)
class Switch(Where):
    """One truth about a configuration.

    called: its name; on: whether it is on
    where_off: why a question that needs it on has no meaning where it is off; where_on: of one that needs it off
    """

    called: str
    on: Callable[[Any], bool]
    where_off: Reason | None = None
    where_on: Reason | None = None

    @property
    def name(self) -> str:
        return self.called

    @property
    def setting(self) -> str:
        return f"{self.called}=True"

    @property
    def reason(self) -> Reason:
        return self.where_off or super().reason

    def holds(self, cfg: Any) -> bool:
        return self.on(cfg)

    def __contains__(self, switch: Switch) -> bool:
        return self == switch

    def __invert__(self) -> Off:
        return Off(self)


@dataclass(frozen=True)
class Off(Where):
    """Where a switch is off."""

    switch: Switch

    @property
    def name(self) -> str:
        return f"no {self.switch.name}"

    @property
    def setting(self) -> str:
        return f"{self.switch.called}=False"

    @property
    def reason(self) -> Reason:
        return self.switch.where_on or super().reason

    def holds(self, cfg: Any) -> bool:
        return not self.switch.holds(cfg)

    def __invert__(self) -> Switch:
        return self.switch


@dataclass(frozen=True)
class Either(Where):
    """Where one of several holds."""

    of: tuple[Where, ...]

    @property
    def name(self) -> str:
        return " or ".join(one.name for one in self.of)

    @property
    def setting(self) -> str:
        return " or ".join(one.setting for one in self.of)

    @property
    def reason(self) -> Reason:
        reasons = [one.reason for one in self.of]
        return Reason(", and ".join(r.why for r in reasons), tuple(use for r in reasons for use in r.use))

    def holds(self, cfg: Any) -> bool:
        return any(one.holds(cfg) for one in self.of)

    def __contains__(self, switch: Switch) -> bool:
        return any(switch in one for one in self.of)


@dataclass(frozen=True)
class Both(Where):
    """Where all of several hold."""

    of: tuple[Where, ...]

    @property
    def name(self) -> str:
        return " and ".join(one.name for one in self.of)

    @property
    def setting(self) -> str:
        return " and ".join(one.setting for one in self.of)

    @property
    def parts(self) -> tuple[Where, ...]:
        return self.of

    def holds(self, cfg: Any) -> bool:
        return all(one.holds(cfg) for one in self.of)

    def __contains__(self, switch: Switch) -> bool:
        return any(switch in one for one in self.of)


ANYWHERE: Where = Both(())
"""Every system."""
