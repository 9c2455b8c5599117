"""QEMU as a process that is steered from here: no guest, no files, nothing left behind.

Its CPU is halted by four bytes of firmware.  Registers are read and written over
the qtest socket; guest memory is an anonymous file that both sides map (a guest
physical address is an offset into it); frames go in over `-netdev socket`; QMP
stops and continues the machine.  All of them are inherited descriptors: no name
in any directory has to be cleaned up, and runs side by side cannot meet.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import signal
import socket
import struct
import subprocess
import termios
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from vrx.models.conformance.memory import SharedFile
from vrx.models.conformance.protocol import Crashed, Hung, Missing
from vrx.models.terminal.process import spawn

PROGRAM = "qemu-system-x86_64"
PACKAGE = "qemu-system-x86"
MEMORY = 16 << 20  # bytes of guest memory: the least that the machine takes
MMIO = 0xFEB00000  # the first virtio-mmio bus of the machine
FRAME_MAX = 4096 + 65536  # bytes: the longest frame that -netdev socket takes (NET_BUFSIZE)
HANG = 10.0  # seconds without an answer; the longest ever seen was some milliseconds
ISR, ACKNOWLEDGE, STATUS = 0x60, 0x64, 0x70  # InterruptStatus, InterruptACK, Status
TRACED = (
    *("virtqueue_pop", "virtqueue_fill", "virtqueue_flush"),
    *("virtio_notify", "virtio_queue_notify", "virtio_set_status"),
)
"""Trace events that `validate.py` beside this reads."""
_HALT = b"\xfa\xf4\xeb\xfd"  # cli; hlt; jmp -3
_FIRMWARE = bytes(0xFFF0) + _HALT + bytes(12)  # 64 KiB, the reset vector 16 bytes before their end


def program() -> str:
    """The path of QEMU's program.  Raises Missing."""
    found = shutil.which(PROGRAM)
    if found is None:
        raise Missing(f"{PROGRAM} is not installed: apt-get install -y --no-install-recommends {PACKAGE}")
    return found


class Attachment(NamedTuple):
    """How the device hangs on the machine.

    machine: added to the options of the machine; device: the words of `-device` that say what it is and where
    look: commands that show InterruptStatus and clear it, and show the status; isr, status: their places among them
    """

    machine: str
    device: tuple[str, ...]
    look: tuple[str, ...]
    isr: int
    status: int


ON_MMIO = Attachment(
    "",
    ("virtio-net-device", "bus=virtio-mmio-bus.0"),
    (f"readl {MMIO + ISR:#x}\n", f"writel {MMIO + ACKNOWLEDGE:#x} 3\n", f"readl {MMIO + STATUS:#x}\n"),
    0,
    2,
)


class Qemu:
    """One QEMU with one virtio-net device; close it, or use it as a context manager.

    interrupts, config_changes: how often `settle` found InterruptStatus bit 0, bit 1; for the caller to set to 0
    status: the Status register as the last `settle` found it
    """

    def __init__(
        self, device: Sequence[str] = (), trace: Path | None = None, memory: SharedFile | None = None,
        attachment: Attachment = ON_MMIO,
    ) -> None:  # fmt: skip
        """Start it.

        device: further options of the device, such as `packed=on`
        trace: a file for QEMU's own events of its queues
        memory: guest memory, 16 MiB or more; without it the process gets its own
        Raises Missing, and Crashed if QEMU refuses the options.
        """
        path = program()
        self._lent = memory is not None
        self.memory = memory or SharedFile(MEMORY, "vrx-qemu-memory")
        self._stderr = os.memfd_create("vrx-qemu-stderr")
        firmware = os.memfd_create("vrx-qemu-halt")
        os.write(firmware, _FIRMWARE)
        (self._qtest, qtest), (self._net, net), (self._qmp, qmp) = (socket.socketpair() for _ in range(3))
        passed = [self.memory.fd, firmware, *(s.fileno() for s in (qtest, net, qmp))]
        try:
            self._process: subprocess.Popen[bytes] = spawn(
                [path, *_options(*passed, bytes_=len(self.memory.view), on=attachment, device=device, trace=trace)],
                pass_fds=passed,
                stdout=self._stderr,
                stderr=self._stderr,
                process_group=0,  # Ctrl-C at the terminal is for us, who end it
            )
        finally:
            for end in (qtest, net, qmp):
                end.close()
            os.close(firmware)
        self._qtest.settimeout(HANG)
        self._qmp.settimeout(HANG)
        self._net.setblocking(False)
        self._backlog = bytearray()  # frames that the socket did not take yet
        self._unsettled = False  # frames may be on their way
        self._commands: list[str] = []
        self._rest = {self._qtest: b"", self._qmp: b""}
        self._greeted = False
        self._on = attachment
        self.interrupts = self.config_changes = self.status = 0
        try:
            self.read("l", 0)  # it answers, so it has started
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Qemu:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def pid(self) -> int:
        """Its process."""
        return self._process.pid

    def processor_time(self) -> float:
        """Seconds of processor time that it has used, 0 when it is gone."""
        try:
            return time.clock_gettime(~self.pid << 3 | 2)  # its CPU clock, as clock_getcpuclockid(3) names it
        except OSError:
            return 0.0

    def close(self) -> None:
        """End it and wait until it is gone.  May be called again."""
        if self._stderr < 0:
            return
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        for end in (self._qtest, self._net, self._qmp):
            end.close()
        os.close(self._stderr)
        self._stderr = -1
        if not self._lent:
            self.memory.close()

    # Registers.

    def write(self, width: str, address: int, value: int) -> None:
        """Write a register, at a guest physical address: sent together with the next command that has an answer.

        width: b, w or l, for 8, 16 or 32 bits
        """
        self._commands.append(f"write{width} {address:#x} {value:#x}\n")

    def read(self, width: str, address: int) -> int:
        """Send what waits and read a register: one round trip, about 22 us."""
        self._commands.append(f"read{width} {address:#x}\n")
        return _value(self._round_trip()[-1])

    def write32(self, offset: int, value: int) -> None:
        """Write a register of virtio-mmio."""
        self.write("l", MMIO + offset, value)

    def read32(self, offset: int) -> int:
        """Read a register of virtio-mmio."""
        return self.read("l", MMIO + offset)

    def flush(self) -> None:
        """Send what waits."""
        if self._commands:
            self._round_trip()

    def _round_trip(self) -> list[bytes]:
        """Send the commands that wait; one answer for each."""
        count = len(self._commands)
        try:
            self._qtest.sendall("".join(self._commands).encode())
        except OSError:
            raise self._crashed() from None
        self._commands.clear()
        answers = [self._line(self._qtest) for _ in range(count)]
        for answer in answers:
            if not answer.startswith(b"OK"):
                raise Crashed(f"qtest answered {answer.decode(errors='replace')!r}")
        return answers

    def _line(self, of: socket.socket) -> bytes:
        while b"\n" not in self._rest[of]:
            try:
                data = of.recv(1 << 16)
            except TimeoutError:
                raise Hung(f"no answer for {HANG:.0f} s") from None
            except OSError:
                data = b""
            if not data:
                raise self._crashed()
            self._rest[of] += data
        line, _, self._rest[of] = self._rest[of].partition(b"\n")
        return line

    def _crashed(self) -> Crashed:
        try:
            status = self._process.wait(timeout=HANG)
        except subprocess.TimeoutExpired:
            return Crashed("it closed its sockets and goes on running")
        how = signal.Signals(-status).name if status < 0 else f"exit status {status}"
        return Crashed(f"ended with {how}" + "".join(f": {line}" for line in self.said()[-1:]))

    def said(self) -> list[str]:
        """What QEMU wrote to its standard error since the last call, in lines."""
        text = os.pread(self._stderr, 1 << 20, 0).decode(errors="replace")
        os.lseek(self._stderr, 0, os.SEEK_SET)  # one open file with QEMU's: it goes on writing here
        os.ftruncate(self._stderr, 0)
        return [line.removeprefix(f"{PROGRAM}: ") for line in text.splitlines()]

    # Frames.

    def inject(self, frame: bytes) -> None:
        """Put a frame of up to FRAME_MAX bytes on the wire, behind what waits to be sent.

        Does not wait for the device, not even for room in the socket.
        """
        if len(frame) > FRAME_MAX:
            raise ValueError(f"a frame of {len(frame)} bytes: up to {FRAME_MAX} go over the socket")
        self.flush()
        self._backlog += struct.pack(">I", len(frame)) + frame
        self._push()

    def _push(self) -> None:
        self._unsettled = True
        try:
            while self._backlog:
                del self._backlog[: self._net.send(self._backlog)]
        except BlockingIOError:
            pass
        except OSError:
            raise self._crashed() from None

    def settle(self) -> None:
        """Return when the device has done all that it does by itself.  Interrupts are counted and acknowledged.

        QEMU's main loop is one thread that serves what all sockets hold, once each
        time round.  Commands of one round trip are served in one round, so the next
        answer comes after everything that this round did.  What the device still has
        not read after three more is what it will not read: it waits for buffers.
        """
        on, still, before = self._on, 0, (-1, -1)
        while True:
            self._commands += on.look
            answers = self._round_trip()[-len(on.look) :]
            raised, self.status = _value(answers[on.isr]), _value(answers[on.status])
            self.interrupts += raised & 1
            self.config_changes += raised >> 1 & 1
            if not self._unsettled:
                return
            if self._backlog:
                self._push()
            unread = int(struct.unpack("i", fcntl.ioctl(self._net, termios.TIOCOUTQ, b"\0\0\0\0"))[0])
            waiting = (unread, len(self._backlog))
            still = still + 1 if waiting == before else 0
            before = waiting
            if still and not unread:
                self._unsettled = False
                return
            if still == 3:
                return

    # The monitor.

    def qmp(self, command: str, **arguments: object) -> Any:
        """Send what waits, run a QMP command, and return its result.  Raises ValueError if QEMU refuses it."""
        self.flush()
        if not self._greeted:
            self._greeted = True
            self._line(self._qmp)
            self.qmp("qmp_capabilities")
        try:
            self._qmp.sendall(json.dumps({"execute": command, "arguments": arguments}).encode() + b"\n")
        except OSError:
            raise self._crashed() from None
        while True:
            answer: dict[str, Any] = json.loads(self._line(self._qmp))
            if "return" in answer:
                return answer["return"]
            if "error" in answer:
                raise ValueError(f"QMP refuses {command}: {answer['error'].get('desc')}")


def _value(answer: bytes) -> int:
    return int(answer[3:], 16)


def _options(
    memory: int, firmware: int, qtest: int, net: int, qmp: int,
    *, bytes_: int, on: Attachment, device: Sequence[str], trace: Path | None,
) -> list[str]:  # fmt: skip
    """The command line; the positional numbers are descriptors that QEMU inherits, bytes_ the size of its memory."""
    options = [
        *("-M", f"microvm{on.machine},ioapic2=off,pic=off,pit=off,rtc=off,memory-backend=mem"),
        *("-m", f"{bytes_ >> 20}M"),
        *("-object", f"memory-backend-file,id=mem,size={bytes_},mem-path=/proc/self/fd/{memory},share=on"),
        *("-accel", "tcg", "-cpu", "qemu64", "-bios", f"/proc/self/fd/{firmware}"),
        *("-display", "none", "-nodefaults", "-no-user-config"),
        *("-chardev", f"socket,id=qtest,fd={qtest}", "-qtest", "chardev:qtest", "-qtest-log", "none"),
        *("-chardev", f"socket,id=qmp,fd={qmp}", "-mon", "chardev=qmp,mode=control"),
        *("-global", "virtio-mmio.force-legacy=false", "-netdev", f"socket,id=n0,fd={net}"),
        *("-device", ",".join((*on.device, "id=nic", "netdev=n0", *device))),
    ]
    if trace is not None:
        options += [word for event in TRACED for word in ("-trace", event)] + ["-D", str(trace)]
    return options
