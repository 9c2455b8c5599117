"""What is negotiated between a device and a driver, as far as the standard's rules depend on it."""

from __future__ import annotations

from dataclasses import dataclass

from spec.config import BadConfiguration, Config


@dataclass(frozen=True)
class StandardConfig(Config):
    """A virtqueue of the standard.  Of `spec.config.Config` matter size, idx_bits, event_idx, mergeable and memory.

    in_order     VIRTIO_F_IN_ORDER negotiated: buffers come back in the order in which they were offered
    lengths      capacities of buffers and used lengths are part of the state
    len_bits     width of a capacity and of a length; VIRTIO has 32
    header       the smallest buffer, in the unit of lengths: 12 bytes, 20 with VIRTIO_NET_F_HASH_REPORT
    whole        the smallest buffer that holds every packet where buffers do not merge, in the unit of lengths
    """

    in_order: bool = False
    lengths: bool = False
    len_bits: int = 2
    header: int = 1
    whole: int = 1

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 1 <= self.len_bits <= 32:
            raise BadConfiguration(f"len_bits={self.len_bits}: use 1..32")
        if not 0 <= self.header < 1 << self.len_bits:
            raise BadConfiguration(f"header={self.header}: use 0..{(1 << self.len_bits) - 1}")

    def describe(self) -> str:
        """The configuration in a few words."""
        words = [f"size={self.size}", "event_idx" if self.event_idx else "flags"]
        words += [f"idx_bits={self.idx_bits}"] if self.idx_bits != 3 else []
        words += [name for name in ("in_order", "mergeable", "lengths") if getattr(self, name)]
        return f"standard({', '.join(words)})"
