"""The driver side: Linux 6.1 as Debian 12 ships it, one module per C file."""
