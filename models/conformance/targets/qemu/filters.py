"""The filters of the control queue: each command, and what it does to a frame."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from vrx.models.conformance.deviation import Deviation, deviation
from vrx.models.conformance.protocol import Feature
from vrx.models.conformance.targets.qemu.device import DRIVER_OK, RX, QemuDevice
from vrx.models.conformance.targets.qemu.queue import CONTROL, READY, Command, Queue, frame, order
from vrx.models.conformance.wire.layout import WRITE

UNICAST, OTHER, GROUP, ALL = b"\x52\x54\0\x12\x34\x56", b"\x52\x54\0\0\0\x77", b"\x01\0\x5e\0\0\x01", b"\xff" * 6
PLAIN, TAGGED = b"\x88\xb5", b"\x81\0\0\x05\x88\xb5"  # VLAN 5
PROMISC, ALLMULTI, ALLUNI, NOMULTI, NOUNI, NOBCAST = range(6)
ADD = (2, 0, b"\x05\0")  # VLAN_ADD 5


def _rx(command: int, on: int) -> Command:
    return 0, command, bytes([on])


QUIET = _rx(PROMISC, 0)
FILTERS: Final[tuple[tuple[str, tuple[Command, ...], bytes, bytes, bool], ...]] = (
    ("5.1.9.5.1.1-2", (_rx(PROMISC, 1),), OTHER, PLAIN, True),
    ("5.1.9.5.1.1-3", (_rx(NOUNI, 1), _rx(PROMISC, 1)), OTHER, PLAIN, True),
    ("5.1.9.5.1.1-4", (QUIET, _rx(ALLMULTI, 1)), GROUP, PLAIN, True),
    ("5.1.9.5.1.1-6", (QUIET, _rx(ALLUNI, 1)), OTHER, PLAIN, True),
    ("5.1.9.5.1.1-7", (QUIET, _rx(NOMULTI, 1)), GROUP, PLAIN, False),
    ("5.1.9.5.1.1-8", (QUIET, _rx(NOMULTI, 1), _rx(ALLMULTI, 1)), GROUP, PLAIN, False),
    ("5.1.9.5.1.1-9", (QUIET, _rx(NOMULTI, 1)), ALL, PLAIN, True),
    ("5.1.9.5.1.1-10", (QUIET, _rx(NOUNI, 1)), UNICAST, PLAIN, False),
    ("5.1.9.5.1.1-11", (QUIET, _rx(NOUNI, 1), _rx(ALLUNI, 1)), OTHER, PLAIN, False),
    ("5.1.9.5.1.1-12", (QUIET, _rx(NOBCAST, 1)), ALL, PLAIN, False),
    ("5.1.9.5.1.1-13", (QUIET, _rx(NOBCAST, 1), _rx(ALLMULTI, 1)), ALL, PLAIN, False),
    ("5.1.9.5.2.1-1", (QUIET,), GROUP, PLAIN, False),
    ("5.1.9.5.2.1-2", (QUIET, (1, 0, bytes(4) + b"\x01\0\0\0" + GROUP)), GROUP, PLAIN, True),
    ("5.1.9.5.2.1-4", (QUIET,), OTHER, PLAIN, False),
    ("5.1.9.5.3.1-2", (QUIET, ADD), ALL, TAGGED, True),
    ("5.1.9.5.3.1-3", (QUIET,), ALL, TAGGED, False),
)
"""Clause, commands given after a reset, a frame's destination and type, and whether it should be delivered."""


def filters(device: QemuDevice) -> Iterator[Deviation]:
    """The control queue's filters, each after a reset of its own."""
    wanted = (Feature.VERSION_1, Feature.NET_MAC, Feature.NET_CTRL_VQ, Feature.NET_CTRL_RX, Feature.NET_CTRL_VLAN)
    for vlan in (True, False):
        chosen = frozenset({*wanted, Feature.NET_CTRL_RX_EXTRA} - ({Feature.NET_CTRL_VLAN} if not vlan else set()))
        cases = FILTERS if vlan else (("5.1.9.5.3.1-1", (QUIET,), ALL, TAGGED, True),)
        for clause, commands, to, kind, delivered in cases:
            device.reset()
            device.negotiate(chosen)
            receive, control = Queue(device, RX), Queue(device, CONTROL)
            receive.post((4096, WRITE))
            device.registers.status(READY | DRIVER_OK)
            for command in commands:
                answer = order(device, control, command)
                if answer:
                    broken = "5.1.9.5.1.1-5" if command[0] == 0 and command[1] > ALLMULTI else clause
                    yield deviation(broken, f"command {command} answers {answer}", expected="0")
            device.inject(frame(60, to, kind))
            device.settle()
            if bool(receive.used) != delivered:
                there = "" if receive.used else "not "
                yield deviation(clause, f"a frame to {to.hex(':')} is {there}delivered")
