"""The packed ring: VIRTIO 1.4, 2.8 (Packed Virtqueues)."""
