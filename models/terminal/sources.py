"""Importing what a user has just edited: from its source, and never from what Python kept of an earlier one."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def from_source() -> Iterator[None]:
    """What is imported is what stands in the sources now.  Python's own cache goes by second and size, so a file that
    was edited at once, or copied with its time, would be the one before."""
    before = sys.dont_write_bytecode, sys.pycache_prefix
    sys.dont_write_bytecode, sys.pycache_prefix = True, os.devnull  # below it there is no file
    importlib.invalidate_caches()
    try:
        yield
    finally:
        sys.dont_write_bytecode, sys.pycache_prefix = before
