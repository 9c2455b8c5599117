"""The sizes of a configuration: values in ranges and choices, never their names."""

from __future__ import annotations

from typing import Any

import pytest

from vrx.models.systems.standard_systems import peers, standard
from vrx.models.systems.system import rx
from vrx.spec import sizes
from vrx.spec.size import Size, size_of
from vrx.spec.sizes import FRAME, IDX_BITS, SIZE
from vrx.spec.steps import Machine, ModelError
from vrx.spec.words import Bits, Upto

ALL = {name: value for name, value in vars(sizes).items() if isinstance(value, Size)}


@pytest.mark.parametrize("name", ALL)
def test_each_is_a_number_of_some_configuration_under_its_own_name(name: str) -> None:
    said = []
    for cfg in (rx(data=True).cfg, standard().cfg, peers().cfg):
        try:
            said.append((size_of(ALL[name], cfg), getattr(cfg, ALL[name].name)))
        except LookupError:
            continue
    assert said and all(isinstance(n, int) and n == same for n, same in said)
    assert name == ALL[name].name.upper()


def test_a_number_is_itself_and_a_size_that_is_not_there_is_said_by_name() -> None:
    assert size_of(3, None) == 3 and size_of(SIZE, rx(size=2).cfg) == 2
    with pytest.raises(LookupError, match=r"^the configuration has no number frame$"):
        size_of(FRAME, rx().cfg)


@pytest.mark.parametrize("kind", [Bits, Upto])
def test_the_name_of_a_size_is_refused_with_what_to_write(kind: Any) -> None:
    assert kind(IDX_BITS).n is IDX_BITS
    written = kind.__name__
    with pytest.raises(ModelError, match=rf"{written}\('idx_bits'\) is a text: write {written}\(IDX_BITS\), from vrx"):
        kind("idx_bits")
    with pytest.raises(ModelError, match=r"write a number, or one of vrx.spec.sizes"):
        kind("refused")


def test_so_it_is_in_the_choices_of_a_step() -> None:
    machine = Machine("m")
    with pytest.raises(ModelError, match=r"^guesses: n='size' is a text: write n=SIZE, from vrx.spec.sizes$"):

        @machine.step(n="size")  # type: ignore[arg-type]
        def guesses(s: Any, me: Any, n: int) -> None:
            """A step."""
