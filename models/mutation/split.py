"""The split ring in the test of the questions: what its sides keep for themselves, and where faults are asked about."""

from __future__ import annotations

from vrx.models.mutation.ring import Ring
from vrx.models.systems.standard_systems import peers
from vrx.models.systems.system import rx
from vrx.spec.layouts.split.layout import SPLIT
from vrx.spec.layouts.split.memory import loc
from vrx.spec.layouts.split.state import SplitState
from vrx.spec.memory import store
from vrx.spec.qemu.state import MainLoop
from vrx.spec.ring import idx_add, slot
from vrx.spec.sizes import SIZE
from vrx.spec.steps import require
from vrx.spec.words import pick

COPIES = {
    "load(s, me, loc.avail_idx)": ("s.dev.shadow_avail_idx",),
    "vring_avail_idx(s, me)": ("s.dev.shadow_avail_idx",),
    "load(s, me, loc.used_idx)": ("s.vq.last_used_idx",),
    "load(s, me, loc.used_event)": ("s.dev.signalled_used",),
    "s.dev.used_idx": ("s.dev.signalled_used",),
    "dev.used_idx": ("dev.signalled_used",),
}

BETWEEN_SEVERAL = 2
"""What a header says of a packet that goes on in another buffer, on a ring of 2."""


def lies_about_a_length(s: SplitState, me: MainLoop, entry: int, longer: int) -> None:
    """A used entry names the buffer of its own place, and says that it is full, or longer than it is."""
    store(s, me, loc.used_elem[entry], (entry, s.cfg.capacity + longer))


def promises_another(s: SplitState, me: MainLoop, entry: int) -> None:
    """Any buffer tells of another one behind it."""
    store(s, me, loc.num_buffers[entry], BETWEEN_SEVERAL)


def lies_about_the_first(s: SplitState, me: MainLoop, entry: int) -> None:
    """The next used entry names the buffer of its own place, and says that it is full; the first place's is longer."""
    require(entry == slot(s.cfg, s.dev.used_idx) and s.dev.last_avail_idx == s.dev.used_idx)
    store(s, me, loc.used_elem[entry], (entry, s.cfg.capacity + pick(entry == 0, 1, 0)))
    s.dev.last_avail_idx = idx_add(s.cfg, s.dev.used_idx, 1)


def promises_three(s: SplitState, me: MainLoop, entry: int) -> None:
    """The first buffer tells of two behind it, others of none."""
    require(entry == slot(s.cfg, s.dev.used_idx) and s.dev.last_avail_idx == s.dev.used_idx)
    store(s, me, loc.num_buffers[entry], pick(entry == 0, 3, 1))


def lies_about_the_second(s: SplitState, me: MainLoop, entry: int) -> None:
    """Likewise, and it is the second place's that is longer."""
    require(entry == slot(s.cfg, s.dev.used_idx) and s.dev.last_avail_idx == s.dev.used_idx)
    store(s, me, loc.used_elem[entry], (entry, s.cfg.capacity + pick(entry == 1, 1, 0)))
    s.dev.last_avail_idx = idx_add(s.cfg, s.dev.used_idx, 1)


def promises_two(s: SplitState, me: MainLoop, entry: int) -> None:
    """The first buffer tells of one behind it, others of none."""
    require(entry == slot(s.cfg, s.dev.used_idx) and s.dev.last_avail_idx == s.dev.used_idx)
    store(s, me, loc.num_buffers[entry], pick(entry == 0, 2, 1))


def publishes_the_next(s: SplitState, me: MainLoop, index: int) -> None:
    """The used index goes on by one, where the entry is written: three of a packet, and one more, and no further."""
    require(s.dev.last_avail_idx != s.dev.used_idx and s.dev.used_idx < 4)
    s.dev.used_idx = s.dev.last_avail_idx
    store(s, me, loc.used_idx, s.dev.used_idx)


LYING_IN_ORDER = (
    rx(size=4, idx_bits=3, hostile="device", notify=False, data=True, mergeable=True, max_packet=5)
    .replace("lies_used_entry", lies_about_the_first, entry=SIZE)
    .replace("lies_used_idx", publishes_the_next, index=1)
    .replace("lies_num_buffers", promises_three, entry=SIZE)
)
"""A device whose packets of three buffers begin with one that is too long, on a ring of 4: a packet that is thrown away
has two further buffers there."""
LYING_BEHIND = (
    rx(size=4, idx_bits=3, hostile="device", notify=False, data=True, mergeable=True, max_packet=5)
    .replace("lies_used_entry", lies_about_the_second, entry=SIZE)
    .replace("lies_used_idx", publishes_the_next, index=1)
    .replace("lies_num_buffers", promises_two, entry=SIZE)
)
"""The same with packets of two buffers, of which the second one is too long: what lies behind it is of another packet.
"""
LYING_LITTLE = (
    rx(size=2, idx_bits=2, hostile="device", notify=False, data=True, mergeable=True, max_packet=1)
    .replace("lies_used_entry", lies_about_a_length, entry=SIZE, longer=2)
    .replace("lies_num_buffers", promises_another, entry=SIZE)
)
"""A device that lies about lengths and numbers of buffers and tells the truth about ids, on a ring of 2: a packet that
is thrown away has further buffers there.  One that lies about everything has 85 million states."""

SYSTEMS = (
    rx(size=2, enable_cb="delayed", max_packet=1),
    rx(idx_bits=2, notify=False, data=True),
    rx(size=2, notify=False, data=True, segments=2),
    rx(size=2, idx_bits=2, notify=False, data=True, mergeable=True, max_packet=3),
    rx(idx_bits=2, notify=False, data=True, segments=3, indirect=True, hdr_room=2, buffer_len=4, max_packet=9),
    peers(peer="any-driver", idx_bits=2),
    peers(idx_bits=2),
    rx(idx_bits=2, stops=True, max_packet=1),
    rx(idx_bits=2, irq="other", max_packet=1),
    rx(idx_bits=2, memory="tso", max_packet=1),
    rx(idx_bits=2, memory="tso", guest="up", max_packet=1),
    rx(idx_bits=2, busy_poll="same", memory="tso", max_packet=1),
    rx(idx_bits=2, gro_flush_timeout=True, defer_hard_irqs=1, memory="tso", max_packet=1),
    rx(idx_bits=2, data=True, max_packet=1),
    rx(idx_bits=2, data=True, mergeable=True, max_packet=1),
    rx(idx_bits=2, data=True, segments=2, indirect=True, max_packet=1),
    rx(size=2, data=True, segments=2, max_packet=1),
    peers(peer="any-device", idx_bits=2),
    rx(idx_bits=2, hostile="driver"),
    rx(idx_bits=2, hostile="device"),
    rx(idx_bits=2, hostile="device", notify=False, data=True),
    rx(idx_bits=2, hostile="device", notify=False, data=True, mergeable=True, max_packet=1),
    rx(idx_bits=2, hostile="driver", notify=False, data=True),
    rx(idx_bits=2, hostile="driver", caller="any"),
    rx(idx_bits=2, event_idx=True, max_packet=1),
    rx(idx_bits=2, watch=True),
    rx(idx_bits=2, watch=True, stops=True, max_packet=1),
    rx(idx_bits=2, caller="any"),
    rx(size=2, notify=False, data=True, segments=2, indirect=True, filter=True),
    peers(peer="any-driver", idx_bits=2, event_idx=True),
    rx(idx_bits=2, event_idx=True, memory="tso", max_packet=1),
    rx(size=2, max_packet=1),
    peers(idx_bits=2, event_idx=True),
    LYING_LITTLE,
    rx(size=2, mergeable=True),
    rx(idx_bits=2, hostile="driver", notify=False, data=True, mergeable=True, max_packet=1),
    rx(idx_bits=2, hostile="driver", notify=False, data=True, segments=2, indirect=True, max_packet=1),
    LYING_IN_ORDER,
    LYING_BEHIND,
)

RING = Ring(SPLIT, COPIES, SYSTEMS)
