"""The virtio_net header that lies before a packet, whatever the layout of the queue.  VIRTIO 1.4: 5.1.9."""

from __future__ import annotations

from typing import Final, NamedTuple

HEADER_BYTES: Final = 12
"""struct virtio_net_hdr with VERSION_1 and without HASH_REPORT.  5.1.9 (Device Operation)."""
HASH_HEADER_BYTES: Final = 20
"""The same with HASH_REPORT."""


class NetHeader(NamedTuple):
    """struct virtio_net_hdr, the fields that every modern device writes.  5.1.9 (Device Operation)."""

    flags: int = 0
    gso_type: int = 0
    hdr_len: int = 0
    gso_size: int = 0
    csum_start: int = 0
    csum_offset: int = 0
    num_buffers: int = 0

    def encode(self) -> bytes:
        """12 bytes: flags u8 at 0, gso_type u8 at 1, then le16 at 2, 4, 6, 8, 10."""
        out = bytearray((self.flags, self.gso_type))
        for value in self[2:]:
            out += value.to_bytes(2, "little")
        return bytes(out)

    @classmethod
    def decode(cls, raw: bytes | bytearray | memoryview) -> NetHeader:
        """From the first 12 bytes of `raw`.  Raises ValueError if there are fewer."""
        if len(raw) < HEADER_BYTES:
            raise ValueError(f"a virtio_net header takes {HEADER_BYTES} bytes, there are {len(raw)}")
        return cls(raw[0], raw[1], *(raw[i] | raw[i + 1] << 8 for i in range(2, HEADER_BYTES, 2)))
