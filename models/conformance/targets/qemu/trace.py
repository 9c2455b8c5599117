"""QEMU's own events of a queue, as its `-trace ... -D FILE` writes them.

    virtio_set_status vdev 0x55f6 val 15
    virtio_queue_notify vdev 0x55f6 n 0 vq 0x7f94
    virtqueue_pop vq 0x7f94 elem 0x5563 in_num 1 out_num 0
    virtqueue_fill vq 0x7f94 elem 0x5563 len 72 idx 0
    virtqueue_flush vq 0x7f94 count 1
    virtio_notify vdev 0x55f6 vq 0x7f94

Trace points: hw/virtio/trace-events, QEMU 7.2.  Other events in the file are left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from vrx.models.conformance.errors import ConformError


class BadTraceFile(ConformError):
    """The file is not such a trace; the text says where and why."""


@dataclass(frozen=True)
class TraceEvent:
    """One event.  line: in the file, from 1; queue: the address of the VirtQueue, 0 for virtio_set_status.

    name: of the trace point; element: address of the VirtQueueElement;
    number: the status, idx, count, or (of a pop) how many segments the device may write
    """

    line: int
    name: str
    queue: int = 0
    element: int = 0
    number: int = 0

    def __str__(self) -> str:
        shown = {"virtio_set_status": "val", "virtqueue_fill": "idx", "virtqueue_flush": "count"}.get(self.name)
        return f"{self.name} {shown} {self.number}" if shown else self.name


_WORDS = {
    "virtio_set_status": "vdev %p val %n",
    "virtio_queue_notify": "vdev %p n %i vq %p",
    "virtqueue_pop": "vq %q elem %e in_num %n out_num %i",
    "virtqueue_fill": "vq %q elem %e len %i idx %n",
    "virtqueue_flush": "vq %q count %n",
    "virtio_notify": "vdev %p vq %q",
}


def _pattern(words: str) -> re.Pattern[str]:
    for mark, group in (
        ("%p", r"0x[0-9a-f]+"),
        ("%i", r"\d+"),
        ("%q", r"(?P<queue>0x[0-9a-f]+)"),
        ("%e", r"(?P<element>0x[0-9a-f]+)"),
        ("%n", r"(?P<number>\d+)"),
    ):
        words = words.replace(mark, group)
    return re.compile(words)


_PATTERNS = {name: _pattern(words) for name, words in _WORDS.items()}
_PATTERNS["virtio_queue_notify"] = re.compile(r"vdev 0x[0-9a-f]+ n (?P<number>\d+) vq (?P<queue>0x[0-9a-f]+)")
_EVENT = re.compile(r"(?:\d+@\d+\.\d+:)?(?P<name>[a-z][a-z0-9_]*)(?: (?P<rest>.*))?")


def read(path: Path) -> list[TraceEvent]:
    """The events of a file.  Raises BadTraceFile."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise BadTraceFile(f"{path}: {error.strerror}") from None
    if data and not data.endswith(b"\n"):
        raise BadTraceFile(f"{path}:{len(data.splitlines())}: the last line is cut off")
    events = list(_events(str(path), data.decode("ascii", errors="replace").split("\n")[:-1]))
    if not events:
        wanted = " ".join(f"-trace {name}" for name in _WORDS)
        raise BadTraceFile(f"{path}: no event of a queue in it: run QEMU with {wanted} -D FILE")
    return events


def _events(name: str, lines: Iterable[str]) -> Iterable[TraceEvent]:
    for number, line in enumerate(lines, 1):
        event = _EVENT.fullmatch(line)
        if event is None:
            raise BadTraceFile(f"{name}:{number}: not a trace event: {line[:60]!r}")
        pattern = _PATTERNS.get(event["name"])
        if pattern is None:
            continue
        found = pattern.fullmatch(event["rest"] or "")
        if found is None:
            raise BadTraceFile(f"{name}:{number}: {event['name']} has other arguments: {(event['rest'] or '')[:60]!r}")
        values = {k: int(v, 16 if v.startswith("0x") else 10) for k, v in found.groupdict().items()}
        yield TraceEvent(number, event["name"], **values)


def of_receive_queue(events: Sequence[TraceEvent]) -> list[TraceEvent]:
    """The events of one queue: the one that kicks call number 0, else the first whose buffers are written.

    Raises BadTraceFile if there is none.
    """
    kicked = (e.queue for e in events if e.name == "virtio_queue_notify" and e.number == 0)
    written = (e.queue for e in events if e.name == "virtqueue_pop" and e.number)
    queue = next(kicked, None) or next(written, None)
    if queue is None:
        raise BadTraceFile("no event of a receive queue: it was neither kicked nor used")
    return [e for e in events if e.queue in (0, queue)]
