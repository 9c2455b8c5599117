"""The packed ring in the test of the questions: what its sides keep for themselves, and where faults are asked about.

QEMU 7.2 lacks a barrier there, and loses an interrupt under TSO (`models.systems.mended`).  What kills must hold of
the steps as they are, so under TSO they are asked about with that barrier.
"""

from __future__ import annotations

from vrx.models.mutation.ring import Ring
from vrx.models.systems.mended import asking, flushing_everything, mended, with_room
from vrx.models.systems.system import rx
from vrx.spec.layouts.packed.layout import PACKED

COPIES = {
    "is_desc_avail(s, me, s.dev.last_avail_idx)": ("s.dev.last_avail_idx != s.dev.shadow_avail_idx",),
    "slot(s.cfg, dev.used_idx)": ("dev.signalled_used",),
    "vq.next_avail_idx": ("vq.last_used_idx",),
}

SYSTEMS = (
    rx(ring="packed", max_packet=1),
    rx(ring="packed", size=2, mergeable=True),
    rx(ring="packed", size=3, notify=False, mergeable=True, max_packet=3),
    rx(ring="packed", irq="other", max_packet=1),
    rx(ring="packed", stops=True, max_packet=1),
    rx(ring="packed", caller="any"),
    rx(ring="packed", event_idx=True, max_packet=1),
    mended(rx(ring="packed", memory="tso", max_packet=1)),
    mended(rx(ring="packed", memory="tso", guest="up", max_packet=1)),
    mended(rx(ring="packed", event_idx=True, memory="tso", max_packet=1)),
    rx(ring="packed", positions=True),
    rx(ring="packed", size=2, max_packet=1),
    rx(ring="packed", size=2, event_idx=True, max_packet=1, symmetry=True),
    rx(ring="packed", watch=True),
    rx(ring="packed", size=2, enable_cb="delayed", max_packet=1),
    rx(ring="packed", size=3, mergeable=True, max_packet=3, symmetry=True),
    flushing_everything(rx(ring="packed", size=2, caller="any")),
    rx(ring="packed", size=2, notify=False, data=True),
    rx(ring="packed", size=2, notify=False, data=True, mergeable=True, max_packet=3),
    rx(ring="packed", size=3, notify=False, data=True, mergeable=True, max_packet=3),
    rx(ring="packed", size=4, notify=False, data=True, mergeable=True, segments=2, max_packet=5, buffer_len=3),
    rx(ring="packed", size=3, notify=False, data=True, segments=2, max_packet=1),
    rx(ring="packed", size=2, notify=False, data=True, segments=2, max_packet=1),
    rx(ring="packed", size=2, notify=False, data=True, segments=2, indirect=True, max_packet=2),
    rx(ring="packed", size=2, notify=False, data=True, segments=2, indirect=True, filter=True),
    rx(ring="packed", size=5, notify=False, data=True, segments=3, hdr_room=2, buffer_len=4, max_packet=5),
    rx(ring="packed", size=3, notify=False, data=True, segments=2, indirect=True, max_packet=1),
    rx(ring="packed", size=2, notify=False, data=True, mergeable=True, segments=2, indirect=True, max_packet=3),
    mended(rx(ring="packed", data=True)),
    mended(rx(ring="packed", size=2, data=True, segments=2, max_packet=1)),
    rx(ring="packed", hostile="driver"),
    rx(ring="packed", hostile="device"),
    rx(ring="packed", hostile="driver", caller="any"),
    rx(ring="packed", hostile="device", notify=False, data=True),
    rx(ring="packed", size=2, hostile="device", notify=False, data=True, segments=2, max_packet=1),
    rx(ring="packed", size=2, hostile="device", notify=False, data=True, mergeable=True, max_packet=3),
    asking(rx(ring="packed", hostile="driver", notify=False, data=True)),
    rx(ring="packed", hostile="driver", notify=False, data=True, mergeable=True, max_packet=1),
    asking(rx(ring="packed", hostile="driver", notify=False, data=True, segments=2, indirect=True, max_packet=1)),
    asking(rx(ring="packed", size=2, hostile="driver", notify=False, data=True, segments=2, max_packet=1)),
    with_room(rx(ring="packed", size=2, hostile="driver", notify=False, data=True, mergeable=True, max_packet=2)),
    rx(ring="packed", size=2, hostile="driver", notify=False, data=True, mergeable=True, max_packet=3, max_elements=1),
)

RING = Ring(PACKED, COPIES, SYSTEMS)
