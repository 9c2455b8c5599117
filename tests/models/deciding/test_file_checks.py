"""What a user's file does that no answer would show: refused, or said."""

from __future__ import annotations

import os
import py_compile
from collections.abc import Callable
from pathlib import Path

import pytest

from vrx.models import L, Softirq, State, System, at_rest, check, rx
from vrx.models.claims import Cover, Lasting, Sentence, Statement
from vrx.models.deciding.user_file import BadFile, load
from vrx.spec.layouts.split import driver
from vrx.spec.layouts.split.driver import virtqueue_poll
from vrx.spec.linux.napi import napi
from vrx.spec.liveness import every_packet_ends
from vrx.spec.properties import no_lost_interrupt

ASLEEP = "from vrx.models import *\ndef poll(s: State, me: Softirq) -> None:\n    me.opaque = 0\n    me.goto(L.IDLE)\n"
VARIANT = 'rx().replace("virtqueue_poll", poll)'
ONE = ("no_lost_interrupt",)


def written(path: Path, text: str) -> str:
    path.write_text(ASLEEP + text)
    return str(path)


@pytest.mark.parametrize(
    "line, mend",
    [
        ('system.replace("virtqueue_poll", poll)', r"my.py:6: .* write system = system.replace\(...\)"),
        ('system.replace({"virtqueue_poll": poll})', "is not used"),
        ('rx().without("virtqueue_poll__mb")', r"write variant = rx\(\).without\(...\)"),
        ('system.declare("vq.late", bool)', "is not used"),
        ('system.widen("vq.num_added", Bits(16))', "is not used"),
    ],
)
def test_a_variant_that_is_thrown_away_is_refused(tmp_path: Path, line: str, mend: str) -> None:
    with pytest.raises(BadFile, match=mend):
        load(written(tmp_path / "my.py", f"system = rx()\n{line}\n"))


def test_other_replacements_are_none_of_our_business(tmp_path: Path) -> None:
    text = f"from pathlib import Path\nif False:\n    Path('a').replace('b')\nsystem = {VARIANT}\n"
    assert len(load(written(tmp_path / "my.py", text)).subjects) == 1


def test_systems_are_found_however_deep_they_lie(tmp_path: Path) -> None:
    text = f"some = [[{VARIANT}], {{'a': (rx(size=2),)}}]\nmore = {{rx(size=4)}}\nsome.append(some)\n"
    text += "class Both:\n    one = rx(size=8)\nlater = (rx(size=n) for n in (1, 2))\n"
    file = load(written(tmp_path / "my.py", text))
    found = file.subjects
    names = [s.name.partition(":")[2] for s in found]
    assert names == ["some[0][0]", "some[1][a][0]", "more[0]", "Both.one"]
    assert "later is a generator, and nobody looks what it makes: write a list" in file.notes[0]
    assert [s.name for s in load(f"{tmp_path / 'my.py'}:some[0][0]").subjects] == [found[0].name]


def test_questions_are_found_however_deep_they_lie(tmp_path: Path) -> None:
    text = "def p(s: State) -> bool:\n    return s.vq.num_free == 0\nasks = {'rest': [at_rest(p)]}\nsystem = rx()\n"
    assert [q.name for q in load(written(tmp_path / "my.py", text)).questions] == ["p"]


def test_packages_of_one_name_beside_two_files_are_two(tmp_path: Path) -> None:
    for folder, steps in (("a", "from vrx.spec.layouts.split.driver import virtqueue_poll as poll\n"), ("b", ASLEEP)):
        (tmp_path / folder / "vrx_own").mkdir(parents=True)
        (tmp_path / folder / "vrx_own" / "steps.py").write_text(steps)
        text = f"from vrx.models import rx\nfrom vrx_own.steps import poll\nsystem = {VARIANT}\n"
        (tmp_path / folder / "my.py").write_text(text)
    runs = []
    for folder in ("a", "b", "a"):
        (subject,) = load(str(tmp_path / folder / "my.py")).subjects
        runs += [s.run for s in subject.system.steps if s.name == "virtqueue_poll"]
    assert [run is virtqueue_poll for run in runs] == [True, False, True]


@pytest.mark.parametrize("compiled", [False, True])
def test_a_file_that_was_edited_at_once_is_the_new_one(tmp_path: Path, compiled: bool) -> None:
    """Python's own cache of a module goes by its second and its size."""
    mine, beside = tmp_path / "my.py", tmp_path / "own_number.py"
    found = []
    for n in (0, 1):
        mine.write_text(f"from vrx.models import rx\nfrom own_number import SIZE\nsystem = rx(size=SIZE << {n})\n")
        beside.write_text(f"SIZE = {n + 1}\n")
        for file in (mine, beside):
            os.utime(file, (1_700_000_000, 1_700_000_000))
            if compiled and not n:
                py_compile.compile(str(file))
        found.append(load(str(mine)).subjects[0].system.cfg.size)
    assert found == [1, 4]
    assert compiled or not (tmp_path / "__pycache__").exists()


@pytest.mark.parametrize(
    "line",
    [
        "import vrx.spec.layouts.split.driver as d\nd.virtqueue_poll = poll",
        "from vrx.spec.memory import Memory\nMemory.load = poll",
    ],
)
def test_a_file_that_changes_the_tool_is_refused_and_the_tool_stays(tmp_path: Path, line: str) -> None:
    with pytest.raises(BadFile, match="a variant exchanges a step or a helper"):
        load(written(tmp_path / "my.py", f"{line}\nsystem = {VARIANT}\n"))
    assert driver.virtqueue_poll is virtqueue_poll
    assert check(rx(), only=ONE).ok


def test_a_step_more_in_a_machine_of_the_tool_is_refused(tmp_path: Path) -> None:
    text = "from vrx.spec.linux.napi import napi\n@napi.step(at=L.IDLE)\ndef mine(s: State, me: Softirq) -> None:\n"
    before = list(napi)
    with pytest.raises(BadFile, match="the step mine, and so every system"):
        load(written(tmp_path / "my.py", text + f"    pass\nsystem = {VARIANT}\n"))
    assert list(napi) == before


def test_what_nobody_uses_and_names_that_are_taken_are_said(tmp_path: Path) -> None:
    text = "@at_rest\ndef no_lost_kick(s: State) -> bool:\n    return s.net.queued == 0\nsystem = rx()\n"
    notes = load(written(tmp_path / "my.py", text)).notes
    assert len(notes) == 2
    assert 'poll is a step of no system: rx().replace("STEP", poll)' in notes[0]
    assert "no_lost_kick is the name of a standard question, too" in notes[1]


def test_the_steps_of_a_machine_of_ones_own_are_used(tmp_path: Path) -> None:
    text = "from vrx.spec.steps import Machine\nmine = Machine('mine.c')\n@mine.step(at=L.IDLE)\n"
    text += f"def begins(s: State, me: Softirq) -> None:\n    pass\nsystem = {VARIANT}\n"
    assert load(written(tmp_path / "my.py", text)).notes == ()


def asleep(me: Softirq) -> None:
    me.opaque = 0
    me.goto(L.IDLE)


def test_a_step_of_a_loop_is_not_that_of_the_last_turn() -> None:
    def made_late() -> list[System]:
        found: list[System] = []
        for looks in (False, True):

            def step(s: State, me: Softirq) -> None:
                virtqueue_poll(s, me) if looks else asleep(me)  # noqa: B023  the fault

            found.append(rx().replace("virtqueue_poll", step))
        return found

    def made(looks: bool) -> Callable[..., None]:
        def step(s: State, me: Softirq) -> None:
            virtqueue_poll(s, me) if looks else asleep(me)

        return step

    first, last = (check(one, only=ONE) for one in made_late())
    assert "virtqueue_poll reads looks, which meant something else when the variant was made" in first.faults[0]
    assert last.ok
    one, other = (check(rx().replace("virtqueue_poll", made(looks)), only=ONE) for looks in (False, True))
    assert (one.ok, other.ok) == (False, True)


@pytest.mark.parametrize(
    "before, after",
    [("N = 0", "N = 1"), ("def n() -> int:\n    return 0", "def n() -> int:\n    return 1"), ("N = [0]", "N[0] = 1")],
)
def test_a_name_that_changes_behind_a_variant_is_refused(tmp_path: Path, before: str, after: str) -> None:
    value = {"N = 0": "N", "N = [0]": "N[0]"}.get(before, "n()")
    step = f"def step(s: State, me: Softirq) -> None:\n    me.opaque = {value}\n    me.goto(L.IDLE)\n"
    text = f'{before}\n{step}system = rx().replace("virtqueue_poll", step)\n'
    (same,) = load(written(tmp_path / "my.py", text)).subjects
    assert not check(same, only=ONE).faults
    (other,) = load(written(tmp_path / "other.py", f"{text}{after}\n")).subjects
    assert "meant something else" in check(other, only=ONE).faults[0]


def test_a_helper_that_is_written_below_the_variant_is_no_change(tmp_path: Path) -> None:
    step = "def step(s: State, me: Softirq) -> None:\n    below(s, me)\n"
    text = f'{step}system = rx().replace("virtqueue_poll", step)\nbelow = poll\n'
    (subject,) = load(written(tmp_path / "my.py", text)).subjects
    assert check(subject, only=ONE).answer(*ONE).verdict == "refuted"


@at_rest
def always(s: State) -> bool:
    """Whatever happens."""
    return True


@at_rest
def in_range(s: State) -> bool:
    """No more is free than there is."""
    return s.vq.num_free <= s.cfg.size


def test_a_question_that_nothing_can_break_is_vacuous() -> None:
    found = check(rx(), [always, in_range], only=["always", "in_range"])
    assert [a.verdict for a in found.answers] == ["vacuous", "vacuous"]
    assert "whatever the steps do" in str(found)


def test_a_claim_of_another_kind_than_its_question_is_refused() -> None:
    with pytest.raises(TypeError, match=r"no_lost_interrupt is no mark: use cover\("):
        Cover("a", rx(), no_lost_interrupt)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=r"no_lost_interrupt is no question about runs without end: use Safety\("):
        Lasting("a", rx(), no_lost_interrupt)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="every_packet_ends is no sentence"):
        Statement("a", rx(), every_packet_ends, "proved", decide=lambda c: None)  # type: ignore[arg-type, return-value]
    assert Sentence("a", "b").name == "a"


TAKEN_APART = {
    "steps=s.steps[1:]": "its step qemu_net_queue_send",
    "may_run=lambda s, me: None": "another may_run",
    "changed=()": "exchanges virtqueue_poll",
    "composed=None": "machines",
    "cfg=Other(**vars(s.cfg))": "class of its own, Other",
    "steps=tuple(replace(one, run=poll) if one.name == 'net_rx_action' else one for one in s.steps)": "net_rx_action",
}


@pytest.mark.parametrize("what, wrong", TAKEN_APART.items(), ids=lambda text: str(text)[:12])
@pytest.mark.parametrize("ring", ["split", "packed"])
def test_a_system_that_is_not_what_its_name_says_is_refused(tmp_path: Path, ring: str, what: str, wrong: str) -> None:
    text = "from dataclasses import replace\nfrom vrx.spec.config import Config\nclass Other(Config): ...\n"
    text += f'def made(s): return replace(s, {what})\nmine = made({VARIANT.replace("rx()", f"rx(ring={ring!r})")})\n'
    with pytest.raises(BadFile, match=rf"my.py: mine: .*{wrong}.*make it with rx"):
        load(written(tmp_path / "my.py", text))


def test_a_layout_of_the_user_s_own_that_calls_itself_packed_is_refused(tmp_path: Path) -> None:
    text = "from dataclasses import replace\nfrom vrx.spec.layouts.packed.layout import PACKED\n"
    text += "mine = rx(layout=replace(PACKED, shape=replace(PACKED.shape, view=type('V', (PACKED.shape.view,), {}))))\n"
    with pytest.raises(BadFile, match="its layout is not the one that is called packed"):
        load(written(tmp_path / "my.py", text))
    assert load(written(tmp_path / "other.py", text.replace("view=", "name='mine', view="))).subjects


def test_what_rx_and_its_variants_give_is_as_named(tmp_path: Path) -> None:
    text = "a = rx(ring='packed', memory='tso').without('virtqueue_poll__mb')\n"
    text += f"b = {VARIANT}.replace('virtqueue_poll', poll, called='asleep').declare('vq.late', bool)\n"
    text += "c = rx(hostile='driver', size=2)\nd = rx(caller='any', ring='packed').widen('vq.num_added', Bits(16))\n"
    assert len(load(written(tmp_path / "my.py", text)).subjects) == 4
