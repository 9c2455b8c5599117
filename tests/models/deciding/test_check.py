"""`vrx check`: what users bring gets a true answer, and a mistake one line."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from vrx.models.claims import Claim, Outcome, Result, Safety
from vrx.models.deciding import checking, user_file
from vrx.models.deciding.checking import check
from vrx.models.systems.family import family
from vrx.models.systems.system import rx
from vrx.proofs.command import cli
from vrx.spec.config import BadConfiguration
from vrx.spec.layouts.split.state import SplitState
from vrx.spec.linux.state import L, Softirq
from vrx.spec.questions import STANDARD

POLL = '''
def virtqueue_poll(s: State, me: Softirq) -> None:
    """Nobody looks again."""
    me.opaque = 0
    me.goto(L.IDLE)
'''
IMPORT = "from vrx.models import L, MainLoop, Q, Softirq, State, rx\n"
LATE = IMPORT + POLL + '\nlate = rx().replace("virtqueue_poll", virtqueue_poll)\n'


def written(tmp_path: Path, text: str, name: str = "my.py") -> str:
    (tmp_path / name).write_text(text, encoding="utf-8")
    return str(tmp_path / name)


def answers(path: Path) -> dict[str, tuple[str, int | None]]:
    data = json.loads(path.read_text(encoding="utf-8"))
    assert data["version"] == 1
    wanted = ("subject", "system", "property", "verdict", "engine", "states", "steps", "seconds", "reason")
    assert all(tuple(entry) == wanted for entry in data["checks"])
    return {entry["property"]: (entry["verdict"], entry["steps"]) for entry in data["checks"]}


def test_a_faulty_variant(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    mine, out = written(tmp_path, LATE), tmp_path / "out.json"
    assert cli.main(["check", mine, "--json", str(out)]) == 1
    found = answers(out)
    assert found["no_lost_interrupt"] == ("refuted", 31) and found["no_lost_kick"] == ("proved", None)
    assert found["every_used_entry_is_taken"][0] == "refuted" and found["no_spin_driver"][0] == "proved"
    said = capsys.readouterr().out.splitlines()
    shown = f"refuted  {mine}:late: no_lost_interrupt in 31 steps:  vrx trace {mine}:late --question no_lost_interrupt"
    assert shown in said and said[-1].startswith("1 system: 5 refuted, ")
    assert cli.main(shown.partition("  vrx ")[2].split()) == 0
    told = capsys.readouterr().out
    assert "virtqueue_poll is exchanged: Nobody looks again." in told and "used.idx 1, last_used_idx 0" in told


def test_a_trace_of_the_users_own_is_replayed_with_the_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mine, trace = written(tmp_path, LATE), str(tmp_path / "trace.json")
    assert cli.main(["trace", f"{mine}:late", "--json", "-o", trace]) == 0
    assert cli.main(["trace", "--replay", trace]) == 2
    assert "name the file that it is in" in capsys.readouterr().err
    assert cli.main(["trace", "--replay", trace, mine]) == 0
    assert capsys.readouterr().out.startswith("REFUTED  no_lost_interrupt")
    written(tmp_path, LATE.replace("me.goto(L.IDLE)", "me.call(L.NAPI_SCHEDULE_PREP, then=L.IDLE)"))
    assert cli.main(["trace", "--replay", trace, mine]) == 1
    assert "step 31 differs" in capsys.readouterr().err


def test_an_unmodified_configuration(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["check", "--idx-bits", "2", "--max-packet", "1"]) == 0
    said = capsys.readouterr().out
    assert "0 refuted" in said and "no_packet_blocks_the_queue" in said and "undecided" not in said


def test_bugs_and_claims_are_asked_by_name(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["check", "unpop-keeps-inuse", "--question", "inuse_exact"]) == 1
    said = capsys.readouterr().out
    assert "REFUTED    inuse_exact" in said and "unpop-keeps-inuse (fixed)" in said
    assert cli.main(["check", "unpop-keeps-inus"]) == 2
    assert "did you mean unpop-keeps-inuse" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("import nothing_of_this_name\n", "my.py:1: ModuleNotFoundError"),
        ("x = 1\n\n1 / 0\n", "my.py:3: ZeroDivisionError: division by zero (in `1 / 0`)"),
        ("def f(:\n", "my.py:1: SyntaxError"),
        ("raise SystemExit(0)\n", "my.py:1: SystemExit"),
        ("x = 1\n", "has no system at its top level"),
        (IMPORT + 'a = rx().replace("virtqueue_pol", print)\n', "did you mean virtqueue_poll"),
        (IMPORT + "a = rx(event_index=True)\n", "event_idx"),
        (IMPORT + POLL + 'a = rx().replace("receive_header", virtqueue_poll)\n', "data"),
    ],
)  # fmt: skip
def test_a_mistake_in_the_file_is_one_line_with_its_place(
    text: str, says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["check", written(tmp_path, text)]) == 2
    error = capsys.readouterr().err
    assert says in error and error.count("\n") == 1, error


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("s.napi.late = True\n    me.goto(L.IDLE)", "virtqueue_poll"),
        ("s.vq.num_added = 2\n    me.goto(L.IDLE)", "virtqueue_poll"),
        ("me.goto(Q.FLUSH)", "virtqueue_poll"),
        ("1 // 0", "my.py:5"),
    ],
)
def test_a_mistake_in_a_step_is_no_verdict(
    body: str, says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = LATE.replace("me.opaque = 0\n    me.goto(L.IDLE)", body)
    assert cli.main(["check", written(tmp_path, text)]) == 2
    said = capsys.readouterr().out
    (error,) = [line for line in said.splitlines() if line.startswith("  error: ")]
    assert says in error and "proved" not in said.splitlines()[1], said


def test_what_looks_like_a_question_and_is_none_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = LATE + "\n\ndef nothing_waits(s: State) -> bool:\n    return s.net.queued == 0\n"
    assert cli.main(["check", written(tmp_path, text), "--question", "inuse_exact"]) == 0
    assert "nothing_waits is not asked: put @invariant" in capsys.readouterr().err


def test_a_variant_that_never_rests_proves_nothing_about_rests(tmp_path: Path) -> None:
    text = LATE.replace("    me.goto(L.IDLE)\n", "")
    out = tmp_path / "out.json"
    assert cli.main(["check", written(tmp_path, text), "--json", str(out)]) == 1
    found = answers(out)
    assert {found[name][0] for name in ("no_lost_interrupt", "no_lost_kick", "rest_is_idle")} == {"vacuous"}
    assert found["no_spin_driver"][0] == "refuted"


def test_a_driver_that_never_refills_and_a_device_that_publishes_late(tmp_path: Path) -> None:
    text = IMPORT + (
        "from vrx.spec.layouts.split.device_used import virtqueue_split_flush\n"
        "from vrx.spec.qemu.net_queue import done\n"
        "def never(s: State, me: Softirq, budget: int) -> None:\n"
        "    me.received = False\n    me.goto(L.POLL_DONE)\n"
        "def late(s: State, me: MainLoop) -> None:\n"
        "    if s.dev.inuse < 2:\n        me.held = 0\n        me.filled = 0\n        me.elems[0] = 0\n"
        "        done(s, me)\n"
        "    else:\n        virtqueue_split_flush(s, me)\n"
        'dry = rx(max_packet=1).replace("virtnet_receive__refill", never)\n'
        'two = rx(max_packet=1).replace("virtqueue_split_flush", late)\n'
    )
    out, mine = tmp_path / "out.json", written(tmp_path, text)
    assert cli.main(["check", f"{mine}:dry", "--json", str(out)]) == 1
    assert answers(out)["strands_only_where_it_may"][0] == "refuted"
    assert cli.main(["check", f"{mine}:two", "--json", str(out)]) == 1
    assert answers(out)["every_packet_ends"][0] == "refuted"


def test_the_family() -> None:
    def poll(s: SplitState, me: Softirq) -> None:
        """Nobody looks again."""
        me.opaque = 0
        me.goto(L.IDLE)

    members = family(rx().replace("virtqueue_poll", poll)).members
    kinds = {(m.cfg.memory, m.cfg.event_idx, m.cfg.irq, m.cfg.guest, m.cfg.size, m.cfg.mergeable) for m in members}
    assert len(kinds) == len(members) == 7 * 2 * 2 * 2
    assert members[0].cfg == rx().cfg and members[0].changed
    assert all(m.replaced == ("virtqueue_poll",) for m in members)
    with_data = family(rx(data=True).replace("receive_header", lambda s, me: None, "nothing"))
    assert all(m.cfg.data for m in with_data.members)


def test_a_function_that_is_no_question_is_refused() -> None:
    def nothing_waits(s: SplitState) -> bool:
        return s.net.queued == 0

    with pytest.raises(TypeError, match="nothing_waits is no property: put @invariant"):
        Safety("x", rx(), nothing_waits, "proved")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="nothing_waits is no question: put @invariant"):
        check(rx(), [nothing_waits])  # type: ignore[list-item]
    with pytest.raises(TypeError, match="make one with rx"):
        Safety("x", "rx()", STANDARD[0], "proved")  # type: ignore[arg-type]


def test_an_answer_is_a_line() -> None:
    found = check(rx(idx_bits=2, max_packet=1), only=["inuse_exact"])
    assert str(found.answer("inuse_exact")) == "proved     inuse_exact" and found.ok
    with pytest.raises(TypeError, match="no system, claim or exhibit"):
        check("rx()")  # type: ignore[arg-type]
    with pytest.raises(BadConfiguration):
        check(rx(size=3))


DEVICE = IMPORT + (
    "from vrx.models import FREE, HELD, USED, give, load, loc, store\n"
    "from vrx.spec.qemu.net_queue import done\n"
    "from vrx.spec.layouts.split.device import virtqueue_split_pop__empty\n"
    "small = rx(idx_bits=2, max_packet=1)\n"
)
DROPS = DEVICE + (
    "def drops(s: State, me: MainLoop) -> None:\n"
    "    if s.dev.last_avail_idx == 1:\n        me.size = 0\n        me.rest = 0\n        done(s, me)\n"
    "    else:\n        virtqueue_split_pop__empty(s, me)\n"
    'silent = small.replace("virtqueue_split_pop__empty", drops)\n'
)
DEAF = DEVICE + (
    "def deaf(s: State, me: MainLoop) -> None:\n"
    "    me.held = 0\n    me.filled = 0\n    me.elems[0] = 0\n    done(s, me)\n"
    'dumb = small.replace("virtqueue_split_flush", deaf)\n'
)
BACK = DEVICE + (
    "def back(s: State, me: Softirq) -> None:\n"
    "    store(s, me, loc.used_event, 0)\n    me.goto(L.NAPI_COMPLETE_DONE)\n"
    'zero = rx(event_idx=True, idx_bits=2, max_packet=1).replace("virtqueue_enable_cb_prepare_split__event", back)\n'
)


def test_a_packet_that_is_dropped_and_not_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out, mine = tmp_path / "out.json", written(tmp_path, DROPS)
    assert cli.main(["check", f"{mine}:silent", "--json", str(out)]) == 1
    assert answers(out)["no_packet_vanishes"] == ("refuted", 45)
    assert "(watch=True)" in capsys.readouterr().out
    assert cli.main(["trace", f"{mine}:silent", "--question", "no_packet_vanishes"]) == 0


def test_what_a_question_speaks_of_has_to_occur(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    mine = written(tmp_path, DEAF)
    assert cli.main(["check", f"{mine}:dumb", "--question", "no_lost_interrupt"]) == 1
    assert "VACUOUS    no_lost_interrupt" in capsys.readouterr().out


def test_a_ghost_that_nobody_writes_proves_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out, mine = tmp_path / "out.json", written(tmp_path, BACK)
    assert cli.main(["check", f"{mine}:zero", "--json", str(out), "--question", "event_index_monotone"]) == 1
    assert answers(out)["event_index_monotone"][0] == "vacuous"
    assert "does not write ghost.event_back" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("store(s, me, loc.avail_flags, 1)\n    me.goto(Q.IDLE)", "stores to avail.flags, which only the other"),
        ("store(s, me, loc.used_id, 0)\n    me.goto(Q.IDLE)", "used.ring.id is an array: say which element"),
        ("me.goto(Q.SHOULDNOTIFY)", "Q has no point 'SHOULDNOTIFY': did you mean SHOULD_NOTIFY"),
        ("me.goto(Q.POP_HEAD)", "Q has no point 'POP_HEAD': it is SplitQ.POP_HEAD"),
        ("s.dev.inuse = s.dev.inuse - 2\n    me.goto(Q.IDLE)", "wrap(x, bits)"),
        ("while s.dev.inuse == 0:\n        pass", "conditions in one run"),
    ],
)
def test_a_mistake_in_a_step_of_the_device(
    body: str, says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    step = f"def mine(s: State, me: MainLoop) -> None:\n    {body}\n"
    text = DEVICE + step + "small = small.replace('virtio_irq', mine)\n"
    assert cli.main(["check", written(tmp_path, text)]) == 2
    assert says in capsys.readouterr().out


def test_options_that_are_given_stay_in_the_family() -> None:
    members = family(rx(event_idx=True), fixed=["event_idx", "size"]).members
    assert len(members) == 14 and all(m.cfg.event_idx and m.cfg.size == 1 for m in members)


def test_a_function_that_is_passed_on_is_no_forgotten_question(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = LATE + '\n\ndef room(s: State) -> bool:\n    return s.vq.num_free != 0\nuse = [room]\n'
    assert cli.main(["check", written(tmp_path, text), "--question", "inuse_exact"]) == 0
    assert "is not asked" not in capsys.readouterr().err


def test_ctrl_c_keeps_what_is_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def stops(claims: Sequence[Claim], **options: Any) -> Iterator[Result]:
        yield claims[0].judge(Outcome("refuted", "native", 10, 3, 31))
        raise KeyboardInterrupt

    monkeypatch.setattr(checking, "prove", stops)
    assert cli.main(["check", written(tmp_path, LATE)]) == 1
    said = capsys.readouterr()
    assert "REFUTED    no_lost_interrupt" in said.out and "interrupted" in said.out and said.err == "vrx: interrupted\n"
    found = check(rx(), only=["inuse_exact", "no_lost_kick"])
    assert found.interrupted and not found.ok and found.those("undecided")[0].outcome.reason == "interrupted"


CLAIMED = LATE.replace("import L,", "import L, Safety,") + """
from vrx.spec.properties import no_lost_interrupt, no_lost_kick, single_owner
CLAIMS = [
    Safety("must-fail", late, no_lost_interrupt, "refuted"),
    Safety("holds", late, single_owner, "proved"),
    Safety("is-wrong", late, no_lost_kick, "refuted"),
]
"""


def test_what_a_file_claims_is_judged_as_a_claim(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    right = written(tmp_path, CLAIMED, "right.py")
    assert cli.main(["check", right, "--question", "no_lost_interrupt"]) == 0
    said = capsys.readouterr().out
    assert "REFUTED    no_lost_interrupt" in said and "claim      must-fail: refuted, as it says" in said
    assert "1 system: 1 refuted" in said and "\nrefuted" not in said
    assert cli.main(["check", right, "--question", "no_lost_kick"]) == 1
    assert f"claim    {right}:late: is-wrong says refuted, and it is proved" in capsys.readouterr().out
    loaded = user_file.load(f"{right}:holds").subjects
    assert [len(s.own) for s in loaded] == [3] and [c.name for c in loaded[0].claims] == ["holds"]
