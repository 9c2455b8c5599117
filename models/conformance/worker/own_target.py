"""A target from somebody's file: what it lacks is said before it runs, and what goes wrong in it is a result.

A class of one's own is both the adapter and, often, the implementation.  So an exception
in it is a crash, with the scenario that brought it about; and what it returns is looked at,
or the harness would stumble over it somewhere else.
"""

from __future__ import annotations

import inspect
import traceback
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import wraps
from pathlib import Path
from typing import Any, Final

from vrx.models.conformance.errors import ConformError, NoTarget
from vrx.models.conformance.memory import Memory
from vrx.models.conformance.protocol import (
    Crashed,
    DeviceUnderTest,
    Hung,
    QueueDriver,
    Setup,
    SideName,
    Taken,
    Unsupported,
)
from vrx.models.conformance.wire.layout import QueueAddresses
from vrx.models.systems.nearest_names import nearest

OPTIONS: Final[Mapping[str, Sequence[str]]] = {
    "stop": ("stop", "go_on"),
    "reset_queue": ("reset_queue",),
    "begin": ("begin",),
    "steps": ("steps",),
    "shape": ("shape",),
    "prepare": ("prepare", "poll"),
    "delayed": ("enable_delayed",),
    "writable": (),
}
"""What `can` may have, and the methods that go with it."""
EXTRA: Final[Mapping[str, int]] = {"begin": 1, "steps": 1, "shape": 1}
"""Arguments of those methods that no protocol has."""
UNASKED: Final = {name for names in OPTIONS.values() for name in names} | {"delivered"}
"""Methods of the protocols that a target need not have."""
RETURNS: Final[Mapping[str, tuple[tuple[type, ...], str]]] = {
    "version": ((str,), "a text"),
    "broken": ((bool, int), "True or False"),
    "interrupts": ((int,), "a number: how many came since the last call"),
    "kicks": ((int,), "a number: how many came since the last call"),
    "called_back": ((int,), "a number: how often it ran since the last call"),
    "post": ((bool, int), "True, or False where there is no room"),
    "take": ((Taken, type(None)), "a Taken(token, length), or None"),
    "enable": ((bool, int), "True, or False where used buffers wait already"),
    "enable_delayed": ((bool, int), "True, or False where that much is used already"),
    "prepare": ((int,), "the number that poll takes"),
    "poll": ((bool, int), "True or False"),
    "detach": ((int, type(None)), "a token, or None"),
}
"""What the methods of a target return, and how that is called."""
HERE: Final = Path(__file__).resolve().parents[1]
"""What a target calls of ours is not where it goes wrong."""
PASS: Final = (Crashed, Hung, Unsupported, ConformError)
"""Exceptions that a target raises to say something."""


class Raised(Crashed):
    """An exception in a target's own code.  summary: without what may differ from run to run."""

    def __init__(self, error: BaseException, method: str) -> None:
        frames = traceback.extract_tb(error.__traceback__)
        own = [f for f in frames if f.filename[0] != "<" and not Path(f.filename).is_relative_to(HERE)] or frames
        where = f"{Path(own[-1].filename).name}, line {own[-1].lineno}"
        self.summary = f"{method}() raises {type(error).__name__}: {where}"
        super().__init__(f"{self.summary}: {' '.join(str(error).split())}")


class OwnTarget:
    """A target of one's own as the harness calls it.  Raises NoTarget where it cannot be one.

    name: FILE.py:CLASS, for errors; side: what it is
    """

    def __init__(self, target: Any, name: str) -> None:
        self._target, self._name = target, name
        self.side = side_of(target, name)
        for method, arguments in _methods(self.side).items():
            _has(target, name, method, arguments, "")
        self.can = _can(target, name)
        for option in self.can:
            for method in OPTIONS[option]:
                taken = EXTRA[method] if method in EXTRA else _arguments(self.side, method)
                _has(target, name, method, taken, f', though "{option}" is in can')
        if not isinstance(getattr(target, "memory", None), Memory):
            raise NoTarget(f"{name}: memory is none: make one in __init__, SharedFile(16 << 20).memory() for instance")
        for method in {*_methods(self.side), *UNASKED, *EXTRA}:
            if callable(getattr(target, method, None)):
                setattr(self, method, self._told(method))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._target, name)

    def setups(self) -> Sequence[Setup]:
        """Its configurations, which are some, and all are `Setup`."""
        given = self._call("setups", self._target.setups)
        if not isinstance(given, Iterable) or not (found := list(given)):
            raise NoTarget(f"{self._name}: setups() returns {given!r}: use a list of one setup(...) or more")
        for one in found:
            if not isinstance(one, Setup):
                raise NoTarget(f"{self._name}: setups() has {one!r}, which is no setup(...)")
        return list(dict.fromkeys(found))

    def start(self, *arguments: Any) -> QueueAddresses | None:
        """Of a driver: where its queue lies."""
        where = self._call("start", self._target.start, *arguments)
        if self.side == "driver" and not isinstance(where, QueueAddresses):
            raise NoTarget(f"{self._name}: start() returns {where!r}: use QueueAddresses")
        return where if self.side == "driver" else None

    def _told(self, method: str) -> Callable[..., Any]:
        if method in ("setups", "start"):
            mine: Callable[..., Any] = getattr(self, method)
            return mine
        function = getattr(self._target, method)
        kinds, words = RETURNS.get(method, ((object,), ""))

        @wraps(function)
        def call(*arguments: Any) -> Any:
            got = self._call(method, function, *arguments)
            if not isinstance(got, kinds):
                raise NoTarget(f"{self._name}: {method}() returns {got!r}: use {words}")
            return got

        return call

    def _call(self, method: str, function: Callable[..., Any], *arguments: Any) -> Any:
        try:
            return function(*arguments)
        except PASS:
            raise
        except Exception as error:
            raise Raised(error, method) from error


def made_by(kind: Any, name: str) -> OwnTarget:
    """The target that a class, or a function, of somebody's file makes.  Raises NoTarget."""
    if not callable(kind):
        raise NoTarget(f"{name} is {kind!r}: name a class, or a function that makes a target")
    try:
        inspect.signature(kind).bind()
    except TypeError:
        takes = inspect.signature(kind)
        raise NoTarget(f"{name}{takes} is made without arguments: give its parameters defaults") from None
    return OwnTarget(kind(), name)


def side_of(target: Any, name: str) -> SideName:
    """What a target is, by its methods.  Raises NoTarget."""
    if hasattr(target, "inject"):
        return "device"
    if hasattr(target, "post"):
        return "driver"
    if hasattr(target, "interrupt"):
        raise NoTarget(
            f"{name} is a whole driver, and vrx has no device yet that one could drive: give it the methods of a "
            "QueueDriver (post, kick, take, disable, enable, ...), which vrx calls as a network driver would"
        )
    raise NoTarget(f"{name} is no target: a device has inject(frame), a driver post(segments, token); "
                   "vrx.models.conformance.protocol says what else")  # fmt: skip


def _methods(side: SideName) -> Mapping[str, int]:
    """What a target of this side has to have: how many arguments each method is called with."""
    return {name: _arguments(side, name) for name in _protocol(side) if name not in UNASKED}


def _protocol(side: SideName) -> Mapping[str, Callable[..., Any]]:
    kind: type[Any] = DeviceUnderTest if side == "device" else QueueDriver
    return {name: x for p in reversed(kind.__mro__) for name, x in vars(p).items() if inspect.isfunction(x)
            and not name.startswith("_")}  # fmt: skip


def _arguments(side: SideName, method: str) -> int:
    return len(inspect.signature(_protocol(side)[method]).parameters) - 1


def _has(target: Any, name: str, method: str, arguments: int, why: str) -> None:
    """Can this method be called with so many arguments?  Raises NoTarget."""
    function = getattr(target, method, None)
    if not callable(function):
        raise NoTarget(f"{name} has no method {method}(){why}")
    try:
        inspect.signature(function).bind(*[None] * arguments)
    except TypeError:
        taken = inspect.signature(function)
        raise NoTarget(f"{name}: {method}{taken} is called with {arguments} arguments: see `{method}` in "
                       "vrx.models.conformance.protocol") from None  # fmt: skip
    except ValueError:
        return  # a function of C: nobody knows


def _can(target: Any, name: str) -> frozenset[str]:
    """What it offers beside.  Raises NoTarget."""
    given = getattr(target, "can", None)
    if isinstance(given, str) or not isinstance(given, Iterable):
        raise NoTarget(f"{name}: can is {given!r}: use frozenset(), or a set of {', '.join(OPTIONS)}")
    for option in (options := frozenset(given)):
        if option not in OPTIONS:
            raise NoTarget(f"{name}: can has {option!r}; {nearest(str(option), OPTIONS)}")
    return options
