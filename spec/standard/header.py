"""What a device may write into the header of a received packet: the rules that ask only for negotiated features."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

NEEDS_CSUM, DATA_VALID, RSC_INFO = 1, 2, 4
"""Bits of `flags`.  Spec: VIRTIO 1.4, 5.1.9 (Device Operation)."""
NONE, TCPV4, UDP, TCPV6, UDP_L4, ECN = 0, 1, 3, 4, 5, 0x80
"""Values of `gso_type`; ECN is a bit beside them."""
ETHERNET = 18
"""Bytes of the header of a frame, which an MTU does not count, with the tag of a VLAN (A28)."""
TUNNEL = 0x60
"""Bits of `gso_type` for UDP tunnels, which no rule here is about."""
NEEDED: dict[int, tuple[str, frozenset[str]]] = {
    TCPV4: ("5.1.9.4.1-7", frozenset({"GUEST_TSO4"})),
    UDP: ("5.1.9.4.1-8", frozenset({"GUEST_UFO"})),
    TCPV6: ("5.1.9.4.1-9", frozenset({"GUEST_TSO6"})),
    UDP_L4: ("5.1.9.4.1-10", frozenset({"GUEST_USO4", "GUEST_USO6"})),
}
"""gso_type -> the clause, and the features one of which it needs."""
GUEST_GSO = frozenset().union(*(features for _, features in NEEDED.values()))


@dataclass(frozen=True, slots=True)
class Header:
    """struct virtio_net_hdr as it was found in a packet's first buffer.  Each field as wide as there: 8 or 16 bits."""

    num_buffers: int = 1
    flags: int = 0
    gso_type: int = 0
    gso_size: int = 0


def broken(header: Header, features: Collection[str]) -> Iterator[str]:
    """The clauses that a header breaks.  features: names without the prefix: "GUEST_CSUM", "GUEST_TSO4".

    Spec: VIRTIO 1.4, 5.1.9.4.1 (Device Requirements: Processing of Incoming Packets)
    """
    if "GUEST_CSUM" not in features and header.flags:
        yield "5.1.9.4.1-5"
    kind = header.gso_type & ~(ECN | TUNNEL)
    if kind in NEEDED:
        clause, needed = NEEDED[kind]
        if not needed & set(features):
            yield clause
    if header.gso_type == NONE:
        return
    if not GUEST_GSO & set(features):
        yield "5.1.9.4.1-26"
    if not header.flags & NEEDS_CSUM:
        yield "5.1.9.4.1-27"
    if header.gso_size == 0:
        yield "5.1.9.4.1-28"


TUNNELS = frozenset({"HOST_UDP_TUNNEL_GSO", "GUEST_UDP_TUNNEL_GSO"})


def header_size(features: Collection[str]) -> int:
    """Bytes of struct virtio_net_hdr: every field up to the last that a feature asks for.

    Spec: VIRTIO 1.4, 5.1.9.3.1 (Driver Requirements: Setting Up Receive Buffers), rule 5.1.9.3.1-4
    """
    asked = set(features)
    if asked & {"OUT_NET_HEADER", "IPSEC"}:
        return 32
    if asked & TUNNELS:
        return 24
    return 20 if "HASH_REPORT" in asked else 12


def whole_size(features: Collection[str]) -> int:
    """Bytes that a receive buffer should have where buffers do not merge: with guest GSO 64 KiB and more.

    Spec: VIRTIO 1.4, 5.1.9.3.1 (Driver Requirements: Setting Up Receive Buffers), rules 5.1.9.3.1-1 and -2
    """
    largest = 65601 if GUEST_GSO & set(features) else 1526
    return largest + 8 if "HASH_REPORT" in features else largest
