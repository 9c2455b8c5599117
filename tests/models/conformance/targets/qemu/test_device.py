"""Debian's QEMU as a target: steered without a guest, settled exactly, gone without a trace."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing

import pytest

from tests.needs import need
from vrx.models.conformance.protocol import Crashed, DeviceUnderTest, Hung, Missing, Setup, setup
from vrx.models.conformance.targets.model.spec_device import SpecDevice
from vrx.models.conformance.targets.qemu import process as qemu_process
from vrx.models.conformance.targets.qemu.device import QemuDevice
from vrx.models.conformance.wire import HEADER_BYTES, WRITE, Descriptor, QueueAddresses, SplitRing, parts, place


def make() -> QemuDevice:
    """A target; see `need`."""
    need("qemu")
    return QemuDevice()


@pytest.fixture
def target() -> Iterator[QemuDevice]:
    made = make()
    yield made
    made.close()


class Peer:
    """The least driver: one descriptor a buffer, buffers in order."""

    def __init__(self, target: DeviceUnderTest, chosen: Setup, buffer: int = 2048) -> None:
        self.target, self.size, self.buffer = target, chosen.size, buffer
        begin = target.memory.room[0]
        self.queue, end = place("split", chosen.size, begin)
        target.reset()
        target.memory.at(begin, end - begin)[:] = bytes(end - begin)
        target.start(chosen, self.queue)
        self.ring = SplitRing(target.memory, self.queue)
        self.first = -(-end // 4096) * 4096

    def at(self, number: int) -> int:
        return self.first + number * self.buffer

    def post(self, count: int = 1) -> None:
        for _ in range(count):
            n = self.ring.avail_idx
            head = n % self.size
            self.ring.desc[head] = Descriptor(self.at(head), self.buffer, WRITE, 0)
            self.ring.set_avail(head, head)
            self.ring.avail_idx = (n + 1) & 0xFFFF
        self.target.kick()

    def frame(self, number: int) -> bytes:
        """What used entry `number` brought, without its header."""
        element = self.ring.used(number % self.size)
        return bytes(self.target.memory.at(self.at(element.id), element.len))[HEADER_BYTES:]


def test_a_frame_comes_with_an_interrupt(target: QemuDevice) -> None:
    assert isinstance(target, DeviceUnderTest)
    assert target.version().startswith("QEMU ")
    peer = Peer(target, setup(4))
    peer.post()
    target.settle()
    assert (peer.ring.used_idx, target.interrupts()) == (0, 0)
    target.inject(b"a" * 60)
    target.settle()
    assert (peer.ring.used_idx, target.interrupts()) == (1, 1)
    assert peer.frame(0) == b"a" * 60
    target.settle()
    assert target.interrupts() == 0, "an acknowledged interrupt was counted again"


@pytest.mark.parametrize("size", [1, 2, 256, 1024])
@pytest.mark.parametrize("event_idx", [False, True])
@pytest.mark.parametrize("mergeable", [False, True])
def test_after_settle_every_frame_has_arrived(target: QemuDevice, size: int, event_idx: bool, mergeable: bool) -> None:
    """Whatever waits is there when settle returns: several rounds of as many frames as the ring holds, in order."""
    peer = Peer(target, setup(size, mergeable=mergeable, event_idx=event_idx))
    for round in range(3):
        peer.post(size)
        for k in range(size):
            target.inject(b"%08d" % (round * size + k) * 20)
        target.settle()
        assert peer.ring.used_idx == (round + 1) * size
        for n in range(round * size, (round + 1) * size):
            assert peer.frame(n)[:8] == b"%08d" % n


def test_more_than_the_socket_holds_arrives_in_order(target: QemuDevice) -> None:
    peer = Peer(target, setup(16, big=True), buffer=65536)
    frames = [bytes([n]) * 60_000 for n in range(64)]
    for frame in frames:
        target.inject(frame)
    target.settle()
    assert peer.ring.used_idx == 0
    for n in range(0, 64, 16):
        peer.post(16)
        target.settle()
        assert [peer.frame(k) for k in range(n, n + 16)] == frames[n : n + 16]


@pytest.mark.parametrize("kind", [make, SpecDevice], ids=["qemu", "model"])
def test_a_stopped_machine_receives_when_it_goes_on(kind: Callable[[], DeviceUnderTest]) -> None:
    """What arrives meanwhile waits; what waited for buffers before is dropped by the stop.  The model does the same."""
    target = kind()
    with closing(target):
        stops_and_goes_on(target)


def stops_and_goes_on(target: DeviceUnderTest) -> None:
    peer = Peer(target, setup(4))
    target.inject(b"waits" * 20)
    target.settle()
    target.stop()
    peer.post(2)
    target.inject(b"later" * 20)
    target.settle()
    assert (peer.ring.used_idx, target.interrupts()) == (0, 0)
    target.go_on()
    target.settle()
    assert peer.ring.used_idx == 1
    assert peer.frame(0) == b"later" * 20


@pytest.mark.parametrize("stopped", [False, True])
def test_nothing_from_before_a_reset_comes_after_it(target: QemuDevice, stopped: bool) -> None:
    Peer(target, setup(4))
    for _ in range(40):
        target.inject(b"old" * 9999)
    target.settle()
    if stopped:
        target.stop()
    peer = Peer(target, setup(4))
    peer.post()
    target.settle()
    assert (peer.ring.used_idx, target.interrupts()) == (0, 0)
    target.inject(b"new" * 20)
    target.settle()
    assert peer.frame(0) == b"new" * 20


def test_a_crash_is_told_and_leaves_nothing(target: QemuDevice) -> None:
    """QEMU aborts on a receive buffer shorter than the header (docs/deviations.md)."""
    peer = Peer(target, setup(4), buffer=8)
    peer.post()
    target.inject(b"f" * 60)
    with pytest.raises(Crashed, match=r"SIGABRT: .*Assertion"):
        target.settle()
    with pytest.raises(ProcessLookupError):
        os.kill(target.qemu.pid, 0)
    target.close()
    target.close()


def test_a_qemu_that_does_not_answer_is_told(target: QemuDevice, monkeypatch: pytest.MonkeyPatch) -> None:
    target.qemu._qtest.settimeout(0.2)
    os.kill(target.qemu.pid, signal.SIGSTOP)
    with pytest.raises(Hung, match="no answer"):
        target.settle()


def test_a_device_that_wants_a_reset_is_broken_and_a_reset_mends_it(target: QemuDevice) -> None:
    peer = Peer(target, setup(4), buffer=0)
    peer.post()
    target.inject(b"f" * 60)
    target.settle()
    assert target.broken()
    assert target.qemu.said() == ["virtio: zero sized buffers are not allowed"]
    peer = Peer(target, setup(4))
    peer.post()
    target.inject(b"f" * 60)
    target.settle()
    assert not target.broken() and peer.ring.used_idx == 1


def test_two_qemus_do_not_meet(target: QemuDevice) -> None:
    other = make()
    try:
        one, two = Peer(target, setup(4)), Peer(other, setup(8, mergeable=True))
        one.post()
        two.post()
        target.inject(b"1" * 60)
        other.inject(b"2" * 60)
        other.settle()
        target.settle()
        assert (one.frame(0), two.frame(0)) == (b"1" * 60, b"2" * 60)
    finally:
        other.close()


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_qemu_ends_with_whoever_started_it(target: QemuDevice, how: signal.Signals) -> None:
    code = (
        "import time; from vrx.models.conformance.targets.qemu.device import QemuDevice\n"
        "print(QemuDevice().qemu.pid, flush=True); time.sleep(600)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdout is not None
        pid = int(process.stdout.readline())
        process.send_signal(how)
        process.wait(timeout=120)
    for _ in range(2400):
        if not os.path.exists(f"/proc/{pid}/exe"):
            return
        time.sleep(0.05)
    pytest.fail(f"QEMU (process {pid}) is still there")


def test_a_missing_program_is_one_line_with_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(Missing, match=r"^qemu-system-x86_64 is not installed: apt-get install .*qemu-system-x86$"):
        qemu_process.Qemu()


def test_options_that_qemu_refuses_are_told(target: QemuDevice) -> None:
    with pytest.raises(Crashed, match="nonsense"):
        qemu_process.Qemu(["nonsense=on"])


def test_a_queue_lies_where_it_is_put(target: QemuDevice) -> None:
    """The three parts anywhere in memory, each at its own alignment and no better."""
    chosen = setup(4, event_idx=True)
    begin = target.memory.room[0]
    desc, driver, device = 16, 2, 4
    queue = QueueAddresses(4, begin + 0x3000 + desc, begin + 0x1000 + driver, begin + 0x2000 + device)
    for part, at in zip(parts("split", 4), (queue.desc, queue.driver, queue.device), strict=True):
        target.memory.at(at, part.length)[:] = bytes(part.length)
    target.start(chosen, queue)
    ring = SplitRing(target.memory, queue)
    ring.desc[0] = Descriptor(begin + 0x4001, 100, WRITE, 0)
    ring.set_avail(0, 0)
    ring.avail_idx = 1
    target.kick()
    target.inject(b"z" * 50)
    target.settle()
    assert ring.used(0) == (0, 50 + HEADER_BYTES)
    assert bytes(target.memory.at(begin + 0x4001 + HEADER_BYTES, 50)) == b"z" * 50
