"""Traces of QEMU's own events against the model: real ones are allowed, altered ones are not."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.models.conformance.targets.qemu.test_device import Peer, make
from vrx.models.conformance.protocol import setup
from vrx.models.conformance.targets.qemu.device import QemuDevice
from vrx.models.conformance.targets.qemu.trace import BadTraceFile
from vrx.models.conformance.targets.qemu.validate import Followed, report, validate
from vrx.proofs.command.cli import main

TRACE = """\
virtio_set_status vdev 0x55f0 val 0
virtio_set_status vdev 0x55f0 val 1
virtio_set_status vdev 0x55f0 val 11
virtio_set_status vdev 0x55f0 val 15
virtio_queue_notify vdev 0x55f0 n 0 vq 0x7f90
virtqueue_pop vq 0x7f90 elem 0xa0 in_num 1 out_num 0
virtqueue_pop vq 0x7f90 elem 0xb0 in_num 1 out_num 0
virtqueue_fill vq 0x7f90 elem 0xa0 len 100 idx 0
virtqueue_fill vq 0x7f90 elem 0xb0 len 72 idx 1
virtqueue_flush vq 0x7f90 count 2
virtio_notify vdev 0x55f0 vq 0x7f90
virtqueue_pop vq 0x7f90 elem 0xb0 in_num 1 out_num 0
virtqueue_fill vq 0x7f90 elem 0xb0 len 72 idx 0
virtqueue_flush vq 0x7f90 count 1
virtio_queue_notify vdev 0x55f0 n 0 vq 0x7f90
"""


def check(tmp_path: Path, text: str) -> Followed:
    path = tmp_path / "trace"
    path.write_text(text)
    return validate(path)


def test_a_trace_that_the_model_allows(tmp_path: Path) -> None:
    followed = check(tmp_path, TRACE)
    assert (followed.finding, followed.events, followed.packets, followed.interrupts) == (None, 15, 2, 1)
    assert "the model allows all 15 events" in report(tmp_path / "trace", followed)


@pytest.mark.parametrize(
    ("old", "new", "line", "allowed"),
    [
        ("elem 0xa0 len 100 idx 0", "elem 0xa0 len 100 idx 1", 8, "virtqueue_fill idx 0"),
        ("elem 0xa0 len 100 idx 0", "elem 0xb0 len 100 idx 0", 8, "virtqueue_fill idx 0 of element 0xa0"),
        ("0xb0 len 72 idx 1\n", "0xb0 len 72 idx 0\n", 9, "virtqueue_fill idx 1"),
        ("virtqueue_fill vq 0x7f90 elem 0xb0 len 72 idx 1\n", "", 9, "virtqueue_fill idx 1"),
        ("count 2", "count 1", 10, "virtqueue_flush count 2"),
        ("virtqueue_flush vq 0x7f90 count 2\n", "", 10, "virtqueue_flush count 2"),
        ("val 15", "val 11", 6, "virtio_set_status"),
        ("virtio_notify vdev 0x55f0 vq 0x7f90\n", "", 11, "virtio_notify"),  # the first is owed, whatever is asked for
        ("virtio_notify vdev 0x55f0 vq 0x7f90\n", "virtio_notify vdev 0x55f0 vq 0x7f90\n" * 2, 12, "virtqueue_pop"),
        ("idx 0\n", "idx 0\nvirtio_queue_notify vdev 0x55f0 n 0 vq 0x7f90\n", 9, "virtqueue_fill idx 1"),
        ("virtqueue_pop vq 0x7f90 elem 0xa0 in_num 1 out_num 0\n", "", 7, "virtqueue_fill idx 0 of element 0xb0"),
    ],
)
def test_the_first_event_that_is_not_allowed(tmp_path: Path, old: str, new: str, line: int, allowed: str) -> None:
    assert old in TRACE
    path = tmp_path / "trace"
    path.write_text(TRACE.replace(old, new, 1))
    followed = validate(path, mergeable=True, event_idx=True)
    assert followed.finding is not None
    assert followed.finding.event.line == line
    assert allowed in followed.finding.allowed
    assert f"trace:{line}: " in report(tmp_path / "trace", followed)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "no event of a queue in it: run QEMU with -trace"),
        ("virtio_mmio_read offset 0x0\n", "no event of a queue in it"),
        ("virtio_set_status vdev 0x1 val 4\n", "no event of a receive queue"),
        (TRACE[:-20], "trace:15: the last line is cut off"),
        (TRACE.replace("count 2", "count two"), "trace:10: virtqueue_flush has other arguments: 'vq 0x7f90 count two'"),
        (TRACE.replace("virtqueue_flush", "\0\xff", 1), "trace:10: not a trace event"),
    ],
)
def test_a_damaged_file_is_one_line(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(BadTraceFile) as bad:
        check(tmp_path, text)
    assert says in str(bad.value)
    assert "\n" not in str(bad.value)


def test_a_missing_file_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(BadTraceFile, match="No such file"):
        validate(tmp_path / "nothing")


@pytest.mark.slow
@pytest.mark.parametrize("event_idx", [False, True])
@pytest.mark.parametrize(("mergeable", "size", "buffer"), [(False, 1, 100), (False, 16, 100), (True, 4, 100)])
def test_what_qemu_does_is_what_the_model_does(
    tmp_path: Path, mergeable: bool, event_idx: bool, size: int, buffer: int
) -> None:
    """Three lives of a device with random frames (some too large), suppression and kicks; then a broken ring."""
    make().close()
    path = tmp_path / "trace"
    target = QemuDevice(path)
    try:
        exercise(target, mergeable, event_idx, size, buffer)
    finally:
        target.close()
    followed = validate(path)
    assert followed.finding is None, report(path, followed)
    assert followed.packets > 10
    lines = path.read_text().splitlines()
    rnd = random.Random(2)
    for name in ("virtqueue_pop", "virtqueue_flush"):
        alter = list(lines)
        del alter[rnd.choice([i for i, line in enumerate(lines) if line.startswith(name)])]
        if name != "virtqueue_pop" or mergeable:
            assert check(tmp_path, "\n".join([*alter, ""])).finding is not None


def exercise(target: QemuDevice, mergeable: bool, event_idx: bool, size: int, buffer: int) -> None:
    rnd = random.Random(1)
    for _ in range(3):
        peer = Peer(target, setup(size, mergeable=mergeable, event_idx=event_idx), buffer)
        posted = 0
        for _ in range(120):
            free = size - (posted - peer.ring.used_idx)
            what = rnd.random()
            if what < 0.4 and free:
                more = rnd.randint(1, free)
                peer.post(more)
                posted += more
            elif what < 0.8:
                target.inject(b"x" * rnd.randint(1, 3 * buffer if mergeable else buffer + 20))
            elif what < 0.9 and event_idx:
                peer.ring.used_event = (peer.ring.used_idx + rnd.randint(-1, 2)) & 0xFFFF
            elif what < 0.9:
                peer.ring.avail_flags = rnd.randint(0, 1)
            else:
                target.settle()
        target.settle()
    peer = Peer(target, setup(size, mergeable=mergeable, event_idx=event_idx), buffer)
    peer.buffer = 0
    peer.post()
    target.inject(b"x" * 20)
    target.settle()


def test_the_command_ends_with_what_the_trace_comes_to(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Status 0 for a trace of the model's, 1 for another, 2 and one line for what is none."""
    path = tmp_path / "trace"
    for text, status in ((TRACE, 0), (TRACE.replace("count 2", "count 3"), 1), ("nonsense!\n", 2)):
        path.write_text(text)
        assert main(["conform", "qemu", "--validate", str(path)]) == status
    said = capsys.readouterr()
    assert "it would have allowed: virtqueue_flush count 2" in said.out
    assert said.err == f"vrx: {path}:1: not a trace event: 'nonsense!'\n"
    assert main(["conform", "linux-vring", "--validate", str(path)]) == 2
