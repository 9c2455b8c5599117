"""What the model keeps as zero: a variant that reads it is told so, and with `stale` it sees what the C leaves."""

from __future__ import annotations

from dataclasses import replace

import pytest

from vrx.models.claims import figures_key, tag
from vrx.models.engines.native.explore import explore_native
from vrx.models.systems.system import System, rx
from vrx.models.variants.canonical import as_in_c, not_kept, original, reads_what_is_not_kept
from vrx.proofs import all_exhibits
from vrx.proofs.museum.data import big, mergeable, small
from vrx.spec.config import BadConfiguration
from vrx.spec.layouts.split.contexts import SplitL
from vrx.spec.layouts.split.device_used import SHOULD_NOTIFY_MB
from vrx.spec.layouts.split.driver_used import virtqueue_get_buf_ctx_split__more_used
from vrx.spec.layouts.split.memory import loc
from vrx.spec.layouts.split.state import SplitState
from vrx.spec.linux.state import L, Softirq
from vrx.spec.memory import load, mb
from vrx.spec.properties import Property, invariant, no_lost_interrupt, no_lost_kick
from vrx.spec.qemu.net_queue import done
from vrx.spec.qemu.state import MainLoop, Q
from vrx.spec.questions import standard_for
from vrx.spec.ring import idx_sub, slot, vring_need_event


def notifies_by_the_index(s: SplitState, me: MainLoop) -> None:
    """A device that goes by used_event although the event index was not negotiated.  Linux writes it all the same."""
    dev = s.dev
    mb(s, me, SHOULD_NOTIFY_MB)
    valid, old = dev.signalled_used_valid, dev.signalled_used
    dev.signalled_used_valid = True
    dev.signalled_used = dev.used_idx
    if not valid or vring_need_event(s.cfg, load(s, me, loc.used_event), dev.used_idx, old):
        me.goto(Q.IRQ)
    else:
        done(s, me)


def peeks(s: SplitState, me: MainLoop) -> None:
    """A device that looks at the entry of the available ring that it consumed last, and always interrupts."""
    s.dev.cached_used_event = load(s, me, loc.avail_ring[slot(s.cfg, idx_sub(s.cfg, s.dev.last_avail_idx, 1))])
    me.goto(Q.IRQ)


@invariant
def peeked_at_what_it_used(s: SplitState) -> bool:
    """Unless the driver has used the entry again, it still names the buffer that the device has used last."""
    adding = 1 if s.cpus[0].softirq.pc == SplitL.ADD_IDX else 0
    if s.main.pc != Q.IRQ or idx_sub(s.cfg, s.vq.avail_idx_shadow, s.dev.last_avail_idx) + adding >= s.cfg.size:
        return True
    last: int = s.ring.used_id[slot(s.cfg, idx_sub(s.cfg, s.dev.used_idx, 1))]
    return s.dev.cached_used_event == last


def remembers_where_it_slept(s: SplitState, me: Softirq, exhausted: int) -> None:
    """A driver that goes by the index of its last virtqueue_poll(), which is a local variable there."""
    if me.opaque == s.vq.last_used_idx and exhausted == 1:
        me.goto(L.REFILL_TEST)
    else:
        virtqueue_get_buf_ctx_split__more_used(s, me, exhausted)


def notifying(**options: object) -> System:
    return rx(**options).replace("virtio_split_should_notify", notifies_by_the_index)


def peeking(**options: object) -> System:
    return rx(size=2, max_packet=1, **options).replace("virtio_split_should_notify", peeks)


def verdict(system: System, prop: Property) -> bool:
    found = explore_native(system, [prop], threads=2, stop_at_violation=True)
    assert found.complete or found.violations
    return not found.violations


def test_a_device_that_reads_used_event_without_the_event_index_is_refused_or_sees_what_linux_writes() -> None:
    refusal = reads_what_is_not_kept(notifying())
    assert refusal.startswith("virtio_split_should_notify reads ring.used_event, which the step that it stands for")
    assert 'rx(..., stale="memory")' in refusal and "\n" not in refusal
    assert not verdict(notifying(), no_lost_interrupt)  # a false answer: it is why the variant is refused
    assert reads_what_is_not_kept(notifying(stale="memory")) == ""
    assert verdict(notifying(stale="memory"), no_lost_interrupt)
    assert as_in_c(notifying(), "memory") == notifying(stale="memory")


def test_so_it_is_under_tso_where_the_value_waits_in_a_store_buffer() -> None:
    assert "ring.used_event" in reads_what_is_not_kept(notifying(memory="tso"))
    assert reads_what_is_not_kept(notifying(memory="tso", event_idx=True)) == ""


def test_a_device_that_peeks_at_a_consumed_entry_is_refused_or_sees_what_the_driver_left_there() -> None:
    assert "ring.avail_ring" in reads_what_is_not_kept(peeking())
    assert not verdict(peeking(idx_bits=3), peeked_at_what_it_used)
    kept = peeking(idx_bits=3, stale="memory")
    assert reads_what_is_not_kept(kept) == ""
    assert verdict(kept, peeked_at_what_it_used)


def test_a_local_variable_is_kept_only_where_all_is() -> None:
    system = rx(idx_bits=2).replace("virtqueue_get_buf_ctx_split__more_used", remembers_where_it_slept)
    assert 'cpus0.softirq.opaque' in (refusal := reads_what_is_not_kept(system)) and 'stale="all"' in refusal
    assert 'stale="all"' in reads_what_is_not_kept(as_in_c(system, "memory"))
    assert reads_what_is_not_kept(as_in_c(system)) == ""


def test_what_is_not_kept_is_found_by_tracing() -> None:
    assert "ring.used_event" in not_kept(rx()) and "ring.used_event" not in not_kept(rx(event_idx=True))
    assert {"ring.avail_ring", "ring.used_id", "vq.next", "vq.free_head", "main.elems"} <= not_kept(rx(size=2))
    assert {"ring.desc_len", "contents.data", "ring.table_next"} <= not_kept(big(indirect=True))
    assert not any(name.startswith(("ghost", "net", "lines", "napi")) for name in not_kept(mergeable()))
    assert not_kept(as_in_c(rx(size=2))) == frozenset()
    assert all(name.startswith(("cpus", "main")) for name in not_kept(as_in_c(mergeable(), "memory")))


def test_no_bug_of_the_museum_reads_what_is_not_kept() -> None:
    for exhibit in all_exhibits():
        for system in (exhibit.faulty, exhibit.fixed):
            assert reads_what_is_not_kept(system) == "", exhibit.id


def test_a_variant_of_a_variant_stands_for_the_step_of_the_c() -> None:
    twice = notifying().replace("virtio_split_should_notify", peeks)
    assert original(twice) == rx() and [s.run for s in original(twice).steps] == [s.run for s in rx().steps]
    assert reads_what_is_not_kept(twice, of=notifying()) == ""  # on a ring of 1 there is one entry, and one number
    assert reads_what_is_not_kept(rx()) == ""


KEPT = {
    "rx": (rx(stale="memory"), 1_493_088, 415),
    "all": (rx(idx_bits=2, stale="all"), 2_676_025, 272),
    "small": (small(stale="all"), 543_552, 267),
    "mergeable": (mergeable(stale="all"), 408_184, 367),
    "chain": (big(stale="memory"), 8_770, 214),
}


@pytest.mark.parametrize("name", KEPT)
def test_what_keeps_its_values_can_be_searched_and_does_the_same(name: str) -> None:
    system, states, depth = KEPT[name]
    found = explore_native(system, [q for q in standard_for(system.cfg)[0] if isinstance(q, Property)], threads=2)
    assert (found.complete, found.states, found.depth, found.violations) == (True, states, depth, {})


def test_the_switch_is_in_the_name_only_where_it_is_on() -> None:
    assert "stale" not in rx().name + tag(rx()) + figures_key(rx())
    assert "stale=memory" in rx(stale="memory").name and "stale" in tag(rx(stale="memory"))
    with pytest.raises(BadConfiguration, match="use one of no, memory, all"):
        replace(rx().cfg, stale="yes")
    assert verdict(rx(stale="memory"), no_lost_kick)
