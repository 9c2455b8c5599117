"""The target `linux-vring`: Linux's virtio_ring.c as a driver's half of a virtqueue, in the process that loads it."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence

from vrx.models.conformance.memory import SharedFile
from vrx.models.conformance.protocol import Crashed, Feature, Segment, Setup, Taken, Unsupported, setup
from vrx.models.conformance.targets.linux_vring.mutants import mutant
from vrx.models.conformance.targets.linux_vring.source import library, package_version, ring_text
from vrx.models.conformance.wire.layout import QueueAddresses

MEGABYTE = 1 << 20
U64, U32 = ctypes.c_uint64, ctypes.c_uint32
PROTOTYPES: dict[str, tuple[object, tuple[object, ...]]] = {
    "memory": (None, (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_size_t)),
    "start": (ctypes.c_int, (U32, U64, ctypes.c_int)),
    "begin": (None, (U32,)),
    "where": (None, (ctypes.POINTER(U64),)),
    "features": (U64, ()),
    "end": (None, ()),
    "post": (ctypes.c_int, (ctypes.POINTER(U64), U32, U32, ctypes.c_ulong, ctypes.c_int)),
    "kick": (None, ()),
    "take": (ctypes.c_ulong, (ctypes.POINTER(U32), ctypes.c_int)),
    "disable": (None, ()),
    "enable": (ctypes.c_int, ()),
    "prepare": (U32, ()),
    "poll": (ctypes.c_int, (U32,)),
    "enable_delayed": (ctypes.c_int, ()),
    "interrupt": (ctypes.c_int, ()),
    "kicks": (U32, ()),
    "callbacks": (U32, ()),
    "broken": (ctypes.c_int, ()),
    "detach": (ctypes.c_ulong, ()),
    "live": (ctypes.c_long, ()),
}
MOST_SEGMENTS = 32768


class LinuxVring:
    """A `QueueDriver`.

    ring: a changed copy of virtio_ring.c, for those who plant faults
    fault: the name of a fault to plant, of `mutants.py` beside this
    """

    can = frozenset({"prepare", "delayed", "begin"})

    def __init__(self, ring: str | None = None, fault: str = "", begin: int = 4096) -> None:
        self.file = SharedFile(64 * MEGABYTE)
        self.memory = self.file.memory(reserved=16 * MEGABYTE)
        made = library(mutant(fault).plant(ring_text()) if fault else ring)
        self._c = {}
        for name, (result, arguments) in PROTOTYPES.items():
            function = getattr(made, f"vrx_{name}")
            function.restype, function.argtypes = result, arguments
            self._c[name] = function
        base = ctypes.addressof(ctypes.c_char.from_buffer(self.file.map))
        self._c["memory"](base, begin, 16 * MEGABYTE)
        self._segments = (U64 * (2 * MOST_SEGMENTS))()
        self._length = U32()
        self._context = 0
        self._version = ""
        self._started = False
        # The calls that count for the rate, without a look-up.
        self._post, self._take = self._c["post"], self._c["take"]
        self.kick = self._c["kick"]
        self.disable = self._c["disable"]
        self.kicks = self._c["kicks"]
        self.called_back = self._c["callbacks"]
        self._interrupt = self._c["interrupt"]

    def version(self) -> str:
        if not self._version:
            package = package_version()
            self._version = f"Linux {package.split('-')[0]} virtio_ring.c (Debian linux-source-6.1 {package})"
        return self._version

    def setups(self) -> Sequence[Setup]:
        sizes = (4, 1, 2, 8, 256, 1024)
        out = []
        for i, size in enumerate(sizes):
            for event_idx in (False, True):
                for indirect in (False, True):
                    out.append(setup(size, event_idx=event_idx, indirect=indirect, big=bool(i % 2)))
                out.append(setup(size, event_idx=event_idx, indirect=True, mergeable=True))
        out.append(setup(16, Feature.ACCESS_PLATFORM, event_idx=True, indirect=True))
        for i, size in enumerate((4, 1, 3, 2, 5, 256, 1000)):
            for event_idx in (False, True):
                for indirect in (False, True):
                    out.append(setup(size, packed=True, event_idx=event_idx, indirect=indirect, big=bool(i % 2)))
                out.append(setup(size, packed=True, event_idx=event_idx, indirect=True, mergeable=True))
        out.append(setup(15, Feature.ACCESS_PLATFORM, packed=True, event_idx=True, indirect=True))
        return out

    def start(self, setup: Setup) -> QueueAddresses:
        self.reset()
        wanted = sum(1 << feature for feature in setup.features)
        self._context = int(setup.mergeable)
        if self._c["start"](setup.size, wanted, self._context):
            raise Unsupported(f"no memory for a queue of {setup.size} entries")
        self._started = True
        ring = {Feature.RING_INDIRECT_DESC, Feature.RING_EVENT_IDX, Feature.RING_PACKED, Feature.ACCESS_PLATFORM}
        for feature in setup.features & ring:
            if not self._c["features"]() >> feature & 1:
                raise Unsupported(f"virtio_ring.c does not take {feature.name}")
        where = (U64 * 4)()
        self._c["where"](where)
        return QueueAddresses(where[3], where[0], where[1], where[2])

    def begin(self, index: int) -> None:
        """As if `index` buffers had gone through the queue, which is empty."""
        self._c["begin"](index)

    def settle(self) -> None:
        """Nothing runs by itself here."""

    def broken(self) -> bool:
        return bool(self._c["broken"]())

    def reset(self) -> None:
        """Take back what is out, as virtio_net does, and end the queue."""
        if self._started:
            for _ in range(MOST_SEGMENTS + 1):
                if not self._c["detach"]():
                    break
            else:
                raise Crashed("virtqueue_detach_unused_buf() gives back more buffers than there are descriptors")
            self._c["end"]()
            self._started = False

    def reset_queue(self) -> None:
        raise Unsupported("virtio_ring.c leaves the reset of a queue to its transport")

    def stop(self) -> None:
        raise Unsupported("there is no machine to stop")

    def go_on(self) -> None:
        raise Unsupported("there is no machine to stop")

    def close(self) -> None:
        self.reset()
        self.file.close()

    def interrupt(self) -> None:
        self._interrupt()

    def delivered(self) -> None:
        """A queue delivers nothing: `take` says what came back."""

    def post(self, segments: Sequence[Segment], token: int) -> bool:
        flat, i, readable = self._segments, 0, 0
        for address, length, writable in segments:
            flat[i] = address
            flat[i + 1] = length
            i += 2
            readable += not writable
        return bool(self._post(flat, i >> 1, readable, token, self._context) == 0)

    def take(self) -> Taken | None:
        token = self._take(self._length, self._context)
        return Taken(token, self._length.value) if token else None

    def enable(self) -> bool:
        return bool(self._c["enable"]())

    def prepare(self) -> int:
        return int(self._c["prepare"]())

    def poll(self, mark: int) -> bool:
        return bool(self._c["poll"](mark))

    def enable_delayed(self) -> bool:
        return bool(self._c["enable_delayed"]())

    def detach(self) -> int | None:
        return self._c["detach"]() or None

    def allocations(self) -> int:
        """Blocks of memory that the driver holds: as many after a reset as before the start, if it leaks none."""
        return int(self._c["live"]())
