"""A step or a question that depends on more than the state is refused."""

from __future__ import annotations

import datetime
import os
import random
import secrets
import time
from collections.abc import Callable
from pathlib import Path
from random import random as drawn
from typing import Any

import pytest

from tests.quiet_variants import ONE, QUIET, SMALL, Run, asleep
from vrx.models.deciding import refusals
from vrx.models.deciding.checking import check
from vrx.models.variants import hidden_inputs
from vrx.models.variants.hidden_inputs import asks_outside, depends_on_more
from vrx.spec import contents
from vrx.spec.layouts.split.driver import virtqueue_enable_cb_prepare, virtqueue_poll
from vrx.spec.layouts.split.memory import loc
from vrx.spec.layouts.split.state import SplitState
from vrx.spec.linux.state import Softirq
from vrx.spec.liveness import never_forever
from vrx.spec.properties import at_rest
from vrx.spec.property import invariant
from vrx.spec.steps import require

LATE = {"": False}
CALLS = [0]


def notes(s: SplitState, me: Softirq) -> None:
    LATE[""] = True
    virtqueue_enable_cb_prepare(s, me)


def by_note(s: SplitState, me: Softirq) -> None:
    if LATE[""]:
        virtqueue_poll(s, me)
    else:
        asleep(me)


def by_count(s: SplitState, me: Softirq) -> None:
    CALLS[0] += 1
    if CALLS[0] % 3:
        virtqueue_poll(s, me)
    else:
        asleep(me)


def by_chance(s: SplitState, me: Softirq) -> None:
    if random.random() < 0.2:
        asleep(me)
    else:
        virtqueue_poll(s, me)


def by_a_rare_chance(s: SplitState, me: Softirq) -> None:
    if drawn() < 1e-9:
        asleep(me)
    else:
        virtqueue_poll(s, me)


def unlucky() -> bool:
    """Where a step calls it, the step draws."""
    return secrets.randbelow(1000) == 7


def by_another_function(s: SplitState, me: Softirq) -> None:
    if unlucky():
        asleep(me)
    else:
        virtqueue_poll(s, me)


def by_the_clock(s: SplitState, me: Softirq) -> None:
    if time.time() < 0:
        asleep(me)
    else:
        virtqueue_poll(s, me)


def by_the_date(s: SplitState, me: Softirq) -> None:
    if datetime.datetime.now().year < 2000:
        asleep(me)
    else:
        virtqueue_poll(s, me)


def by_the_kernel(s: SplitState, me: Softirq) -> None:
    if os.urandom(8) == bytes(8):
        asleep(me)
    else:
        virtqueue_poll(s, me)


def by_import(s: SplitState, me: Softirq) -> None:
    from time import monotonic

    if monotonic() < 0:
        asleep(me)
    else:
        virtqueue_poll(s, me)


def by_default(s: SplitState, me: Softirq, now: Callable[[], float] = time.monotonic) -> None:
    if now() < 0:
        asleep(me)
    else:
        virtqueue_poll(s, me)


def by_address(s: SplitState, me: Softirq) -> None:
    if id(object()) == 7:
        asleep(me)
    else:
        virtqueue_poll(s, me)


def by_identity(s: SplitState, me: Softirq) -> None:
    if s.vq.no_interrupt is False:
        asleep(me)
    else:
        virtqueue_poll(s, me)


def by_type(s: SplitState, me: Softirq) -> None:
    if isinstance(s.vq.last_used_idx, int):
        asleep(me)
    else:
        virtqueue_poll(s, me)


def by_look(s: SplitState, me: Softirq) -> None:
    if f"{s.vq.last_used_idx}" == "1":
        asleep(me)
    else:
        virtqueue_poll(s, me)


def by_attribute(s: SplitState, me: Softirq) -> None:
    held: Any = s.vq.token
    held.late = True
    virtqueue_poll(s, me)


def by_name(s: SplitState, me: Softirq) -> None:
    me.name = "late"
    virtqueue_poll(s, me)


def by_configuration(s: SplitState, me: Softirq) -> None:
    object.__setattr__(s.cfg, "late", True)
    virtqueue_poll(s, me)


def by_function(s: SplitState, me: Softirq) -> None:
    vars(by_function)["late"] = True
    virtqueue_poll(s, me)


def by_closure() -> Run:
    late = False

    def run(s: SplitState, me: Softirq) -> None:
        nonlocal late
        late = not late
        virtqueue_poll(s, me)

    return run


def by_text_hash(s: SplitState, me: Softirq) -> None:
    if hash("x") & 1:
        asleep(me)
    else:
        virtqueue_poll(s, me)


def by_hidden_import(s: SplitState, me: Softirq) -> None:
    if int(__import__("time").time() / 20) & 1:
        asleep(me)
    else:
        virtqueue_poll(s, me)


def by_file(s: SplitState, me: Softirq) -> None:
    if float(Path("/proc/uptime").read_text().split()[0]) < 0:
        asleep(me)
    else:
        virtqueue_poll(s, me)


HIDDEN = [
    *(by_text_hash, by_hidden_import, by_file),
    *(by_chance, by_a_rare_chance, by_another_function, by_the_clock, by_the_date, by_the_kernel, by_import),
    *(by_default, by_address),
    *(by_count, by_identity, by_type, by_look, by_attribute, by_name, by_configuration, by_function),
    by_closure(),
]


@pytest.mark.parametrize("run", HIDDEN, ids=lambda run: run.__name__)
def test_a_step_that_depends_on_more_than_the_state_is_refused(run: Run) -> None:
    found = check(SMALL.replace("virtqueue_poll", run), only=ONE)
    (fault,) = found.faults
    assert "virtqueue_poll" in fault and not found.ok
    assert "depends on the state" in fault or "no attribute" in fault or "made a string" in fault


def test_a_step_that_draws_through_code_that_nobody_looks_into_is_refused() -> None:
    """Every draw changes the state of Python's random numbers, whoever makes it, and whatever comes of it."""
    hidden = {"random": random}
    code = compile("def draws():\n    return random.random()\n", "elsewhere", "exec")
    exec(code, {"__name__": "vrx.spec.elsewhere", **hidden}, hidden)
    draws: Any = hidden["draws"]

    def run(s: SplitState, me: Softirq) -> None:
        draws()
        virtqueue_poll(s, me)

    (fault,) = check(QUIET.replace("virtqueue_poll", run), only=ONE).faults
    assert "virtqueue_poll draws from" in fault and "depends on the state alone" in fault and "odd=2" in fault


def test_a_name_that_a_step_uses_of_the_state_is_no_clock() -> None:
    def run(s: SplitState, me: Softirq) -> None:
        mine: Any = s.vq
        if mine.id == 7 or mine.time == 7:  # never run
            asleep(me)
        else:
            virtqueue_poll(s, me)

    assert not asks_outside([("virtqueue_poll", run)])


def test_a_question_that_asks_the_clock_is_refused() -> None:
    @at_rest
    def in_time(s: SplitState) -> bool:
        """Before the end of time."""
        return time.time() < 1e12

    (fault,) = check(QUIET, [in_time], only=["in_time"]).faults
    assert "in_time" in fault and "time may ask a clock" in fault


def test_the_native_search_says_whose_step_may_be_at_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a variant slips through, and shows only when a path is found again."""

    def asleep_on_terms(s: SplitState, me: Softirq) -> None:
        if not isinstance(s.vq.last_used_idx, int):
            asleep(me)
        else:
            virtqueue_poll(s, me)

    monkeypatch.setattr(refusals, "depends_on_more", lambda system: "")
    found = check(SMALL.replace("virtqueue_poll", asleep_on_terms), only=ONE)
    (fault,) = found.faults
    assert "exchanged: virtqueue_poll: a step depends on the state alone" in fault


def test_a_variable_outside_that_two_steps_share_is_refused() -> None:
    system = SMALL.replace({"virtqueue_enable_cb_prepare": notes, "virtqueue_poll": by_note})
    for _ in range(2):  # the second time the variable does not change any more
        (fault,) = check(system, only=ONE).faults
        assert "depends on the state" in fault


def test_what_a_step_only_reads_outside_is_no_variable() -> None:
    wanted = {"looks": [True]}

    def run(s: SplitState, me: Softirq) -> None:
        if wanted["looks"][0]:
            virtqueue_poll(s, me)
        else:
            asleep(me)

    assert check(QUIET.replace("virtqueue_poll", run), only=ONE).faults == []


def test_a_question_that_depends_on_more_than_the_state_is_refused() -> None:
    @at_rest
    def by_truth(s: SplitState) -> bool:
        """Not what it looks like."""
        return s.napi.sched is not False and s.napi.sched is not True

    found = check(QUIET, [by_truth], only=["by_truth"])
    (fault,) = found.faults
    assert "by_truth asks with `is`" in fault


def test_a_question_that_answers_something_else_on_terms_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where nothing in its code says so."""
    monkeypatch.setattr(hidden_inputs, "tells_apart", lambda function: "")

    @at_rest
    def by_truth(s: SplitState) -> bool:
        """Not what it looks like."""
        return s.napi.sched is not False and s.napi.sched is not True

    @at_rest
    def by_a_term(s: SplitState) -> bool:
        """Something that no number has."""
        number: Any = s.vq.num_free
        return bool(number.high != 7)

    assert "question by_truth answers" in hidden_inputs.asks_more(QUIET, by_truth)
    assert "question by_a_term fails on integers" in hidden_inputs.asks_more(QUIET, by_a_term)


def test_a_question_that_a_loop_changes_afterwards_is_refused() -> None:
    """Each would be the question of the last turn."""
    made = []
    for most in (0, 1):

        @invariant
        def few(s: SplitState) -> bool:
            """Not too many."""
            return s.vq.num_free <= most  # noqa: B023

        made.append(few)
    first, last = (check(QUIET, [question], only=["few"]).faults for question in made)
    assert "few reads most, which meant something else when it was made" in first[0] and not last


def test_a_situation_that_a_loop_changes_afterwards_is_refused() -> None:
    made = []
    for empty in (True, False):

        @never_forever(stuck=None)
        def idle(s: SplitState) -> bool:
            """Nothing waits."""
            return s.lines.irq != empty  # noqa: B023

        made.append(idle)
    (fault,) = check(QUIET, [made[0]], only=["idle"]).faults
    assert "idle reads empty" in fault and "make it in a function of its own" in fault


@pytest.mark.parametrize("places", [loc, contents.loc], ids=["ring", "contents"])
def test_a_step_that_changes_the_locations_is_refused(places: Any) -> None:
    """Those of the ring that the system has, and those of what its buffers hold: no engine sees one change."""

    def run(s: SplitState, me: Softirq) -> None:
        places.late = 1
        virtqueue_poll(s, me)

    try:
        said = depends_on_more(QUIET.replace("virtqueue_poll", run))
    finally:
        if "late" in vars(places):
            del places.late
    assert f"virtqueue_poll changes the class loc of {places.__module__}, which is no part of the state" in said


def test_a_loop_that_has_no_end_on_terms_is_an_error() -> None:
    def run(s: SplitState, me: Softirq) -> None:
        n = s.vq.num_free
        while n != 0:
            n = n - 1
        virtqueue_poll(s, me)

    (fault,) = check(QUIET.replace("virtqueue_poll", run), only=ONE).faults
    assert "step virtqueue_poll (cpu0 napi): more than" in fault and "loop" in fault


def test_a_step_that_returns_something_is_refused() -> None:
    """`return False` does not say that a step is not enabled."""

    def run(s: SplitState, me: Softirq) -> Any:
        virtqueue_poll(s, me)
        return False

    (fault,) = check(SMALL.replace("virtqueue_poll", run), only=ONE).faults
    assert "step virtqueue_poll" in fault and "returns something" in fault and "require" in fault


@pytest.mark.parametrize("no_condition", ["s.vq.num_free == 1", None, [0], lambda: False])
def test_what_is_no_condition_is_not_required(no_condition: Any) -> None:
    def run(s: SplitState, me: Softirq) -> None:
        require(no_condition)
        virtqueue_poll(s, me)

    (fault,) = check(SMALL.replace("virtqueue_poll", run), only=ONE).faults
    assert "it takes a condition" in fault
