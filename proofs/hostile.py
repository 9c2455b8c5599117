"""A side that lies: what the other side notices, and what it cannot.

Of one side nothing is left in these systems (`spec.layouts.split.lying`).  A device that lies may
at any moment write any entry of the used ring (an id that no descriptor has, the id
of a free one, the same id twice, any length), the used index, and what buffers begin
with, and interrupt.  A driver that lies may write any head, any available index and
any descriptor, and kick.  The other side may look at any time.  What it can tell
breaks its ring, for ever.  An id of a buffer that is out, but that the device has not
finished with, passes: no driver can tell.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from vrx.models.claims import Claim, Safety, Tier, claims_of, cover, lasting
from vrx.models.systems.system import System, rx
from vrx.proofs.museum.data import believing, big, mergeable, small
from vrx.proofs.running import main_for
from vrx.spec import parts
from vrx.spec.broken import (
    LIES,
    a_lie_breaks_the_ring,
    breaks_only_for_a_lie,
    broken_for_ever,
    each_packet_is_counted_once,
    takes_only_what_is_published,
    takes_what_the_header_tells,
)
from vrx.spec.counting import takes_next
from vrx.spec.layouts.driver import refuse_id
from vrx.spec.layouts.split.contexts import SplitL, SplitMainLoop, SplitQ, SplitSoftirq
from vrx.spec.layouts.split.device import virtqueue_num_heads, virtqueue_split_pop__desc, virtqueue_split_pop__empty
from vrx.spec.layouts.split.driver_used import virtqueue_get_buf_ctx_split__len
from vrx.spec.layouts.split.memory import loc
from vrx.spec.layouts.split.state import SplitState
from vrx.spec.layouts.state import DescriptorState
from vrx.spec.linux.returns import drop, drop_used_entry, finish, no_buf
from vrx.spec.linux.state import L, Softirq
from vrx.spec.liveness import HOLDING, READING, no_packet_is_held_for_ever, no_packet_is_read_for_ever, no_spin
from vrx.spec.memory import load, store
from vrx.spec.properties import (
    Property,
    free_list_intact,
    inuse_exact,
    invariant,
    length_within_buffer,
    rest_is_idle,
)
from vrx.spec.qemu.returns import count_fails, flushed
from vrx.spec.qemu.state import MainLoop
from vrx.spec.questions import meaningful
from vrx.spec.ring import idx_add, slot
from vrx.spec.rx import State, goes_on
from vrx.spec.steps import mark

LEN = "virtqueue_get_buf_ctx_split__len"


def reads_past_the_end(s: SplitState, me: SplitSoftirq) -> None:
    """No look at the range: desc_state[] is read behind its end."""
    if me.head >= s.cfg.size:
        me.length = load(s, me, loc.used_len[slot(s.cfg, s.vq.last_used_idx)])
        s.ghost.overrun = True
        no_buf(s, me)
    else:
        virtqueue_get_buf_ctx_split__len(s, me)


def takes_any_descriptor(s: SplitState, me: SplitSoftirq) -> None:
    """No look whether the descriptor is a head in use."""
    if me.head < s.cfg.size:
        s.vq.token[me.head] = True
    virtqueue_get_buf_ctx_split__len(s, me)


@invariant(reads=parts.GHOST)
def takes_back_what_is_done(s: State) -> bool:
    """The driver takes back no buffer that the device still uses.

    What `single_owner` says of two honest sides; beside a device that lies no driver can keep it.
    """
    return not s.ghost.misuse


RING1 = {
    "small": small(size=1, hostile="device"),
    "mergeable": mergeable(size=1, max_packet=1, hostile="device"),
    "indirect": big(size=1, indirect=True, hostile="device"),
}
RING2 = {
    "small": small(hostile="device"),
    "mergeable": mergeable(hostile="device"),
    "chain": big(hostile="device"),
}
"""The same with two descriptors; a chain takes both.  Mergeable: 85 million states."""
MARKS = {"out-of-range": "a used id is out of range", "no-head": "a used id is no head"}
"""What breaks the ring.  An id that comes twice is no head the second time: the first time gave its buffer back."""


def claims_beside_a_liar(kind: str, system: System, tier: Tier) -> list[Claim]:
    """What holds whatever the device writes, that its lies are noticed, and a driver that looks at less."""
    held = [
        replace(claim, name=f"liar-{kind}-{claim.asks.name}")
        for claim in claims_of(
            system, free_list_intact, length_within_buffer, *meaningful(system.cfg, LIES), tier=tier
        )
    ]
    range_, length = (f"liar-{kind}-{name}-unchecked" for name in ("range", "length"))
    return [
        *held,
        *(cover(f"liar-{kind}-{name}-is-noticed", system, text, tier=tier) for name, text in MARKS.items()),
        Safety(range_, system.replace(LEN, reads_past_the_end), length_within_buffer, "refuted", tier=tier,
              variant_of=held[1].name, note="an id that no descriptor has, believed"),
        Safety(length, believing(system), length_within_buffer, "refuted", tier="full",
              variant_of=held[1].name, note="a length believed"),
        Safety(f"liar-{kind}-takes-back-early", system, takes_back_what_is_done, "refuted", tier=tier,
              note="the id of a buffer that is out, and that the device goes on using: no driver can tell"),
    ]  # fmt: skip


def trusting(kind: str, system: System, tier: Tier) -> Claim:
    """A driver that takes back what it has not given away.  On a ring of 1 it would count two free descriptors."""
    return Safety(
        f"liar-{kind}-head-unchecked",
        system.replace(LEN, takes_any_descriptor),
        free_list_intact,
        "refuted",
        tier=tier,
        variant_of=f"liar-{kind}-ring1-{free_list_intact.name}",
        note="the id of a free descriptor, or one that comes twice, believed",
    )


WITH_INTERRUPTS = rx(hostile="device", idx_bits=2)
WITH_KICKS = rx(hostile="driver", idx_bits=2)
ANY_CALLER = rx(hostile="driver", idx_bits=2, caller="any")
CHAINS = small(size=1, hostile="driver")
TABLES = big(size=1, indirect=True, max_packet=1, hostile="driver")
BUFFERS = mergeable(size=1, max_packet=1, hostile="driver")
"""Buffers that merge, and that are shorter when they are popped than when they were counted."""
DRIVERS: tuple[tuple[str, System, Tier], ...] = (
    ("with-interrupts", WITH_INTERRUPTS, "quick"),
    ("with-interrupts-event", rx(hostile="device", idx_bits=2, event_idx=True), "full"),
    ("with-interrupts-data", rx(hostile="device", idx_bits=2, data=True), "full"),
)
"""Linux beside a device that lies, with kicks and interrupts."""
DEVICES: tuple[tuple[str, System, Tier], ...] = (
    ("with-kicks", WITH_KICKS, "quick"),
    ("with-kicks-event", rx(hostile="driver", idx_bits=2, event_idx=True), "full"),
    ("any-caller", ANY_CALLER, "full"),
    ("chains", CHAINS, "full"),
    ("tables", TABLES, "full"),
    ("merging", BUFFERS, "full"),
)
"""QEMU beside a driver that lies."""


def says_and_goes_on(s: State, me: MainLoop) -> None:
    """The device reports the error, and does not mark the ring broken."""
    mark(s, "device breaks the ring")


def pops_all_the_same(s: SplitState, me: MainLoop) -> None:
    """No look whether the device has declared the ring broken."""
    broken, s.dev.broken = s.dev.broken, False
    virtqueue_split_pop__empty(s, me)
    s.dev.broken = s.dev.broken | broken
    goes_on(s, broken & (me.pc == SplitQ.POP_HEAD))


def publishes_all_the_same(s: SplitState, me: MainLoop) -> None:
    """No look at a broken ring before used.idx moves."""
    goes_on(s, s.dev.broken)
    store(s, me, loc.used_idx, idx_add(s.cfg, s.dev.used_idx, me.rest))
    s.dev.used_idx = idx_add(s.cfg, s.dev.used_idx, me.rest)
    s.dev.inuse = s.dev.inuse - me.rest
    flushed(s, me)


def takes_a_full_ring_for_a_lie(s: SplitState, me: SplitMainLoop) -> None:
    """As many buffers as the ring has count as one too many."""
    virtqueue_num_heads(s, me)
    if me.pc == SplitQ.GET_HEAD and me.idx == s.dev.last_avail_idx and s.cfg.size == 1:
        count_fails(s, me)


def stands_at_the_last_piece(s: SplitState, me: SplitMainLoop) -> None:
    """Of a chain with more pieces than an element has room for the next one is read again and again."""
    if me.in_num == s.cfg.segments:
        load(s, me, loc.desc[me.desc])
    else:
        virtqueue_split_pop__desc(s, me)


def kicks_all_the_same(s: State, me: Softirq) -> None:
    """No look at a broken ring before the kick."""
    goes_on(s, s.vq.broken)
    s.lines.kick = True
    me.ret()


def refuses_once(s: DescriptorState, me: Softirq) -> bool:
    """A bad id is refused, and the ring is not marked broken."""
    refused = refuse_id(s, me)
    if refused:
        s.vq.broken = False
    return refused


def refuted_beside_liars(faulty: Sequence[tuple[str, System, Property, Tier, str]]) -> list[Claim]:
    """The claims that these sides fail: a name, the system, the question, the tier, why."""
    return [
        Safety(f"liar-{name}", system, asked, "refuted", tier=tier, note=note)
        for name, system, asked, tier, note in faulty
    ]


def beside_liars() -> list[Claim]:
    """What holds whatever the other side does, that lies are noticed, and sides that do not keep to it."""
    out: list[Claim] = []
    for sides, asked in ((DRIVERS, (free_list_intact, rest_is_idle)), (DEVICES, (inuse_exact, rest_is_idle))):
        for name, system, tier in sides:
            also = (length_within_buffer,) if system.cfg.data else ()
            held = [p for p in (*asked, *also, *LIES) if not p.meaningless(system.cfg)]
            out += [replace(c, name=f"liar-{name}-{c.asks.name}") for c in claims_of(system, *held, tier=tier)]
            whose = "driver" if system.cfg.device_lies else "device"
            out.append(cover(f"liar-{name}-is-noticed", system, f"{whose} breaks the ring", tier=tier))
    out += lasting(WITH_INTERRUPTS, no_spin("driver"), tier="full")
    out += lasting(WITH_KICKS, no_spin("device"), tier="full")
    faulty: tuple[tuple[str, System, Property, Tier, str], ...] = (
        ("device-says-and-goes-on", WITH_KICKS.replace("virtio_error", says_and_goes_on), a_lie_breaks_the_ring,
         "full", "an error that breaks nothing"),
        ("device-serves-no-full-ring", WITH_KICKS.replace("virtqueue_num_heads", takes_a_full_ring_for_a_lie),
         breaks_only_for_a_lie, "quick", "a driver that fills its ring is refused"),
        ("device-pops-all-the-same", WITH_KICKS.replace("virtqueue_split_pop__empty", pops_all_the_same),
         broken_for_ever, "full", "a broken device pops"),
        ("device-publishes-all-the-same", ANY_CALLER.replace("virtqueue_split_flush", publishes_all_the_same),
         broken_for_ever, "quick", "a broken device publishes what it popped before"),
        ("driver-kicks-all-the-same", WITH_INTERRUPTS.replace("virtqueue_notify", kicks_all_the_same),
         broken_for_ever, "full", "a broken ring is kicked"),
        ("driver-refuses-once", WITH_INTERRUPTS.replace("refuse_id", refuses_once), a_lie_breaks_the_ring,
         "quick", "a bad id is skipped, and the next one is read"),
    )  # fmt: skip
    return out + refuted_beside_liars(faulty)


def takes_what_the_header_says(s: SplitState, me: Softirq, point: L) -> None:
    """The next buffer of a packet is taken because the header tells of one, without a look at used.idx."""
    takes_next(s)
    me.call(SplitL.USED_ID, then=point)


def frees_what_it_has(s: State, me: Softirq) -> None:
    """A packet of which a buffer is missing is freed, and counted nowhere."""
    finish(s, me)


def counts_a_bad_id(s: State, me: Softirq) -> None:
    """An id that breaks the ring is counted as a packet that was dropped, which it is not where none had begun."""
    no_buf(s, me)
    drop(s, me)


def leaves_what_follows(s: State, me: Softirq) -> None:
    """A bad packet is dropped at once: its other buffers stay, and the next one is read as the head of a packet."""
    drop_used_entry(s, me)
    drop(s, me)


def waits_for_what_is_missing(s: State, me: Softirq) -> None:
    """A buffer of a packet that is not there is looked for until it is."""
    me.goto(L.GATHER)


def with_many_buffers() -> list[Claim]:
    """The driver is done with each packet that it begins; and drivers that believe a header, or count wrongly."""
    out: list[Claim] = []
    for system in (*RING1.values(), RING2["small"], RING2["chain"]):
        out += lasting(system, *READING, tier="full")
    merging = RING1["mergeable"]
    out.append(cover("liar-mergeable-missing-is-noticed", merging, "a buffer of a packet is missing"))
    faulty: tuple[tuple[str, System, Property, Tier, str], ...] = (
        ("takes-what-the-header-says", merging.replace("another", takes_what_the_header_says),
         takes_only_what_is_published, "full", "an entry that nobody has published is taken"),
        ("takes-without-a-look", RING1["small"].replace("virtqueue_get_buf_ctx_split__more_used", takes_any),
         takes_only_what_is_published, "quick", "the same of the first buffer of a packet"),
        ("frees-uncounted", merging.replace("missing", frees_what_it_has), each_packet_is_counted_once,
         "full", "a drop without a count"),
        ("counts-what-never-was", merging.replace("no_buf", counts_a_bad_id), each_packet_is_counted_once,
         "quick", "a count without a packet"),
        ("leaves-what-follows", merging.replace("discard", leaves_what_follows), takes_what_the_header_tells,
         "quick", "a bad packet is given up with its first buffer alone"),
    )  # fmt: skip
    out += refuted_beside_liars(faulty)
    waits = merging.replace("missing", waits_for_what_is_missing)
    (forever,) = lasting(waits, no_packet_is_read_for_ever, expected="refuted")
    return [*out, replace(forever, name="liar-waits-for-what-is-missing", note="a header with a number too large")]


def with_packets_in_hand() -> list[Claim]:
    """The device is done with each packet, whatever the driver has written; and one that stands still."""
    out: list[Claim] = []
    for system in (CHAINS, BUFFERS):
        out += lasting(system, *HOLDING, tier="full")
    out.append(cover("liar-merging-shortened-is-noticed", BUFFERS, "the queue is empty after a first element",
                     tier="full"))  # fmt: skip
    stands = CHAINS.replace("virtqueue_split_pop__desc", stands_at_the_last_piece)
    (forever,) = lasting(stands, no_packet_is_held_for_ever, expected="refuted", tier="full")
    return [*out, replace(forever, name="liar-stands-at-the-last-piece", note="a chain of more pieces than a buffer")]


def takes_any(s: SplitState, me: Softirq, exhausted: int) -> None:
    """The next entry is taken whether used.idx shows one or not."""
    takes_next(s)
    me.goto(SplitL.USED_ID)


CLAIMS: list[Claim] = [
    *claims_beside_a_liar("small-ring1", RING1["small"], "quick"),
    *claims_beside_a_liar("mergeable-ring1", RING1["mergeable"], "full"),
    *claims_beside_a_liar("indirect-ring1", RING1["indirect"], "full"),
    *(claim for kind, system in RING2.items() for claim in claims_beside_a_liar(f"{kind}-ring2", system, "full")),
    trusting("small", RING2["small"], "quick"),
    trusting("mergeable", RING2["mergeable"], "full"),
    trusting("indirect", big(indirect=True, hostile="device"), "full"),
    *beside_liars(),
    *with_many_buffers(),
    *with_packets_in_hand(),
]

if __name__ == "__main__":
    main_for(CLAIMS)
