"""What is wrong with a variant is said in one line: which step, where, what to write instead."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from vrx.models.simulation.undo_log import InPlace
from vrx.models.symbolic.reading import Reading
from vrx.models.systems.standard_systems import peers, standard
from vrx.models.systems.system import System, litmus_test, rx
from vrx.spec.config import BadConfiguration
from vrx.spec.layouts.split.memory import loc
from vrx.spec.layouts.split.state import SplitState
from vrx.spec.linux.state import L, Softirq
from vrx.spec.litmus import SHAPES
from vrx.spec.memory import load, store
from vrx.spec.properties import Property
from vrx.spec.qemu.state import MainLoop, Q
from vrx.spec.ring import slot
from vrx.spec.sizes import FRAME
from vrx.spec.steps import ModelError
from vrx.spec.words import Bits, Of, Upto

if TYPE_CHECKING:
    from vrx.spec.linux.state import HardIrq as OnlyForTypes

POLL = "virtqueue_poll"
OPEN = "virtnet_open"
"""The first step of the driver: it is taken in the initial state."""


def said_by(run: Callable[[], Any]) -> str:
    with pytest.raises(ModelError) as error:
        run()
    text = str(error.value)
    assert "\n" not in text, text
    return text


def in_place(system: System) -> None:
    """The step of the driver that comes first, in the simulator's program."""
    program = InPlace(system)
    number = next(n for n, a in enumerate(program.actions) if a.step.name == OPEN)
    program.step(number, (), [])


def on_integers(system: System) -> None:
    program = system.built()
    for move, after in program.successors(program.initial):
        program.checked(after, move)


READINGS: dict[str, Callable[[System], Any]] = {"integers": on_integers, "in place": in_place, "terms": Reading}


def assigns(s: Any, me: Softirq) -> None:
    s.napi.late = True


def reads(s: Any, me: Softirq) -> None:
    if s.vq.num_fre > 0:
        me.goto(L.IDLE)


def of_its_own(s: Any, me: Any) -> None:
    me.tries = 1


def no_such_part(s: Any, me: Softirq) -> None:
    s.nappi.sched = True


def elsewhere(s: SplitState, me: Softirq) -> None:
    me.goto(Q.FLUSH)


def returns_elsewhere(s: SplitState, me: Softirq) -> None:
    me.call(L.TRY_FILL_RECV, then=Q.FLUSH)


def writes_a_point(s: SplitState, me: Softirq) -> None:
    me.pc = Q.FLUSH  # type: ignore[assignment]


def whole_array(s: SplitState, me: Softirq) -> None:
    s.vq.token = [False] * s.cfg.size  # type: ignore[assignment]


def divides_by_zero(s: SplitState, me: Softirq) -> None:
    s.vq.num_free = 1 // (len(s.cpus) - 1)


def writes_text(s: SplitState, me: Softirq) -> None:
    s.vq.num_free = "none"  # type: ignore[assignment]


def two_loads(s: SplitState, me: Softirq) -> None:
    if load(s, me, loc.used_idx) == load(s, me, loc.avail_idx):
        me.goto(L.IDLE)


def only_loaded(s: SplitState, me: Softirq) -> None:
    store(s, me, loc.used_len[0], 0)


def past_the_end(s: SplitState, me: Softirq) -> None:
    s.vq.next[0] = s.vq.next[s.cfg.size + 1]


LANGUAGE = [
    (assigns, "napi.late is no field of the state: use one of sched, missed, poll_list; a field of a variant's own is "
     'declared: .declare("napi.late", bool)'),
    (reads, "vq.num_fre is no field of the state: did you mean num_free"),
    (of_its_own, 'softirq.tries is no field of the state: '),
    (no_such_part, "the state has no part 'nappi': did you mean napi"),
    (elsewhere, "Q.FLUSH is no program point of cpu0 napi: use one of vrx.spec.linux.state.L"),
    (returns_elsewhere, "Q.FLUSH is no program point of cpu0 napi"),
    (writes_a_point, "cpus0.softirq.pc becomes Q.FLUSH: its values are those of L"),
    (whole_array, "vq.token is exchanged as a whole"),
    (divides_by_zero, "ZeroDivisionError: integer division or modulo by zero"),
    (two_loads, "a second shared access in one step, to avail.idx: make two steps of it"),
    (only_loaded, "used.ring.len is only loaded"),
]  # fmt: skip


@pytest.mark.parametrize("reading", READINGS)
@pytest.mark.parametrize(("run", "says"), LANGUAGE, ids=[r.__name__ for r, _ in LANGUAGE])
def test_an_error_of_a_step_names_it_and_its_line(run: Any, says: str, reading: str) -> None:
    text = said_by(lambda: READINGS[reading](rx().replace(OPEN, run)))
    assert text.startswith(f"step {OPEN} (cpu0 napi): {says}"), text
    if run is not writes_a_point and (run is not whole_array or reading == "in place"):
        found = re.search(r", at tests/models/systems/test_variant_errors\.py:(\d+)$", text)
        assert found and run.__code__.co_firstlineno < int(found[1]) < run.__code__.co_firstlineno + 4, text


def test_what_is_no_number_is_told_with_its_field() -> None:
    for reading in READINGS.values():
        text = said_by(lambda reading=reading: reading(rx().replace(OPEN, writes_text)))  # type: ignore[misc]
        assert text.startswith(f"step {OPEN} (cpu0 napi): vq.num_free") and "'none' is no" in text.replace("=", ": ")


def test_an_index_that_an_array_does_not_have_names_the_step() -> None:
    for reading in (on_integers, in_place):
        text = said_by(lambda reading=reading: reading(rx().replace(OPEN, past_the_end)))  # type: ignore[misc]
        assert text.startswith(f"step {OPEN} (cpu0 napi): ")
        assert ", at tests/models/systems/test_variant_errors.py:" in text


def too_many(s: SplitState, me: Softirq) -> None:
    s.vq.num_added = 7


@pytest.mark.parametrize("reading", ["integers", "in place"])
def test_a_value_out_of_range_names_the_step_and_the_mend(reading: str) -> None:
    text = said_by(lambda: READINGS[reading](rx().replace(OPEN, too_many)))
    assert text == (
        f"step {OPEN} (cpu0 napi): vq.num_added=7 is outside 0..1; "
        'if it is meant, widen the field: .widen("vq.num_added", Bits(16))'
    )


ARITHMETIC: list[tuple[Callable[[SplitState], Any], str]] = [
    (lambda s: s.vq.num_free // 2, "there is no division; multiply the other side"),
    (lambda s: s.vq.num_free / 2, "there is no division"),
    (lambda s: s.vq.last_used_idx % 2, "write slot(s.cfg, x) for its place in the ring, wrap(x, bits)"),
    (lambda s: 5 % s.vq.last_used_idx, "write slot(s.cfg, x)"),
    (lambda s: s.vq.num_free >> 1, "there is no division"),
    (lambda s: s.vq.num_free << 1, "multiply by a constant"),
    (lambda s: s.vq.num_free**2, "multiply by a constant"),
    (lambda s: s.vq.num_free ^ 1, "write & and |"),
    (lambda s: ~s.vq.num_free, "write & and |"),
    (lambda s: s.vq.num_free * s.vq.num_free, "multiplied by a constant only"),
    (lambda s: int(s.vq.num_free), "Python needs a plain one"),
    (lambda s: list(range(s.vq.num_free)), "loop over a constant"),
    (lambda s: s.vq.num_free and 1, "write `!= 0` behind it"),
    (lambda s: not s.vq.num_free, "write `!= 0` behind it"),
    (lambda s: s.vq.no_interrupt + 1, "write pick(condition, 1, 0)"),
    (lambda s: s.vq.num_free + (s.vq.num_added == 0), "write pick(condition, 1, 0)"),
    (lambda s: (s.vq.num_added == 0) < 1, "write pick(condition, 1, 0)"),
    (lambda s: s.vq.no_interrupt == 2, "2 is no truth value"),
    (lambda s: s.vq.no_interrupt == s.vq.num_free, "write `!= 0` behind it"),
    (lambda s: {0: 1, 1: 2}[s.vq.num_free], "looked up in a dict or a set: compare with =="),
    (lambda s: s.vq.num_free in {0, 1}, "compare with =="),
    (lambda s: ~s.vq.no_interrupt, "write `not a`"),
    (lambda s: s.vq.no_interrupt ^ s.vq.broken, "write a != b"),
    (lambda s: s.vq.num_free + 0.5, "0.5 is no whole number"),
]


@pytest.mark.parametrize(("expression", "says"), ARITHMETIC, ids=[str(i) for i in range(len(ARITHMETIC))])
def test_what_a_term_cannot_do_says_what_to_write(expression: Any, says: str) -> None:
    def step(s: SplitState, me: Softirq) -> None:
        s.vq.num_free = expression(s)

    text = said_by(lambda: Reading(rx().replace(POLL, step)))
    assert text.startswith(f"step {POLL} (cpu0 napi): ") and says in text, text


def test_what_a_term_can_do() -> None:
    """A constant on the left of & and |, a negative factor, a minus sign: as on integers."""
    from vrx.models.symbolic import terms
    from vrx.models.symbolic.walk import Evaluator

    x = terms.variable("x", 7)
    for value in range(8):
        for term, wanted in ((6 & x, 6 & value), (8 | x, 8 | value), (x * -2, value * -2), (-x, -value)):
            assert Evaluator({"x": value}).value(term) == wanted and term.low <= wanted <= term.high


def test_a_truth_value_in_a_field_of_numbers_is_told() -> None:
    def step(s: SplitState, me: Softirq) -> None:
        s.vq.num_free = s.vq.num_added == 0

    def other(s: SplitState, me: Softirq) -> None:
        s.napi.sched = s.vq.num_free & 1  # type: ignore[assignment]

    assert "vq.num_free: a truth value is used as a number" in said_by(lambda: Reading(rx().replace(POLL, step)))
    assert "napi.sched: a number is used as a truth value" in said_by(lambda: Reading(rx().replace(POLL, other)))


def lacks_a_choice(s: SplitState, me: Softirq) -> None: ...
def one_too_many(s: SplitState, me: Softirq, exhausted: int, more: int) -> None: ...
def no_me(s: SplitState) -> None: ...
def of_the_device(s: SplitState, me: MainLoop) -> None: ...
def of_an_irq(s: SplitState, me: OnlyForTypes) -> None: ...
def no_context(s: SplitState, me: int) -> None: ...
def four(s: SplitState, me: MainLoop, again: bool, more: int) -> None: ...


MORE = "virtqueue_get_buf_ctx_split__more_used"
REFUSED: list[tuple[Callable[[], Any], str]] = [
    (lambda: rx().replace("virtqueue_pol", two_loads), "no step or helper is called 'virtqueue_pol': did you mean vi"),
    (lambda: rx().replace("judge_bufers", of_the_device), "did you mean judge_buffers"),
    (lambda: rx().replace("receive_header", of_the_device), "which would never take it: it needs data=True"),
    (lambda: rx(data=True).replace("receive_mergeable__num_buffers", two_loads), "it needs mergeable=True"),
    (lambda: rx(data=True).replace("iov_from_buf", of_the_device), "it needs watch=True and data=False"),
    (lambda: rx().replace(POLL, of_the_device), "of_the_device is for MainLoop, and the step for Softirq"),
    (lambda: rx().replace("napi_schedule", two_loads), "is for Softirq, and the step for GuestContext"),
    (lambda: rx().replace(POLL, no_context), "is for int, and the step for Softirq"),
    (lambda: rx().replace(POLL, of_an_irq), "an annotation names OnlyForTypes, which its module does not have: import"),
    (lambda: rx().replace(MORE, lacks_a_choice), "write def lacks_a_choice(s, me, exhausted)"),
    (lambda: rx().replace(MORE, one_too_many), "missing a required argument: 'more'; write def one_"),
    (lambda: rx().replace(MORE, one_too_many), f".replace('{MORE}', ..., exhausted=2, more=2)"),
    (
        lambda: rx().replace(MORE, one_too_many, exhausted=2, more="size"),  # type: ignore[arg-type]
        "more='size' is a text: write more=SIZE, from vrx.spec.sizes",
    ),
    (lambda: rx().replace(MORE, one_too_many, exhausted=2, more=FRAME), "the configuration has no number frame"),
    (lambda: rx().replace(MORE, one_too_many, exhausted=2, more=0), "more=0: a choice has one value at least"),
    (lambda: rx().replace(POLL, no_me), "write def no_me(s, me)"),
    (lambda: rx().replace(POLL, "virtqueue_poll"), "'virtqueue_poll' is no function"),  # type: ignore[arg-type]
    (lambda: rx().replace(POLL), "by which function"),
    (lambda: rx().replace("recheck_says", of_the_device), "write def of_the_device(s, me, again)"),
    (lambda: rx().replace("recheck_says", four), "write def four(s, me, again)"),
    (lambda: rx().replace("judge_buffers", two_loads), "two_loads is for Softirq, and judge_buffers for MainLoop"),
    (lambda: rx().replace("judge_buffers", of_the_device, odd=2), "it has no choices of its own"),
    (lambda: rx().without("virtqueue_pol__mb"), "no barrier is called 'virtqueue_pol__mb': did you mean virtqueue"),
    (lambda: rx(sice=2), "no option is called sice: did you mean size"),
    (lambda: peers(peeer="any"), "no option is called peeer: did you mean peer"),
    (lambda: standard(in_oder=True), "no option is called in_oder: did you mean in_order"),
    (lambda: rx(size="2"), "size='2': use a number"),
    (lambda: rx(data=1), "data=1: use True or False"),
    (lambda: rx(without={"x"}), "use system.without(name)"),
    (lambda: rx().declare("late", bool), "write the part before it, like vq.late"),
    (lambda: rx().declare("vqq.late", bool), "the state has no part 'vqq'; did you mean vq"),
    (lambda: rx().declare("ring.late", bool), "shared memory has the fields of the ring"),
    (lambda: rx().declare("vq.num_added", bool), 'there is such a field; to give it another range: .widen('),
    (lambda: rx().declare("main.goto", bool), "the name is taken"),
    (lambda: rx().declare("vq.two words", bool), "'two words' is no name of a field"),
    (lambda: rx().declare("vq.late", int), "int is no range; use bool, Bits(16), Upto(3) or an IntEnum"),
    (lambda: rx().declare("vq.late", Bits(33)), "use up to 32 bits"),
    (lambda: rx().declare("vq.late", Upto(FRAME)), "vq.late: the configuration has no number frame"),
    (lambda: rx().declare("vq.late", Upto(2), length="size"), "length='size' is a text: write length=SIZE, from vrx."),  # type: ignore[arg-type]
    (lambda: rx().declare("vq.late", Upto(3), initial=4), "it begins as 4, which is outside 0..3"),
    (lambda: rx().declare("vq.late", Of(bool)), 'how long is the array? .declare("vq.late", Of('),
    (lambda: rx().widen("vq.num_aded", Bits(3)), "there is no such field; did you mean num_added"),
    (lambda: rx(size=4).widen("vq.num_added", Bits(2)), "that is narrower: it holds 0..4 already"),
    (lambda: rx().widen("napi.sched", Bits(2)), "it is no number"),
    (lambda: rx().widen("vq.num_added", bool), "use Bits(16) or Upto(3)"),
]  # fmt: skip


@pytest.mark.parametrize(("build", "says"), REFUSED, ids=[str(i) for i in range(len(REFUSED))])
def test_what_no_variant_can_be_is_refused_at_once(build: Callable[[], Any], says: str) -> None:
    with pytest.raises(BadConfiguration) as error:
        build()
    assert says in str(error.value) and "\n" not in str(error.value), error.value


def test_a_part_that_is_exchanged_is_told() -> None:
    from vrx.spec.linux.state import Napi

    def fresh(s: SplitState, me: Softirq) -> None:
        s.napi = Napi()

    for reading in (on_integers, Reading):
        text = said_by(lambda reading=reading: reading(rx().replace(OPEN, fresh)))  # type: ignore[misc]
        assert text == f"step {OPEN} (cpu0 napi): napi is exchanged as a whole, which no engine sees: " \
            "write into it, napi.sched = ..."  # fmt: skip


def test_every_state_has_its_declared_fields_and_no_others() -> None:
    from tests.readings import core_system
    from vrx.models.systems.fields import parts
    from vrx.spec.core import CoreConfig

    built = [rx(memory="tso", data=True), peers(peer="any", watched=True), standard(), core_system(CoreConfig())]
    for system in (*built, litmus_test(next(iter(SHAPES.values())), "tso")):
        state = system.state()
        for part in (state, *(part for _, part in parts(state))):
            assert not hasattr(part, "__dict__"), type(part)


def test_a_place_in_the_ring_by_slot_is_what_modulo_would_be() -> None:
    """What the error text says to write works in every reading."""

    def step(s: SplitState, me: Softirq) -> None:
        me.head = slot(s.cfg, s.vq.last_used_idx)
        me.goto(L.IDLE)

    Reading(rx(size=2).replace(POLL, step))


def test_a_field_that_no_engine_sees_cannot_be_declared() -> None:
    with pytest.raises(BadConfiguration, match=r"vq\.cfg: that is what the configuration is called"):
        rx().declare("vq.cfg", bool)


def test_a_property_is_asked_always_or_at_rest() -> None:
    wrong: Any = "sometimes"
    with pytest.raises(ModelError, match="asked"):
        Property("p", lambda s: True, wrong)
