"""The split ring: VIRTIO 1.4, 2.7 (Split Virtqueues)."""
