"""The lengths of real frames, in their order: from a capture (pcap, pcapng), or from a file with one length a line.

dpkt knows the formats; here is the loop over the records, which says at which
byte a damaged file stops making sense, and keeps the frames before it.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, BinaryIO

from vrx.models.terminal.output import Usage

LARGEST = 65550
"""The longest frame that a sender hands to QEMU's tap: 64 KiB and an Ethernet header, in bytes."""
ETHERNET = 14
LINKS = {1: 0, 0: ETHERNET - 4, 12: ETHERNET, 101: ETHERNET, 113: ETHERNET - 16, 276: ETHERNET - 20}
"""Link types (tcpdump.org/linktypes.html) and how much longer the frame is on Ethernet: Ethernet itself; null; raw IP
(two numbers); the cooked captures of `-i any` (two versions)."""
SECTION, INTERFACE, PACKET, SIMPLE, ENHANCED = 0x0A0D0D0A, 1, 2, 3, 6
"""Block types of pcapng."""


@dataclass
class Frames:
    """The lengths of frames, in bytes and in order.  damage: why the file was not read to its end, or nothing."""

    path: str
    lengths: list[int] = field(default_factory=list)
    damage: str = ""


class _Damaged(Exception):
    """The file stops making sense here."""

    def __init__(self, at: int, why: str) -> None:
        super().__init__(f"at byte {at}: {why}")


def read_capture(path: str) -> Frames:
    """The frames of a pcap or pcapng file, by their length on the wire (not by what of them was captured)."""
    try:
        import dpkt
    except ImportError:
        raise Usage("reading a capture needs dpkt: pip install dpkt") from None
    frames = Frames("standard input" if path == "-" else path)
    with _opened(path) as file:
        try:
            magic = file.read(4)
            file.seek(0)
            if int.from_bytes(magic, "big") in dpkt.pcap.MAGIC_TO_PKT_HDR:
                found = _pcap(file, dpkt.pcap)
            elif int.from_bytes(magic, "big") == SECTION:
                found = _pcapng(file, dpkt.pcapng)
            else:
                what = f"it begins with {magic.hex(' ')}" if magic else "it is empty"
                raise _Damaged(0, f"no capture (pcap or pcapng): {what}")
            for at, length in found:
                if not 0 < length <= LARGEST:
                    raise _Damaged(at, f"a frame of {length:,} bytes; use frames of 1 to {LARGEST:,}")
                frames.lengths.append(length)
        except _Damaged as error:
            frames.damage = str(error)
    return frames


def _pcap(file: BinaryIO, pcap: Any) -> Iterator[tuple[int, int]]:
    head = _exactly(file, pcap.FileHdr.__hdr_len__, "the file header")
    known = pcap.FileHdr(head)
    kind = pcap.MAGIC_TO_PKT_HDR[known.magic]
    if known.magic in (pcap.PMUDPCT_MAGIC, pcap.PMUDPCT_MAGIC_NANO, pcap.PACPDOM_MAGIC):
        known = pcap.LEFileHdr(head)
    longer = _link(known.linktype & 0xFFFF, 20)
    while True:
        at = file.tell()
        first = file.read(1)
        if not first:
            return
        record = kind(first + _exactly(file, kind.__hdr_len__ - 1, "the header of a frame", at))
        if record.caplen > record.len:
            raise _Damaged(at, f"a frame of {record.len:,} bytes of which {record.caplen:,} were captured")
        _exactly(file, record.caplen, "a frame", at)
        yield at, record.len + longer


def _pcapng(file: BinaryIO, pcapng: Any) -> Iterator[tuple[int, int]]:
    little = True
    longer: list[int] = []
    while True:
        at = file.tell()
        head = file.read(1)
        if not head:
            return
        head += _exactly(file, 7, "the header of a block", at)
        if int.from_bytes(head[:4], "big") == SECTION:
            head += _exactly(file, 4, "the header of a section", at)
            order = int.from_bytes(head[8:12], "little")
            if order not in (pcapng.BYTE_ORDER_MAGIC, pcapng.BYTE_ORDER_MAGIC_LE):
                raise _Damaged(at, "a section without a byte order")
            little, longer = order == pcapng.BYTE_ORDER_MAGIC, []
        order_name = "little" if little else "big"
        kind, size = (int.from_bytes(head[i : i + 4], order_name) for i in (0, 4))  # type: ignore[arg-type]
        if size < 12 or size % 4:
            raise _Damaged(at, f"a block of {size:,} bytes")
        block = head + _exactly(file, size - len(head), "a block", at)
        if block[-4:] != block[4:8]:
            raise _Damaged(at, "a block whose two lengths differ")
        suffix = "LE" if little else ""
        try:
            if kind == INTERFACE:
                longer.append(_link(getattr(pcapng, "InterfaceDescriptionBlock" + suffix)(block).linktype, at))
            elif kind in (ENHANCED, PACKET):
                name = "EnhancedPacketBlock" if kind == ENHANCED else "PacketBlock"
                packet = getattr(pcapng, name + suffix)(block)
                yield at, packet.pkt_len + longer[packet.iface_id]
            elif kind == SIMPLE:
                yield at, int.from_bytes(block[8:12], order_name) + longer[0]  # type: ignore[arg-type]
        except IndexError:
            raise _Damaged(at, "a frame of an interface that was not described") from None
        except (pcapng.dpkt.Error, ValueError) as error:
            raise _Damaged(at, f"a block of type {kind} that does not add up ({error})") from None


def _link(kind: int, at: int) -> int:
    """How much longer a frame of this link type is on Ethernet."""
    if kind not in LINKS:
        raise _Damaged(at, f"link type {kind}: use a capture of Ethernet, of raw IP, or of any interface (-i any)")
    return LINKS[kind]


def _exactly(file: BinaryIO, count: int, what: str, at: int | None = None) -> bytes:
    here = file.tell() if at is None else at
    data = file.read(count) if count < 1 << 27 else b""
    if len(data) != count:
        raise _Damaged(here, f"the file ends within {what} that begins here")
    return data


def read_sizes(path: str) -> Frames:
    """A text file with one length in bytes a line; blank lines and what follows a # do not count."""
    frames = Frames("standard input" if path == "-" else path)
    at = 0
    with _opened(path) as file:
        for number, raw in enumerate(file, 1):
            text = raw.partition(b"#")[0].strip()
            if text and not (text.isdigit() and len(text) < 10 and 0 < int(text) <= LARGEST):
                shown = text[:20].decode("ascii", "replace")
                frames.damage = f"at byte {at}, line {number}: {shown!r} is no length; write 1 to {LARGEST:,}"
                break
            if text:
                frames.lengths.append(int(text))
            at += len(raw)
    return frames


def _opened(path: str) -> BinaryIO:
    """The file; - is standard input.  A pipe is read to its end first, because positions are asked of it."""
    try:
        file = sys.stdin.buffer if path == "-" else open(path, "rb")  # noqa: SIM115
        return file if file.seekable() else io.BytesIO(file.read())
    except OSError as error:
        raise Usage(f"cannot read {path}: {error.strerror}") from None
