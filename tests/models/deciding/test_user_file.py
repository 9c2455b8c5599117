"""What stands in a user's file is asked, all of it, and under the name that it has."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.quiet_variants import QUIET
from vrx.models.deciding.checking import check, questions_of
from vrx.models.deciding.user_file import Subject
from vrx.models.deciding.user_file import load as loaded
from vrx.proofs.command import cli
from vrx.spec.config import BadConfiguration
from vrx.spec.layouts.split.driver import virtqueue_poll
from vrx.spec.layouts.split.state import SplitState
from vrx.spec.liveness import Liveness, every_used_entry_is_taken, never_forever
from vrx.spec.properties import single_owner


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


def test_a_question_that_calls_itself_like_one_of_the_tool_s_is_asked(tmp_path: Path) -> None:
    """`wraps` gives it the name and the module of the standard one, and `replace` most of what that has."""
    file = tmp_path / "my.py"
    file.write_text(
        QUIET_FILE + "from dataclasses import replace\nfrom functools import wraps\n"
        "from vrx.spec.liveness import every_used_entry_is_taken as lasting, no_spin\n"
        "from vrx.spec.properties import single_owner as standard\n"
        "@invariant\n@wraps(standard.holds)\ndef stricter(s: State) -> bool:\n"
        "    return standard.holds(s) and s.dev.used_idx != 1\n"
        'other = replace(standard, when="rest")\nlonger = replace(lasting, same=None)\nspins = no_spin("device")\n'
    )
    asked = loaded(str(file)).questions
    assert [q.name for q in asked] == ["single_owner", "single_owner", "every_used_entry_is_taken"]
    assert not set(asked).intersection((single_owner, every_used_entry_is_taken))
    both, _ = questions_of(Subject("", QUIET), asked)
    assert [q.name for q in both].count("single_owner") == 3


def test_a_question_that_imports_when_it_runs_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """By then another file of the command may have a module of this name."""
    for folder, number in (("a", 1), ("b", 9)):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "own_helper.py").write_text(f"N = {number}\n")
        text = QUIET_FILE + "import own_helper\n@invariant\ndef never(s: State) -> bool:\n    import own_helper\n\n"
        (tmp_path / folder / "my.py").write_text(text + "    return s.dev.used_idx != own_helper.N\n")
    assert vrx("check", "--question", "never", *(tmp_path / folder / "my.py" for folder in ("a", "b"))) == 2
    said = capsys.readouterr()
    assert (said.out + said.err).count("import it at the top of the file") == 2
