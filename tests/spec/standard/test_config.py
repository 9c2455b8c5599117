"""Names of systems with the standard's sides: whatever is said of one, all of it is there."""

from __future__ import annotations

from vrx.models.systems.standard_systems import peers


def test_no_part_of_a_name_is_cut_off() -> None:
    system = peers(memory="tso", looks_again=False, watched=True).without("virtqueue_poll__mb")
    told = "standard(Linux and QEMU, size=1, flags, tso, smp, irq=same, watched, sides do not look again)"
    assert system.name == f"{told} without virtqueue_poll__mb"
