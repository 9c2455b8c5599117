"""Is a system of a user's what its name says?

The name has the configuration, and what `.replace`, `.without`, `.declare` and `.widen` changed.  A system is a
dataclass, so that Python makes others of it: with steps left out, another rule about who may run, or nothing said of
what is exchanged.  What is found of such a one would stand below the name of another.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from vrx.models.systems.system import RINGS, System, rx
from vrx.spec.config import Config
from vrx.spec.steps import Step

MEND = "make it with rx(...), .replace, .without, .declare and .widen; a layout of your own has a name of its own"
MADE = ("new_state", "actors", "may_run")
KEPT = ("name", "machine", "at", "environment", "only")
"""What an exchanged step has of the step that it stands for."""


def another_than_named(system: System) -> str:
    """What of a system its name does not say, and the mend; empty for none, and for systems that are none of `rx`."""
    if not isinstance(system.cfg, Config):
        return ""
    wrong = _wrong(system)
    return f"{wrong}, which its name does not say: {MEND}" if wrong else ""


def _wrong(system: System) -> str:
    if type(system) is not System or type(system.cfg) is not Config:
        odd = type(system) if type(system) is not System else type(system.cfg)
        return f"it is of a class of its own, {odd.__name__}"
    usual = rx()
    composed: Any = system.composed
    layout = composed.args[0] if isinstance(composed, partial) and composed.func is usual.composed.func else None  # type: ignore[union-attr]
    if layout is None or layout.shape is not system.cfg.layout:
        return "its machines are not those of its configuration"
    if RINGS.get(str(layout), layout) is not layout:
        return f"its layout is not the one that is called {layout}"
    plain = rx(layout=layout).under(system.cfg)
    for name in MADE:
        if getattr(system, name) is not getattr(plain, name):
            return f"it has another {name}"
    if system.barriers != plain.barriers or system.helpers != plain.helpers:
        return "its machines are not those of its configuration"
    here, there = {s.name: s for s in system.steps}, {s.name: s for s in plain.steps}
    if odd_step := next((name for name in [*there, *here] if not _stands(here.get(name), there.get(name))), ""):
        return f"its step {odd_step} is not that of its configuration"
    if system.replaced and not system.changed:
        return f"it exchanges {', '.join(system.replaced)}"
    return next((one.text for one in system.declared if one.text not in system.changed), "")


def _stands(mine: Step | None, plain: Step | None) -> bool:
    """Is it the step of the configuration, or one that was exchanged for it?"""
    if mine is None or plain is None:
        return False
    if mine == plain:
        return True
    same = all(getattr(mine, name) == getattr(plain, name) for name in KEPT)
    return same and mine.stands_for is not None and mine.origin == plain
