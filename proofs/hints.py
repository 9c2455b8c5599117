"""What the driver could do without: the hint event_triggered, and the MISSED bit of NAPI.

`event_triggered` saves a write; it is set and cleared without any order.  So it
is exchanged for a free choice wherever it is read: no property may depend on it.
MISSED is what an interrupt leaves behind that finds another CPU polling.  With
`virtqueue_poll()` it is not needed, and without it not enough.
"""

from __future__ import annotations

import sys
import time

from vrx.models.claims import Claim, Outcome, Tier, cover, lasting, tag
from vrx.models.symbolic.reading import Reading
from vrx.models.symbolic.relation import Term, variables_of
from vrx.models.symbolic.trees import Fork, Tree, nodes
from vrx.models.systems.system import System, rx
from vrx.proofs.museum.driver import any_hint, completes_without_looking, leaves_no_missed, notes_nothing
from vrx.spec.liveness import LIVENESS
from vrx.spec.properties import ALL, SPINE, Property, no_lost_interrupt

KINDS = (
    ("sc", "smp", "same"),
    ("sc", "smp", "other"),
    ("tso", "smp", "same"),
    ("tso", "smp", "other"),
    ("tso", "up", "same"),
)
"""Memory model, guest, and where the interrupt is taken."""
HINT = "vq.event_triggered"


def any_hints(**options: object) -> System:
    """A system in which virtqueue_disable_cb_split() finds event_triggered as it pleases, and nobody keeps it."""
    system = rx(event_idx=True, **options)
    free = system.replace("virtqueue_disable_cb_split", any_hint, "event_triggered anything", triggered=2)
    return free.replace("vring_interrupt__event_triggered", notes_nothing, "not kept")


def without_missed(**options: object) -> System:
    """A system in which the loser of SCHED leaves no MISSED."""
    return rx(**options).replace("napi_schedule_prep", leaves_no_missed)


def readers_of(system: System, field: str) -> set[str]:
    """The steps and properties that depend on a field of the state, in any configuration of their arguments."""
    reading = Reading(system)
    place = next(i for i, f in enumerate(reading.fields) if f.name == field)
    wanted = id(reading.variables[place])
    trees = [(t.action.step.name, t.tree) for t in reading.actions]
    trees += [(p.name, reading.property_tree(p)) for p in ALL]
    return {name for name, tree in trees if _depends(tree, wanted)}


def _depends(tree: Tree, wanted: int) -> bool:
    return any(wanted in variables_of(term) for node in nodes(tree) for term in _terms(node))


def _terms(node: Tree) -> list[Term]:
    if isinstance(node, Fork):
        return [node.condition]
    return [*(node.updates or {}).values(), *([node.result] if node.result is not None else [])]


def read_in_one_place(state: object) -> bool:
    """virtqueue_disable_cb_split() is the only step that reads event_triggered, and no property does."""
    return True


def _decide(claim: Claim) -> Outcome:
    began = time.monotonic()
    assert claim.system is not None
    found = readers_of(claim.system, HINT)
    seconds = time.monotonic() - began
    if found == {"virtqueue_disable_cb_split"}:
        return Outcome("proved", "terms", seconds=seconds)
    return Outcome("refuted", "terms", seconds=seconds, reason=f"read by {', '.join(sorted(found)) or 'no step'}")


FREE = "no property depends on the value of event_triggered"
ALONE = "virtqueue_poll() alone finds what came meanwhile"
NOT_ENOUGH = "MISSED is set and honoured, and an interrupt is lost without virtqueue_poll()"

WITHOUT_MISSED: tuple[tuple[Tier, System], ...] = (
    ("quick", without_missed()),
    ("quick", without_missed(irq="other")),
    ("full", without_missed(irq="any", memory="tso", idx_bits=2)),
    ("full", without_missed(irq="other", memory="tso", event_idx=True)),
)

CLAIMS: list[Claim] = [
    Claim(
        "hint-is-read-in-one-place",
        rx(event_idx=True, memory="tso", irq="any"),
        Property("read_in_one_place", read_in_one_place, "always"),
        "proved",
        decide=_decide,
    ),
    *(
        Claim(f"hint-is-free-{p.name}-{tag(system)}", system, p, "proved", tier="full", note=FREE)
        for memory, guest, irq in KINDS
        for system in [any_hints(memory=memory, guest=guest, irq=irq)]
        for p in SPINE
    ),
    *(
        Claim(f"hint-is-free-{c.name}", system, c.property, "proved", tier="full", note=FREE, liveness=c.liveness)
        for memory, guest, irq in KINDS[:3]
        for system in [any_hints(memory=memory, guest=guest, irq=irq, idx_bits=2, max_packet=1)]
        for c in lasting(system, *LIVENESS)
    ),
    *(
        Claim(f"missed-is-not-needed-{p.name}-{tag(system)}", system, p, "proved", tier=tier, note=ALONE)
        for tier, system in WITHOUT_MISSED
        for p in SPINE
    ),
    *(
        Claim(
            f"missed-is-not-sufficient-{tag(system)}",
            system.replace("virtqueue_poll", completes_without_looking),
            no_lost_interrupt,
            "refuted",
            note=NOT_ENOUGH,
        )
        for system in (rx(irq="other"), rx(irq="other", event_idx=True))
    ),
    cover("missed_is_honoured", rx(irq="other"), "MISSED refuses a completion"),
    cover(
        "missed_is_honoured_in_vain",
        rx(irq="other").replace("virtqueue_poll", completes_without_looking),
        "MISSED refuses a completion",
    ),
]

if __name__ == "__main__":
    from vrx.proofs.running import main_for

    sys.exit(main_for(CLAIMS))
