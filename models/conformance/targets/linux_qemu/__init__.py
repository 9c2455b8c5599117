"""linux_vring as the driver of qemu."""
