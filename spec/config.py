"""The configuration of a receive system: constants that steps may ask for."""

from __future__ import annotations

from dataclasses import Field, dataclass, fields
from typing import Any, Literal

from vrx.spec.layouts.layout import Layout
from vrx.spec.layouts.split import SPLIT, USUAL_IDX_BITS
from vrx.spec.lengths import Lengths
from vrx.spec.linux.state import L
from vrx.spec.memory import Memory


class BadConfiguration(ValueError):
    """An option or a combination of options that no system can have; the text says what to use."""


@dataclass(frozen=True)
class Config(Lengths):
    """What is negotiated, how large things are, and what the machine underneath is like.

    size           queue size, a power of two, 1..32768 (VIRTIO 1.4, 2.7)
    idx_bits       width of the free-running ring indices, 2..16; VIRTIO has 16; 0: what the ring needs, 3 at least
    event_idx      VIRTIO_F_EVENT_IDX negotiated
    memory         "sc" sequential consistency, "tso" a store buffer per CPU; or another model (`spec.memory.Memory`)
    buffer_depth   entries of each store buffer under TSO, 1..8
    guest          "smp": atomic instructions of the guest drain its store buffer; "up": they do not
    irq            "same": one CPU takes the interrupt and polls; "other": CPU 1 takes the interrupt,
                   CPU 0 polls (threaded NAPI); "any": either CPU, and the one that schedules polls
    caller         "virtio_net": QEMU's virtio_net_receive() uses the queue; "any": the most general caller of QEMU's
                   virtqueue functions does, which completes in any order
    mergeable      VIRTIO_NET_F_MRG_RXBUF: a packet may take several buffers
    max_packet     largest packet, in buffers; 2 without mergeable is a packet that does not fit.
                   With data: in units of length, without its header
    watch          a packet's identity is part of the state: before, after, or the one that is watched
    data           so are descriptors, headers, contents and lengths, with every access to them
    segments       with data: descriptors of a buffer; 2 or more are a big-page buffer, which is a chain:
                   the header, the rest of its page, further pages
    indirect       VIRTIO_F_INDIRECT_DESC: a chain lies in a table of its own
    hdr_len        with data: length of a packet's header in a buffer, 12 bytes on a real machine
    hdr_room       with data: where a big-page buffer's data begin in its first page; 0: right after the header
    buffer_len     with data: length of a buffer with its header; of a page in a big-page buffer
    eth_len        with data: the shortest packet that the driver takes, ETH_HLEN, 14 bytes
    max_elements   with data: most buffers of one packet, VIRTQUEUE_MAX_SIZE
    filter         with data: the device's receive filter may refuse a packet
    hostile        "device": instead of QEMU a device that lies, which writes anything at any moment; "driver": instead
                   of Linux a driver that does (`spec.layouts.split.lying`)
    notify         kicks, interrupts and their suppression; without, each side may look at any time
    decisions      ghost: has a side decided to notify although the ring asked for none when it decided?
    positions      ghost: where each buffer is, and the free list as a stack, for the proofs without bounds
    stale          for variants that read what no step of the C reads again, and what the model therefore makes zero:
                   "memory": the ring, the buffers and the structures of both sides keep what the C leaves there;
                   "all": local variables too, as if they outlived their function
    stops          the environment may stop and continue the virtual machine
    busy_poll      "same": a task on CPU 0 may poll the NAPI itself, when it likes and as often as it likes; "other":
                   on CPU 1, which takes interrupts where `irq` says so, and polls what is listed there
    netpoll        likewise who sends through netpoll (a console) and polls with a budget of 0 meanwhile
    gro_flush_timeout  the NAPI has a timer, which polls when it fires; a poll that holds packets back starts it
    defer_hard_irqs  napi_defer_hard_irqs, 0..15; needs gro_flush_timeout: a poll that has taken a buffer, and those
                   behind it, leave interrupts off and start the timer, so many in all
    opens          who runs virtnet_open(): "softirq", as if nothing could come in between; "task", as in the C:
                   an interrupt and its poll may come in between once the NAPI is enabled
    arrivals       the environment may offer packets
    without        names of barriers that are taken out
    layout         what the ring looks like: `spec.layouts`
    """

    size: int = 1
    idx_bits: int = 0
    event_idx: bool = False
    memory: Literal["sc", "tso"] | Memory = "sc"
    buffer_depth: int = 2
    guest: Literal["smp", "up"] = "smp"
    irq: Literal["same", "other", "any"] = "same"
    caller: Literal["virtio_net", "any"] = "virtio_net"
    mergeable: bool = False
    max_packet: int = 2
    watch: bool = False
    data: bool = False
    segments: int = 1
    indirect: bool = False
    hdr_len: int = 1
    hdr_room: int = 0
    buffer_len: int = 2
    eth_len: int = 1
    max_elements: int = 1024
    filter: bool = False
    hostile: Literal["no", "device", "driver"] = "no"
    notify: bool = True
    decisions: bool = False
    positions: bool = False
    stale: Literal["no", "memory", "all"] = "no"
    stops: bool = False
    busy_poll: Literal["no", "same", "other"] = "no"
    netpoll: Literal["no", "same", "other"] = "no"
    gro_flush_timeout: bool = False
    defer_hard_irqs: int = 0
    opens: Literal["softirq", "task"] = "softirq"
    arrivals: bool = True
    without: frozenset[str] = frozenset()
    layout: Layout = SPLIT

    def __post_init__(self) -> None:
        if self.idx_bits == 0:
            object.__setattr__(self, "idx_bits", max(USUAL_IDX_BITS, self.layout.idx_bits(self)))
        for name, allowed in _WORDS.items():
            value = getattr(self, name)
            if value not in allowed and not isinstance(value, Memory):
                raise BadConfiguration(f"{name}={value!r}: use one of {', '.join(allowed)}")
        for name, (low, high) in _RANGES.items():
            value = getattr(self, name)
            if isinstance(value, int) and not low <= value <= high:
                raise BadConfiguration(f"{name}={value}: use {low}..{high}")
        if wrong := self.layout.wrong(self):
            raise BadConfiguration(wrong)
        if isinstance(self.size, int):
            most = self.size * self.unit - self.header_len
            if self.mergeable and self.max_packet > most:
                least = 1 << (-(-(self.max_packet + self.header_len) // self.unit) - 1).bit_length()
                raise BadConfiguration(
                    f"max_packet={self.max_packet}: a ring of {self.size} never holds such a packet; "
                    f"use 1..{most}, or size={least}"
                )
            if self.segments > self.size and not self.indirect:
                raise BadConfiguration(
                    f"segments={self.segments}: a ring of {self.size} never holds such a chain; use 1..{self.size}, "
                    "or indirect"
                )
        if self.general and (self.mergeable or self.packets or self.stops):
            raise BadConfiguration("caller=any with mergeable, watch, data or stops: they belong to caller=virtio_net")
        self._check_data()
        self._check_polls()
        if self.driver_lies and (self.busy_polls or self.netpolls or self.gro_flush_timeout or self.opens == "task"):
            raise BadConfiguration(
                "hostile=driver with busy_poll, netpoll, gro_flush_timeout or opens=task: nothing of Linux is left; "
                "use none of them"
            )
        if self.device_lies and (self.general or self.stops):
            raise BadConfiguration("hostile=device with caller=any or stops: nothing of QEMU is left; use one of them")
        if self.liar and self.memory != "sc":
            raise BadConfiguration(
                f"hostile={self.hostile} with memory={self.memory}: one that lies has no store buffer; use sc"
            )
        if self.guest == "up" and self.irq != "same":
            raise BadConfiguration(
                f"guest=up with irq={self.irq}: a uniprocessor guest has one CPU; use irq=same"
            )

    def _check_data(self) -> None:
        """What goes with `data` and what does not."""
        if self.mergeable and self.watch and not self.data:
            raise BadConfiguration("mergeable with watch: the driver gathers buffers only with data; use data")
        if not self.data:
            for name in ("indirect", "filter"):
                if getattr(self, name):
                    raise BadConfiguration(f"{name} without data: descriptors are not part of the state; use data")
            if self.segments > 1:
                raise BadConfiguration(f"segments={self.segments} without data: use data, or segments=1")
        if not self.notify and (self.event_idx or self.irq != "same" or self.general):
            raise BadConfiguration(
                "no notify: there is no event index, no interrupt and no general caller; use event_idx=False, irq=same"
            )
        if not self.data:
            return
        if self.positions:
            raise BadConfiguration("positions with data: not modelled; use one of them")
        if self.mergeable and self.segments > 1:
            raise BadConfiguration("mergeable with segments: a mergeable buffer has one descriptor; use segments=1")
        if self.indirect and self.segments == 1:
            raise BadConfiguration("indirect with segments=1: one descriptor needs no table; use segments=2 or more")
        least = self.hdr_len + 1 if self.segments == 1 else self.page_offset + 1
        if self.buffer_len < least:
            raise BadConfiguration(
                f"buffer_len={self.buffer_len}: no room for data behind a header of {least - 1}; use {least} or more"
            )
        if self.hdr_room and self.hdr_room < self.hdr_len:
            raise BadConfiguration(f"hdr_room={self.hdr_room}: less than hdr_len={self.hdr_len}; use 0 or that much")

    def _check_polls(self) -> None:
        """What goes together of all that polls beside the softirq."""
        if self.defer_hard_irqs and not self.gro_flush_timeout:
            raise BadConfiguration(
                "defer_hard_irqs without gro_flush_timeout: interrupts are put off where a timer polls instead; "
                "use gro_flush_timeout=True with it"
            )
        if not self.notify and (self.busy_polls or self.netpolls or self.gro_flush_timeout):
            raise BadConfiguration(
                "no notify with busy_poll, netpoll or gro_flush_timeout: a poll may begin at any time already; use none"
            )
        if self.netpolls and (self.busy_polls or self.gro_flush_timeout):
            raise BadConfiguration("netpoll with busy_poll or gro_flush_timeout: not modelled; use one of them")
        if self.opens == "task" and (self.busy_polls or self.netpolls or not self.notify):
            raise BadConfiguration("opens=task with busy_poll, netpoll or no notify: not modelled; use opens=softirq")
        if self.guest == "up" and "other" in (self.busy_poll, self.netpoll):
            raise BadConfiguration("guest=up with a task on another CPU: a uniprocessor guest has one; use same")

    @property
    def busy_polls(self) -> bool:
        """Does a task poll?"""
        return self.busy_poll != "no"

    @property
    def netpolls(self) -> bool:
        """Does somebody send through netpoll?"""
        return self.netpoll != "no"

    @property
    def others_poll(self) -> bool:
        """May napi_complete_done() find somebody who polls beside its caller, a task or netpoll?"""
        return self.busy_polls or self.netpolls

    @property
    def guest_cpus(self) -> int:
        """How many CPUs of the guest there are."""
        return 1 if self.irq == "same" and "other" not in (self.busy_poll, self.netpoll) else 2

    @property
    def last_point(self) -> int:
        """The last program point of Linux's contexts: those of other ways to poll stand behind the usual ones."""
        extra = self.busy_polls or self.netpolls or self.gro_flush_timeout
        return int(max(L)) if extra else int(L.VIRTQUEUE_POLL)

    @property
    def packets(self) -> bool:
        """Are packet identities part of the state?"""
        return self.watch or self.data

    @property
    def events(self) -> bool:
        """Has the ring a place for an event index?"""
        return self.layout.events

    @property
    def last_index(self) -> int:
        """The largest ring index."""
        return self.layout.turn(self) - 1

    @property
    def slots(self) -> int:
        """The largest descriptor number, size - 1."""
        return self.size - 1

    @property
    def value_bits(self) -> int:
        """Bits of the widest number that waits in a store buffer."""
        plain = max(self.idx_bits, self.size.bit_length() if isinstance(self.size, int) else 16, 3)
        return max(plain, self.cells.bit_length(), self.len_top.bit_length()) if self.data else plain

    @property
    def length_bits(self) -> int:
        """Bits of a length that waits in a store buffer beside another number."""
        return max(self.len_top, self.max_packet).bit_length() if self.data else 0

    @property
    def in_hand(self) -> int:
        """How many buffers the device can hold at once."""
        if self.general:
            return self.size
        if not self.mergeable:
            return 1
        return -(-(self.max_packet + self.hdr_len) // self.buffer_len) if self.data else self.max_packet

    @property
    def fits(self) -> bool:
        """Does every packet that may come fit: into the ring, and not into too many elements, where buffers merge; else
        into one buffer?"""
        within = not self.data or self.in_hand <= self.max_elements
        return within and not self.too_few(self.in_ring, self.max_packet)

    @property
    def top_number(self) -> int:
        """Of num_buffers: the buffers of the largest packet; a device that lies says two, where those are fewer."""
        return max(self.in_hand, 2) if self.device_lies and self.mergeable else self.in_hand

    @property
    def numbers(self) -> int:
        """How many values num_buffers has."""
        return self.top_number + 1

    @property
    def most(self) -> int:
        """How many buffers may be asked for at once: by a packet, or by a general caller."""
        return self.size if self.general else self.max_packet

    @property
    def wanted(self) -> int:
        """Of what a packet, or a general caller, needs: the header of a packet included."""
        return self.most + self.header_len

    @property
    def owing(self) -> int:
        """The largest value of `MainLoop.owed`, which only a general caller has."""
        return int(self.general)

    def describe(self) -> str:
        """The configuration in a few words, as reports name a system."""
        words = [self.layout.name, f"size={self.size}"]
        words.append("event_idx" if self.event_idx else "flags")
        words.append(str(self.memory))
        words.append(self.guest)
        words.append(f"irq={self.irq}")
        for field in fields(self):
            value = getattr(self, field.name)
            if field.name in _SHOWN and value != usual(field):
                words.append(field.name if value is True else f"{field.name}={value}")
        if not self.notify:
            words.append("free wake-ups")
        if not self.arrivals:
            words.append("no arrivals")
        return "rx(" + ", ".join(words) + ")" + "".join(f" without {b}" for b in sorted(self.without))


def usual(field: Field[Any]) -> Any:
    """The value of a field that the name of a system leaves out."""
    return USUAL_IDX_BITS if field.name == "idx_bits" else field.default


_SHOWN = {
    *("idx_bits", "buffer_depth", "caller", "mergeable", "watch", "data", "positions", "stops", "stale", "max_packet"),
    *("decisions", "opens", "busy_poll", "netpoll", "gro_flush_timeout", "defer_hard_irqs"),
    *("segments", "indirect", "hdr_len", "hdr_room", "buffer_len", "eth_len", "max_elements", "filter", "hostile"),
}
"""Fields that stand in the name of a system where they differ from the default."""
_WORDS: dict[str, tuple[str, ...]] = {
    "memory": ("sc", "tso"),
    "guest": ("smp", "up"),
    "irq": ("same", "other", "any"),
    "busy_poll": ("no", "same", "other"),
    "netpoll": ("no", "same", "other"),
    "opens": ("softirq", "task"),
    "caller": ("virtio_net", "any"),
    "stale": ("no", "memory", "all"),
    "hostile": ("no", "device", "driver"),
}
_RANGES = {
    "size": (1, 32768),
    "idx_bits": (2, 16),
    "buffer_depth": (1, 8),
    "max_packet": (1, 65550),
    "segments": (1, 1024),
    "hdr_len": (1, 1 << 16),
    "hdr_room": (0, 1 << 16),
    "buffer_len": (2, 1 << 20),
    "eth_len": (1, 1 << 16),
    "max_elements": (1, 1024),
    "defer_hard_irqs": (0, 15),
}
