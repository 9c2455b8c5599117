"""The device side: QEMU 7.2 as Debian 12 ships it, one module per C file."""
