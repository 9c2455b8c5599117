"""The wire: what stands in memory that both sides map, and what crosses it.

What a target of one's own needs is here: the structures of both layouts, the header before
a packet, and a chain read off a split ring.
"""

from vrx.models.conformance.wire.buffer import Chain, Malformed, read_prefix, write_prefix
from vrx.models.conformance.wire.header import HASH_HEADER_BYTES, HEADER_BYTES, NetHeader
from vrx.models.conformance.wire.layout import DESC_BYTES, INDIRECT, NEXT, WRITE, Layout, QueueAddresses, parts, place
from vrx.models.conformance.wire.packed.ring import PackedDescriptor, PackedRing
from vrx.models.conformance.wire.split.chain import read_chain
from vrx.models.conformance.wire.split.ring import (
    NO_INTERRUPT,
    NO_NOTIFY,
    Descriptor,
    DescriptorTable,
    SplitRing,
    UsedElement,
)

__all__ = [
    "DESC_BYTES", "HASH_HEADER_BYTES", "HEADER_BYTES", "INDIRECT", "NEXT", "NO_INTERRUPT", "NO_NOTIFY", "WRITE",
    "Chain", "Descriptor", "DescriptorTable", "Layout", "Malformed", "NetHeader", "PackedDescriptor", "PackedRing",
    "QueueAddresses", "SplitRing", "UsedElement", "parts", "place", "read_chain", "read_prefix", "write_prefix",
]  # fmt: skip
