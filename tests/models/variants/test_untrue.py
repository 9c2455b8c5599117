"""Files of users that once made the tool say what is not true, or nothing."""

from __future__ import annotations

import datetime
import os
import random
import secrets
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import random as drawn
from typing import Any

import pytest

from vrx.models.deciding import refusals
from vrx.models.deciding.checking import check, questions_of
from vrx.models.deciding.user_file import Subject
from vrx.models.deciding.user_file import load as loaded
from vrx.models.systems.family import family
from vrx.models.systems.system import System, rx
from vrx.models.variants.hidden_inputs import asks_outside
from vrx.proofs.command import cli
from vrx.spec.config import BadConfiguration
from vrx.spec.layouts.split.driver import virtqueue_enable_cb_prepare, virtqueue_poll
from vrx.spec.layouts.split.memory import loc
from vrx.spec.layouts.split.state import SplitState
from vrx.spec.linux.state import L, Softirq
from vrx.spec.liveness import Liveness, never_forever
from vrx.spec.memory import load
from vrx.spec.properties import Property, at_rest
from vrx.spec.rx import HELD
from vrx.spec.sizes import SIZE
from vrx.spec.steps import ModelError
from vrx.spec.words import Upto

SMALL = rx(idx_bits=2, max_packet=1)
"""71,000 states."""
QUIET = rx(arrivals=False)
"""No packet comes: 800 states."""
ONE = ["no_lost_interrupt"]
Run = Callable[[SplitState, Softirq], None]
LATE = {"": False}
CALLS = [0]


def asleep(me: Softirq) -> None:
    """The driver sleeps without a last look."""
    me.opaque = 0
    me.goto(L.IDLE)


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
    assert "depends on the state" in fault or "no attribute" in fault


def test_a_step_that_draws_through_code_that_nobody_looks_into_is_refused() -> None:
    """Every draw changes the state of Python's random numbers, whoever makes it, and whatever comes of it."""
    hidden = {"random": random}
    code = compile("def draws():\n    return random.random()\n", "elsewhere", "exec")
    exec(code, {"__name__": "vrx.models.elsewhere", **hidden}, hidden)
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
    assert "question by_truth answers" in fault


def test_a_loop_that_has_no_end_on_terms_is_an_error() -> None:
    def run(s: SplitState, me: Softirq) -> None:
        n = s.vq.num_free
        while n != 0:
            n = n - 1
        virtqueue_poll(s, me)

    (fault,) = check(QUIET.replace("virtqueue_poll", run), only=ONE).faults
    assert "step virtqueue_poll (cpu0 napi): more than" in fault and "loop" in fault


@dataclass
class Unhashable:
    """A step that cannot be a key."""

    looks: bool

    def __call__(self, s: SplitState, me: Softirq) -> None:
        if self.looks:
            virtqueue_poll(s, me)
        else:
            asleep(me)


@dataclass(frozen=True)
class Alike:
    """A step that says of another one that they are equal."""

    looks: bool = field(compare=False)

    def __call__(self, s: SplitState, me: Softirq) -> None:
        if self.looks:
            virtqueue_poll(s, me)
        else:
            asleep(me)


@pytest.mark.parametrize("kind", [Unhashable, Alike])
def test_a_step_is_the_object_and_not_what_it_says_of_itself(kind: Any) -> None:
    systems = {looks: SMALL.replace("virtqueue_poll", kind(looks), called="a poll") for looks in (True, False)}
    assert systems[True] != systems[False]
    for looks, system in systems.items():
        assert check(system, only=ONE).answer(*ONE).verdict == ("proved" if looks else "refuted")


def stays_at(n: int) -> Liveness:
    @never_forever
    def stays(s: SplitState) -> bool:
        """The queue does not stay as it is."""
        return s.net.queued == n

    return stays


def test_two_questions_of_one_name_and_one_sentence_are_two() -> None:
    (one, other) = stays_at(0), stays_at(1)
    asked, _ = questions_of(Subject("", QUIET), [one, other, one])
    assert [q for q in asked if q.name == "stays"] == [one, other]


def vrx(*words: Any) -> int:
    try:
        return cli.main([str(w) for w in words])
    except SystemExit as ended:
        return int(ended.code or 0)


QUIET_FILE = "from vrx.models import *\nsystem = rx(arrivals=False)\n"
ASLEEP = "from vrx.models import *\ndef poll(s: State, me: Softirq) -> None:\n    me.opaque = 0\n    me.goto(L.IDLE)\n"
LOOKS = "from vrx.spec.layouts.split.driver import virtqueue_poll as poll\n"
NEVER = '@at_rest\ndef {}(s: State) -> bool:\n    """Never."""\n    return s.net.queued == 7\n'


def test_a_question_that_a_file_imports_from_another_of_the_users_is_asked(tmp_path: Path) -> None:
    (tmp_path / "own_questions.py").write_text("from vrx.models import *\n" + NEVER.format("imported"))
    file = tmp_path / "my.py"
    file.write_text(QUIET_FILE + "from own_questions import imported\nfrom vrx.spec.properties import no_lost_kick\n")
    assert [q.name for q in loaded(str(file)).questions] == ["imported"]


def test_modules_of_one_name_beside_two_files_are_two(tmp_path: Path) -> None:
    for folder, steps in (("a", LOOKS), ("b", ASLEEP)):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "own_steps.py").write_text(steps)
        text = 'from own_steps import poll\nsystem = rx().replace("virtqueue_poll", poll)\n'
        (tmp_path / folder / "my.py").write_text("from vrx.models import *\n" + text)
    runs = []
    for folder in ("a", "b"):
        (subject,) = loaded(str(tmp_path / folder / "my.py")).subjects
        runs += [s.run for s in subject.system.steps if s.name == "virtqueue_poll"]
    assert runs[0] is virtqueue_poll and runs[1] is not virtqueue_poll


def test_claims_of_one_name_and_systems_in_a_dict_are_all_asked(tmp_path: Path) -> None:
    file = tmp_path / "my.py"
    file.write_text(
        "from vrx.models import *\nfrom vrx.spec.properties import no_lost_kick\n"
        'claims = [Safety("a", rx(size=n), no_lost_kick, "proved") for n in (1, 2)]\n'
        'more = {"three": rx(size=4)}\n'
    )
    found = loaded(str(file)).subjects
    assert [s.name.partition(":")[2] for s in found] == ["a", "a#2", "more[three]"]
    assert [s.system.cfg.size for s in found] == [1, 2, 4]


def test_a_question_that_is_not_asked_is_no_green_answer(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "my.py"
    file.write_text(QUIET_FILE)
    assert vrx("check", file, "--question", "no_lost_interupt") == 2
    assert "did you mean no_lost_interrupt" in capsys.readouterr().err
    assert vrx("check", file, "--question", "used_entries_exact") == 2
    assert "nothing was asked" in capsys.readouterr().err
    with pytest.raises(BadConfiguration, match="did you mean no_lost_kick"):
        check(QUIET, only=["no_lost_kik"])
    found = check(QUIET, only=["used_entries_exact"])
    assert not found.ok and found.skipped


def test_a_trace_is_of_the_question_that_is_refuted_among_those_of_one_name(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "my.py"
    file.write_text(QUIET_FILE + NEVER.format("no_lost_kick"))
    assert vrx("check", file, "--question", "no_lost_kick") == 1
    assert vrx("trace", file, "--question", "no_lost_kick") == 0
    assert "REFUTED" in capsys.readouterr().out


def test_a_family_has_the_system_itself() -> None:
    system: System = rx(size=4)
    assert system in family(system).members


def past_the_door(s: SplitState, me: Softirq) -> None:
    if s.ring.used_idx == me.opaque:
        asleep(me)
    else:
        virtqueue_poll(s, me)


def twice(s: SplitState, me: Softirq) -> None:
    load(s, me, loc.used_flags)
    s.accesses = 0
    virtqueue_poll(s, me)


def of_the_device(s: SplitState, me: Softirq) -> None:
    if s.dev.used_idx == me.opaque:
        asleep(me)
    else:
        virtqueue_poll(s, me)


def of_the_ghost(s: SplitState, me: Softirq) -> None:
    if s.ghost.owner[0] == HELD:
        asleep(me)
    else:
        virtqueue_poll(s, me)


def writes_past_the_door(s: SplitState, me: Softirq) -> None:
    s.ring.used_event = me.opaque
    virtqueue_poll(s, me)


def writes_to_the_device(s: SplitState, me: Softirq) -> None:
    s.dev.notification = True
    virtqueue_poll(s, me)


BEHIND: list[tuple[Run, str]] = [
    (past_the_door, "reads s.ring.used_idx without an access"),
    (twice, "more than one shared access"),
    (of_the_device, "reads s.dev.used_idx, which is private"),
    (of_the_ghost, "goes by s.ghost.owner"),
    (writes_past_the_door, "writes s.ring.used_event without an access"),
    (writes_to_the_device, "writes s.dev.notification, which is private"),
]


@pytest.mark.parametrize("memory", ["sc", "tso"])
@pytest.mark.parametrize(("run", "why"), BEHIND, ids=[run.__name__ for run, _ in BEHIND])
def test_a_step_that_looks_where_it_has_no_access_is_refused(run: Run, why: str, memory: str) -> None:
    found = check(rx(memory=memory, max_packet=1).replace("virtqueue_poll", run), only=ONE)
    (fault,) = found.faults
    assert fault.startswith("step virtqueue_poll (cpu0 napi): ") and why in fault


def test_a_step_does_not_see_the_store_buffer_of_another_cpu() -> None:
    def run(s: SplitState, me: Softirq) -> None:
        if s.buffers[1].count != 0:
            asleep(me)
        else:
            virtqueue_poll(s, me)

    (fault,) = check(rx(memory="tso", arrivals=False).replace("virtqueue_poll", run), only=ONE).faults
    assert "the store buffer of another CPU" in fault


def test_what_only_the_ghost_notes_may_depend_on_everything() -> None:
    def run(s: SplitState, me: Softirq) -> None:
        if s.ring.avail_idx != s.dev.last_avail_idx:
            s.ghost.torn = True
        virtqueue_poll(s, me)

    assert check(QUIET.replace("virtqueue_poll", run), only=ONE).faults == []


def test_no_trace_of_what_is_refused_is_no_answer(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "my.py"
    steps = "def poll(s: State, me: Softirq) -> None:\n"
    steps += "    if s.ring.used_idx == s.ring.used_idx + s.ring.avail_flags:\n"
    steps += "        me.goto(L.IDLE)\n    else:\n        virtqueue_poll(s, me)\n"
    head = "from vrx.models import *\nfrom vrx.spec.layouts.split.driver import virtqueue_poll\n"
    end = 'system = rx(arrivals=False).replace("virtqueue_poll", poll)\n'
    file.write_text(head + steps + end)
    assert vrx("trace", file, "--question", "no_lost_kick") == 1
    assert "without an access" in capsys.readouterr().err


def lazy(s: SplitState, me: Softirq) -> Iterator[int]:
    asleep(me)
    yield 1


async def later(s: SplitState, me: Softirq) -> None:
    asleep(me)


@pytest.mark.parametrize("run", [lazy, later])
def test_a_function_that_does_nothing_when_it_is_called_is_no_step(run: Any) -> None:
    with pytest.raises(BadConfiguration, match="would do nothing"):
        QUIET.replace("virtqueue_poll", run)


def test_a_field_that_no_engine_sees_cannot_be_declared() -> None:
    with pytest.raises(BadConfiguration, match=r"vq\.cfg: that is what the configuration is called"):
        QUIET.declare("vq.cfg", bool)


def test_a_member_of_a_family_begins_inside_its_ranges() -> None:
    found = family(rx(size=2).declare("vq.spare", Upto(SIZE), initial=2))
    assert {m.cfg.size for m in found.members} == {2}
    assert any("vq.spare: it begins as 2, which is outside 0..1" in why for why in found.left_out)


def test_a_property_is_asked_always_or_at_rest() -> None:
    wrong: Any = "sometimes"
    with pytest.raises(ModelError, match="asked"):
        Property("p", lambda s: True, wrong)
