"""From the name of a target to the target: one of ours, or a class in somebody's file."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vrx.models.conformance.entrances import Exhibits, no_exhibits
from vrx.models.conformance.errors import NoTarget
from vrx.models.conformance.protocol import Plan, SideName
from vrx.models.conformance.targets.plans import PLANS
from vrx.models.conformance.worker.own_target import made_by
from vrx.models.systems.nearest_names import nearest
from vrx.models.terminal.sources import from_source


@dataclass(frozen=True)
class Located:
    """A target by name.

    make: makes it, in the process that it shall run in; side: None where it says so itself, when it is made
    """

    name: str
    side: SideName | None
    make: Callable[[], Any]
    model: str = ""


def locate(name: str, exhibits: Exhibits = no_exhibits) -> Located:
    """The target called `name`, with a fault planted if it is NAME+FAULT; or FILE.py:CLASS.  Raises NoTarget."""
    base, plus, fault = name.partition("+")
    for plan in PLANS:
        if plan.name == base:
            return _planned(plan, {"fault": _fault(plan, fault, exhibits)} if plus else {})
    path, colon, attribute = name.rpartition(":")
    if colon and path.endswith(".py"):
        return _from_file(name, Path(path), attribute)
    hint = nearest(name, [plan.name for plan in PLANS])
    own = "" if "mean" in hint else ", or FILE.py:CLASS for your own"
    raise NoTarget(f"no target is called {name!r}; {hint}{own}")


def _planned(plan: Plan, planted: Mapping[str, Any]) -> Located:
    module, _, attribute = plan.make.partition(":")
    made = getattr(importlib.import_module(module), attribute)
    options = {**dict(plan.options), **planted}
    return Located(plan.name, plan.side, lambda: made(**options), plan.model)


def _fault(plan: Plan, name: str, exhibits: Exhibits) -> Any:
    """What the class of a plan takes as the fault of this name.  Raises NoTarget."""
    able = [fault.name for fault in plan.faults]
    if not able:
        takers = ", ".join(sorted(p.name for p in PLANS if p.faults))
        raise NoTarget(f"no fault can be planted in {plan.name}; in {takers} some can")
    if name not in able:
        raise NoTarget(f"no fault of {plan.name} is called {name!r}; {nearest(name, able)}")
    if not plan.exhibits:
        return name
    exhibit = next((e for e in exhibits() if e.id == name), None)
    if exhibit is None:
        raise NoTarget(f"{name} is an exhibit, which nobody handed down here: vrx conform {plan.name}+{name} does")
    return exhibit


def _from_file(name: str, path: Path, attribute: str) -> Located:
    if not path.is_file():
        raise NoTarget(f"{path}: there is no such file")
    if not attribute.isidentifier():
        raise NoTarget(f"{path}: name a class of it: {path}:MyDevice, for instance")
    spec = importlib.util.spec_from_file_location(f"vrx_target_{path.stem}", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    sys.path.insert(0, str(path.parent.resolve()))  # what stands beside it is its own
    try:
        with from_source():
            spec.loader.exec_module(module)
    except SystemExit as error:
        raise NoTarget(f"{path} ends the process when it is loaded: sys.exit({error.code!r})") from None
    if not hasattr(module, attribute):
        classes = [n for n, x in vars(module).items() if isinstance(x, type) and x.__module__ == spec.name]
        raise NoTarget(f"{path} has no class {attribute!r}; {nearest(attribute, classes)}")
    return Located(name, None, lambda: made_by(getattr(module, attribute), name))
