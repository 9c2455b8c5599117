"""Checks of the device as a whole: they find what is listed, and each of them can fail."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.needs import need
from vrx.models.conformance.errors import BadScenario
from vrx.models.conformance.harness.check_run import check_run, scenario_of
from vrx.models.conformance.protocol import setup
from vrx.models.conformance.targets.qemu import checks, filters, registers
from vrx.models.conformance.targets.qemu.device import QemuDevice
from vrx.models.conformance.targets.qemu.process import STATUS, Qemu
from vrx.models.conformance.targets.qemu.queue import Queue, live
from vrx.models.conformance.targets.qemu.target import QemuTarget
from vrx.proofs.command.cli import main


@pytest.fixture(scope="module")
def device() -> Iterator[QemuDevice]:
    need("qemu")
    made = QemuTarget()
    yield made
    made.close()


FOUND = {
    "interrupt-status": {"4.2.2.1-2"},
    "queue-ready": {"4.2.2.1-4"},
    "queue-reset": {"4.2.2.1-7", "2.2.2-4"},
    "before-driver-ok": {"2.1.2-1"},
    "features": {"2.2.2-1"},
    "needs-reset-on-continue": {"2.1.2-2"},
    "extra-without-control": {"5.1.4.1-14"},
    "mtu-range": {"5.1.4.1-2"},
    "mtu": {"5.1.4.1-5"},
    "short-buffer": {"crash"},
    "empty-frame": {"no_lost_kick"},
}


@pytest.mark.parametrize("name", checks.CHECKS)
def test_a_check_finds_what_is_listed(device: QemuDevice, name: str) -> None:
    run = check_run(device, scenario_of("qemu", setup(1), name))
    run.run()
    assert {d.clause for d in run.record.deviations} == FOUND.get(name, set())


@pytest.fixture(scope="module")
def on_pci() -> Iterator[QemuDevice]:
    need("qemu-pci")
    made = QemuTarget(transport="pci")
    yield made
    made.close()


@pytest.mark.parametrize("name", checks.PCI_CHECKS)
def test_a_check_over_pci_finds_what_is_listed(on_pci: QemuDevice, name: str) -> None:
    assert {d.clause for d in checks.PCI_CHECKS[name](on_pci)} == FOUND.get(name, set())


def test_a_queue_that_is_not_reset_is_found(on_pci: QemuDevice, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(on_pci.registers, "reset_queue", lambda number: True)
    assert {d.clause for d in checks.pci_queue_reset(on_pci)} >= {"2.6.1.1.1-1"}


@pytest.mark.slow
def test_qemu_over_pci_keeps_the_rules(capsys: pytest.CaptureFixture[str]) -> None:
    """With resets of the queue among the operations."""
    need("qemu-pci")
    assert main(["conform", "qemu-pci", "--examples", "2"]) == 0
    text = capsys.readouterr().out
    assert "0 deviations" in text and "0 gone" in text


def test_the_filters_are_told_apart(device: QemuDevice, monkeypatch: pytest.MonkeyPatch) -> None:
    """With every expectation turned round, every case deviates: none of them passes whatever the device does."""
    turned = tuple((*case[:-1], not case[-1]) for case in filters.FILTERS)
    monkeypatch.setattr(filters, "FILTERS", turned)
    found = [d.clause for d in filters.filters(device)]
    assert found == [case[0] for case in turned]


def test_a_device_that_does_not_reset_is_found(device: QemuDevice, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the write of 0 to Status, `reset` sees status, interrupt and queue as they were."""

    def then_forgetful(*arguments: Any, **more: Any) -> Queue:
        queue = live(*arguments, **more)
        write = device.qemu.write32
        monkeypatch.setattr(device.qemu, "write32", lambda at, value: write(at, value) if at != STATUS else None)
        return queue

    monkeypatch.setattr(checks, "live", then_forgetful)
    found = {d.clause for d in checks.reset(device)}
    monkeypatch.undo()
    device.reset()
    assert found == {"2.4.1-1", "4.2.2.1-3", "2.4.1-2"}


def test_a_check_that_is_not_there_is_one_line(
    device: QemuDevice, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(BadScenario, match="qemu has no check 'nothing': interrupt-status, "):
        check_run(device, scenario_of("qemu", setup(1), "nothing")).run()
    path = tmp_path / "scenario"
    path.write_text(
        '{"version": 1, "target": "qemu", "size": 1, "features": ["VERSION_1"], "buffers": "small", '
        '"hostile": false, "operations": [["check:nothing"]]}'
    )
    assert main(["conform", "qemu", "--replay", str(path)]) == 2
    assert "qemu has no check 'nothing'" in capsys.readouterr().err


def test_registers_that_read_as_they_may_not_are_found(
    device: QemuDevice, on_pci: QemuDevice, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The fields of a queue read as 3, whether it is there or not; so do the bytes of an address."""
    pci: Any = on_pci.registers
    read, fields = pci.read, (registers.SIZE, registers.ENABLE, registers.RESET)
    monkeypatch.setattr(pci, "read", lambda width, offset: 3 if offset in fields else read(width, offset))
    found = {d.clause for d in registers.pci_common(on_pci)}
    assert found == {f"4.1.4.3.1-{n}" for n in (2, 3, 4, 7, 8, 9)}
    monkeypatch.setattr(registers, "_mac", lambda device: b"\3" * 6)
    assert {d.clause for d in registers.address(device)} == {"5.1.9.5.2.1-3"}


def test_a_configuration_of_zeros_is_found(device: QemuDevice, monkeypatch: pytest.MonkeyPatch) -> None:
    """What may not be 0 is told."""
    read = Qemu.read

    def zeros(self: Qemu, width: str, at: int) -> int:
        return 0 if at >= registers.CONFIG else read(self, width, at)

    monkeypatch.setattr(Qemu, "read", zeros)
    found = {d.clause for d in registers.configuration(device)}
    assert found == {"5.1.4.1-1", "5.1.4.1-7", "5.1.4.1-8", "5.1.4.1-10"}
