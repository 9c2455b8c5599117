"""Names of systems with the standard's sides: whatever a part of the name is, all of it is there."""

from __future__ import annotations

from tests.pso import PartialStoreOrder
from vrx.models.systems.standard_systems import peers


class Parenthesized(PartialStoreOrder):
    """A memory model with brackets in its name."""

    name = "pso(8)"


def test_no_part_of_a_name_is_cut_off() -> None:
    name = peers(peer="any-driver", memory=Parenthesized(), idx_bits=2, event_idx=True, stops=True).name
    assert name == "standard(any driver and QEMU, size=1, event_idx, pso(8), smp, irq=same, idx_bits=2, stops)"


def test_barriers_that_are_left_out_stand_at_the_end() -> None:
    system = peers(memory="tso", looks_again=False, watched=True).without("virtqueue_poll__mb")
    told = "standard(Linux and QEMU, size=1, flags, tso, smp, irq=same, watched, sides do not look again)"
    assert system.name == f"{told} without virtqueue_poll__mb"
