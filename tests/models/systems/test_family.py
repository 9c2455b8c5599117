"""The family of a system has the system itself, and members whose fields begin inside of their ranges."""

from __future__ import annotations

import pytest

from vrx.models.systems.family import family, given
from vrx.models.systems.system import System, rx
from vrx.spec.sizes import SIZE
from vrx.spec.words import Upto


def test_a_family_has_the_system_itself() -> None:
    system: System = rx(size=4)
    assert system in family(system).members


def test_a_member_of_a_family_begins_inside_its_ranges() -> None:
    found = family(rx(size=2).declare("vq.spare", Upto(SIZE), initial=2))
    assert {m.cfg.size for m in found.members} == {2}
    assert any("vq.spare: it begins as 2, which is outside 0..1" in why for why in found.left_out)


@pytest.mark.parametrize("ring", ["split", "packed"])
def test_another_size_has_the_indices_that_it_needs(ring: str) -> None:
    """Of a system whose indices are as wide as its ring needs: nobody has said how wide they are."""
    assert given(rx(ring=ring), {"size": 8}).cfg == rx(ring=ring, size=8).cfg
    assert given(rx(ring=ring, size=16), {"size": 2}).cfg == rx(ring=ring, size=2).cfg
    if ring == "split":
        assert given(rx(idx_bits=16), {"size": 8}).cfg == rx(size=8, idx_bits=16).cfg
        assert given(rx(), {"size": 2, "idx_bits": 5}).cfg == rx(size=2, idx_bits=5).cfg
