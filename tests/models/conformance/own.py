"""Targets as somebody may write them in a file: one that keeps the rules in few configurations, and faulty ones."""

from __future__ import annotations

from pathlib import Path

from tests.needs import need

DEAF = '''
from vrx.models.conformance.targets.linux_vring.target import LinuxVring
from vrx.models.conformance.targets.linux_vring.source import ring_text

class Few(LinuxVring):
    def setups(self):
        return super().setups()[:4]

class Deaf(Few):
    """virtio_ring.c that never kicks."""
    def __init__(self):
        old = "needs_kick = !(vq->split.vring.used->flags &"
        text = ring_text()
        assert text.count(old) == 1
        super().__init__(text.replace(old, "needs_kick = 0 && !(vq->split.vring.used->flags &"))

class Crashing(Few):
    """One that ends."""
    def post(self, segments, token):
        if len(segments) == 3:
            import os
            os.abort()
        return super().post(segments, token)

class Hanging(LinuxVring):
    """One that never answers."""
    def enable_delayed(self):
        while True:
            pass

class Raising(LinuxVring):
    """An adapter with a fault."""
    def version(self):
        return 1 // 0
'''


def written(folder: Path) -> Path:
    """The file, in this folder."""
    need("linux-vring")
    path = folder / "own.py"
    path.write_text(DEAF)
    return path
