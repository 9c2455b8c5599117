"""The wire: every field at its offset, every structure there and back, nothing written outside."""

from __future__ import annotations

import struct
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vrx.models.conformance.memory import PAGE, OutsideMemory, SharedFile
from vrx.models.conformance.protocol import Feature, Setup, setup
from vrx.models.conformance.wire import (
    Descriptor,
    DescriptorTable,
    Layout,
    NetHeader,
    PackedDescriptor,
    PackedRing,
    QueueAddresses,
    SplitRing,
    UsedElement,
    parts,
    place,
)

U16 = st.integers(0, 2**16 - 1)
U32 = st.integers(0, 2**32 - 1)
U64 = st.integers(0, 2**64 - 1)
SPLIT_SIZES = st.sampled_from([1, 2, 4, 64, 256, 1024])
FILE = SharedFile(16 * PAGE)
MEMORY = FILE.memory()


def fresh(layout: Layout, size: int) -> tuple[Any, QueueAddresses]:
    """A ring in memory that is filled with a pattern."""
    FILE.view[:] = b"\xa5" * len(FILE.view)
    where, _ = place(layout, size, PAGE, spread=64)
    return (SplitRing(MEMORY, where) if layout == "split" else PackedRing(MEMORY, where)), where


def assert_wrote(begin: int, raw: bytes) -> None:
    """Exactly `raw` stands at `begin`; all other bytes still have the pattern."""
    end = begin + len(raw)
    assert FILE.view[begin:end] == raw
    assert bytes(FILE.view[:begin]) == b"\xa5" * begin
    assert bytes(FILE.view[end:]) == b"\xa5" * (len(FILE.view) - end)


@given(SPLIT_SIZES, st.data(), U64, U32, U16, U16)
def test_a_split_descriptor_is_its_bytes(
    size: int, data: st.DataObject, addr: int, length: int, flags: int, nxt: int
) -> None:
    ring, where = fresh("split", size)
    i = data.draw(st.integers(0, size - 1))
    ring.desc[i] = Descriptor(addr, length, flags, nxt)
    assert_wrote(where.desc + 16 * i, struct.pack("<QIHH", addr, length, flags, nxt))
    assert ring.desc[i] == (addr, length, flags, nxt)


@given(SPLIT_SIZES, st.data(), U32, U32)
def test_a_used_element_is_its_bytes(size: int, data: st.DataObject, ident: int, length: int) -> None:
    ring, where = fresh("split", size)
    slot = data.draw(st.integers(0, size - 1))
    ring.set_used(slot, UsedElement(ident, length))
    assert_wrote(where.device + 4 + 8 * slot, struct.pack("<II", ident, length))
    assert ring.used(slot) == (ident, length)


@given(SPLIT_SIZES, st.data(), U16)
def test_an_available_entry_is_its_bytes(size: int, data: st.DataObject, head: int) -> None:
    ring, where = fresh("split", size)
    slot = data.draw(st.integers(0, size - 1))
    ring.set_avail(slot, head)
    assert_wrote(where.driver + 4 + 2 * slot, struct.pack("<H", head))
    assert ring.avail(slot) == head


@pytest.mark.parametrize(
    ("field", "part", "offset"),
    [
        ("avail_flags", "driver", lambda n: 0),
        ("avail_idx", "driver", lambda n: 2),
        ("used_event", "driver", lambda n: 4 + 2 * n),
        ("used_flags", "device", lambda n: 0),
        ("used_idx", "device", lambda n: 2),
        ("avail_event", "device", lambda n: 4 + 8 * n),
    ],
)
@given(size=SPLIT_SIZES, value=U16)
def test_a_field_of_the_split_ring_is_at_its_offset(field: str, part: str, offset: Any, size: int, value: int) -> None:
    ring, where = fresh("split", size)
    setattr(ring, field, value)
    assert_wrote(getattr(where, part) + offset(size), struct.pack("<H", value))
    assert getattr(ring, field) == value


@given(st.integers(1, 300), st.data(), U64, U32, U16, U16)
def test_a_packed_descriptor_is_its_bytes(
    size: int, data: st.DataObject, addr: int, length: int, ident: int, flags: int
) -> None:
    ring, where = fresh("packed", size)
    i = data.draw(st.integers(0, size - 1))
    ring.desc[i] = PackedDescriptor(addr, length, ident, flags)
    assert_wrote(where.desc + 16 * i, struct.pack("<QIHH", addr, length, ident, flags))
    assert ring.desc[i] == (addr, length, ident, flags)
    assert ring.desc.flags(i) == flags


@given(st.integers(1, 300), st.sampled_from(["driver", "device"]), U16, U16)
def test_an_event_suppression_area_is_its_bytes(size: int, side: str, off_wrap: int, flags: int) -> None:
    ring, where = fresh("packed", size)
    event = getattr(ring, f"{side}_event")
    event.off_wrap, event.flags = off_wrap, flags
    assert_wrote(getattr(where, side), struct.pack("<HH", off_wrap, flags))
    assert (event.off_wrap, event.flags) == (off_wrap, flags)


@given(st.sampled_from(["split", "packed"]), st.integers(0, 10), st.integers(0, 5000), st.integers(0, 64))
def test_parts_are_aligned_and_apart(layout: Layout, order: int, address: int, spread: int) -> None:
    where, end = place(layout, 1 << order, address, spread)
    begin = address
    for part, at in zip(parts(layout, 1 << order), (where.desc, where.driver, where.device), strict=True):
        assert at % part.align == 0
        assert begin + spread <= at
        begin = at + part.length
    assert end == begin + spread


def test_lengths_of_the_parts() -> None:
    """VIRTIO 1.4, 2.7 and 2.8: 16N, 6 + 2N, 6 + 8N; 16N, 4, 4."""
    assert parts("split", 256) == ((16, 4096), (2, 518), (4, 2054))
    assert parts("packed", 255) == ((16, 4080), (4, 4), (4, 4))


def test_a_misplaced_ring_is_refused() -> None:
    with pytest.raises(ValueError, match="aligned to 4"):
        SplitRing(MEMORY, QueueAddresses(4, PAGE, PAGE + 64, PAGE + 130))
    with pytest.raises(OutsideMemory):
        SplitRing(MEMORY, QueueAddresses(4, len(FILE.view) - 16, PAGE + 64, PAGE + 128))


@given(st.tuples(st.integers(0, 255), st.integers(0, 255), U16, U16, U16, U16, U16))
def test_a_net_header_is_its_bytes(fields: tuple[int, ...]) -> None:
    header = NetHeader(*fields)
    assert header.encode() == struct.pack("<BBHHHHH", *fields)
    assert NetHeader.decode(header.encode() + b"frame") == header


def test_a_short_header_is_refused() -> None:
    with pytest.raises(ValueError, match="12 bytes"):
        NetHeader.decode(b"\0" * 11)


def test_an_indirect_table_is_a_table() -> None:
    table = DescriptorTable(MEMORY.at(PAGE, 40))
    assert table.count == 2
    table[1] = Descriptor(1, 2, 3, 4)
    assert table[1] == (1, 2, 3, 4)


def test_setups_say_what_they_are() -> None:
    assert setup(16, event_idx=True, indirect=True).name == "split 16 small RING_INDIRECT_DESC RING_EVENT_IDX"
    assert setup(8, mergeable=True, packed=True).name == "packed 8 mergeable"
    assert setup(3, packed=True).layout == "packed"
    with pytest.raises(ValueError, match="3 entries"):
        setup(3)
    with pytest.raises(ValueError, match="mergeable"):
        Setup(16, frozenset({Feature.VERSION_1}), "mergeable")
