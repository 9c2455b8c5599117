"""QEMU's virtio-net device, steered from here: over virtio-mmio or virtio-pci, no guest."""
