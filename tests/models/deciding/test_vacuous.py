"""What is proved of nothing is not called proved; what Linux itself loses is said, with its command."""

from __future__ import annotations

import pytest

from vrx.models.deciding.checking import check
from vrx.models.deciding.vacuous import CONSTANT, cannot_fail
from vrx.models.engines.z3.constant import Constants
from vrx.models.symbolic.reading import Reading
from vrx.models.systems.system import rx
from vrx.proofs.command import cli
from vrx.spec.config import BadConfiguration
from vrx.spec.layouts.split.driver import KICK_PREPARE_MB
from vrx.spec.layouts.split.memory import loc
from vrx.spec.layouts.split.state import SplitState
from vrx.spec.linux.state import Softirq
from vrx.spec.memory import line, load, mb
from vrx.spec.property import Property, invariant
from vrx.spec.qemu.returns import popped
from vrx.spec.qemu.state import MainLoop
from vrx.spec.ring import idx_add, slot
from vrx.spec.words import Bits

SMALL = rx(idx_bits=2, max_packet=1)


def kicks_always(s: SplitState, me: Softirq) -> None:
    """The driver kicks in the step that decides."""
    mb(s, me, KICK_PREPARE_MB)
    s.vq.num_added = 0
    line(s, me)
    s.lines.kick = True
    me.ret()


def pops_without_ghosts(s: SplitState, me: MainLoop) -> None:
    """The next buffer, and nobody writes down whose it is."""
    head = load(s, me, loc.avail_ring[slot(s.cfg, s.dev.last_avail_idx)])
    s.dev.last_avail_idx = idx_add(s.cfg, s.dev.last_avail_idx, 1)
    popped(s, me, head)


@pytest.mark.needs("compiler")
def test_a_driver_that_kicks_at_another_step_is_not_said_to_kick_as_asked() -> None:
    found = check(SMALL.replace("virtqueue_kick_prepare_split", kicks_always), only=["kicks_only_as_asked"])
    answer = found.answer("kicks_only_as_asked")
    assert answer.verdict == "vacuous" and "about to kick" in answer.outcome.reason and not found.ok


@pytest.mark.needs("compiler")
def test_what_holds_of_a_forgotten_ghost_is_vacuous() -> None:
    """A head out of range is let through, and the ghost line that would say so is left out."""
    faulty = rx(idx_bits=2, max_packet=1, hostile="driver").replace("virtqueue_split_pop__head", pops_without_ghosts)
    wide = faulty.widen("main.elems", Bits(16)).widen("ring.used_id", Bits(16))
    answer = check(wide, only=["a_lie_breaks_the_ring"]).answer("a_lie_breaks_the_ring")
    assert answer.verdict == "vacuous" and "ghost.lies" in answer.outcome.reason


@pytest.mark.needs("compiler")
def test_what_is_true_in_every_state_is_vacuous_whoever_asks() -> None:
    """A question of vrx with its needs taken away, and one that reads something and answers the same on both ways."""

    @invariant
    def either_way(s: SplitState) -> bool:
        """One of both."""
        if s.lines.kick:
            return True
        return True

    bare = Property("lengths_fit", lambda s: s.cfg.size > 0, "always")
    bare.holds.__module__ = "vrx.spec.standard.abstract"
    found = check(SMALL, [bare, either_way], only=["lengths_fit", "either_way"])
    assert [(a.verdict, a.outcome.reason) for a in found.answers] == [("vacuous", CONSTANT)] * 2 and not found.ok


def turned(s: SplitState) -> bool:
    return s.dev.used_idx + s.vq.num_free == s.vq.num_free + s.dev.used_idx


def odd(s: SplitState) -> bool:
    return s.dev.used_idx * 2 != 3


def one_of_both(s: SplitState) -> bool:
    return (s.dev.used_idx < 1) | (s.dev.used_idx > 0)


def in_its_range(s: SplitState) -> bool:
    return (s.dev.used_idx <= 3) | (s.dev.used_idx >= 2)


def not_all(s: SplitState) -> bool:
    return (s.dev.used_idx != 3) | (s.vq.num_free != 1) | (s.dev.inuse != 1)


@pytest.mark.needs("compiler")
def test_what_no_state_could_break_is_vacuous_however_it_is_written() -> None:
    reading = Reading(SMALL, ())
    for asked in (turned, odd, one_of_both, in_its_range):
        assert cannot_fail(reading, invariant(asked)) == CONSTANT, asked.__name__
    assert cannot_fail(reading, invariant(not_all)) == ""
    (answer,) = check(SMALL, [invariant(odd)], only=["odd"]).answers
    assert answer.verdict == "vacuous"


def test_where_z3_does_not_come_to_an_end_nothing_is_said() -> None:
    assert not Constants(Reading(SMALL, ()), enough=1).always_so(invariant(turned_around))


def turned_around(s: SplitState) -> bool:
    a, b, c = s.dev.used_idx, s.vq.avail_idx_shadow, s.vq.last_used_idx
    return (a * 7 + b * 5 + c * 3 != 100) | (a * 11 + b * 3 + c * 5 != 100) | (a > 3)


def test_a_driver_that_lies_has_no_options_of_linux() -> None:
    with pytest.raises(BadConfiguration, match="nothing of Linux is left"):
        rx(hostile="driver", busy_poll="same")


@pytest.mark.needs("compiler")
def test_what_a_plain_configuration_refutes_has_a_command_that_shows_it(capsys: pytest.CaptureFixture[str]) -> None:
    plain = ["--idx-bits", "2", "--max-packet", "1", "--busy-poll", "other", "--irq", "other"]
    assert cli.main(["check", *plain, "--question", "no_lost_interrupt"]) == 1
    said = capsys.readouterr().out
    assert "Linux's own code loses an interrupt" in said
    (command,) = [line.partition(":  vrx ")[2] for line in said.splitlines() if line.startswith("refuted")]
    cli.main(command.split())
    assert "REFUTED  no_lost_interrupt" in capsys.readouterr().out
