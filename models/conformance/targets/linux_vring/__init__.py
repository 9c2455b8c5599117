"""Linux's virtio_ring.c in user space: a driver's half of a virtqueue."""
