"""What the driver could do without: the hint event_triggered, and the MISSED bit of NAPI.

`event_triggered` saves a write; it is set and cleared without any order.  So it
is exchanged for a free choice wherever it is read: no property may depend on it.
MISSED is what an interrupt leaves behind that finds another CPU polling.  With
`virtqueue_poll()` it is not needed, and without it not enough.
"""

from __future__ import annotations

from dataclasses import replace

from vrx.models.claims import Claim, Safety, Sentence, Statement, Tier, cover, lasting, tag
from vrx.models.systems.system import System, rx
from vrx.proofs.deciders.readers import read_only_by
from vrx.proofs.kinds import DISTINCT
from vrx.proofs.museum.driver import any_hint, completes_without_looking, leaves_no_missed, notes_nothing
from vrx.proofs.running import main_for
from vrx.spec.liveness import LIVENESS
from vrx.spec.properties import SPINE, no_lost_interrupt

READ_IN_ONE_PLACE = Sentence(
    "read_in_one_place",
    "virtqueue_disable_cb_split() is the only step that reads event_triggered, and no property does.",
)
HINT = "vq.event_triggered"


def any_hints(**options: object) -> System:
    """A system in which virtqueue_disable_cb_split() finds event_triggered as it pleases, and nobody keeps it."""
    system = rx(event_idx=True, **options)
    free = system.replace("virtqueue_disable_cb_split", any_hint, "event_triggered anything", triggered=2)
    return free.replace("vring_interrupt__event_triggered", notes_nothing, "not kept")


def without_missed(**options: object) -> System:
    """A system in which the loser of SCHED leaves no MISSED."""
    return rx(**options).replace("napi_schedule_prep", leaves_no_missed)


FREE = "no property depends on the value of event_triggered"
ALONE = "virtqueue_poll() alone finds what came meanwhile"
NOT_ENOUGH = "MISSED is set and honoured, and an interrupt is lost without virtqueue_poll()"

WITHOUT_MISSED: tuple[tuple[Tier, System], ...] = (
    ("quick", without_missed()),
    ("full", without_missed(irq="other")),
    ("full", without_missed(irq="any", memory="tso", idx_bits=2)),
    ("full", without_missed(irq="other", memory="tso", event_idx=True)),
)

CLAIMS: list[Claim] = [
    Statement(
        "hint-is-read-in-one-place",
        rx(event_idx=True, memory="tso", irq="any"),
        READ_IN_ONE_PLACE,
        "proved",
        decide=read_only_by(HINT, "virtqueue_disable_cb_split"),
    ),
    *(
        Safety(f"hint-is-free-{p.name}-{tag(system)}", system, p, "proved", tier="full", note=FREE)
        for memory, guest, irq in DISTINCT
        for system in [any_hints(memory=memory, guest=guest, irq=irq)]
        for p in SPINE
    ),
    *(
        replace(c, name=f"hint-is-free-{c.name}", tier="full", note=FREE)
        for memory, guest, irq in DISTINCT[:3]
        for system in [any_hints(memory=memory, guest=guest, irq=irq, idx_bits=2, max_packet=1)]
        for c in lasting(system, *LIVENESS)
    ),
    *(
        Safety(f"missed-is-not-needed-{p.name}-{tag(system)}", system, p, "proved", tier=tier, note=ALONE)
        for tier, system in WITHOUT_MISSED
        for p in SPINE
    ),
    *(
        Safety(
            f"missed-is-not-sufficient-{tag(system)}",
            system.replace("virtqueue_poll", completes_without_looking),
            no_lost_interrupt,
            "refuted",
            tier="full" if system.cfg.event_idx else "quick",
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
    main_for(CLAIMS)
