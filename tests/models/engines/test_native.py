"""The native explorer finds what the reference explorer finds."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from vrx.models.deciding.digest import digest
from vrx.models.engines.explorer import Search, explore
from vrx.models.engines.native import NoCompiler, build, explore_native
from vrx.models.engines.native import explore as native_explore
from vrx.models.engines.native.codegen import generate
from vrx.models.engines.native.explore import COMPLETE, FEW, Native
from vrx.models.engines.native.layout import Layout
from vrx.models.engines.native.narrow import bounds
from vrx.models.engines.native.parts import masks, parts
from vrx.models.symbolic.reading import Reading
from vrx.models.systems.system import System, rx
from vrx.proofs.museum.data import big, mergeable, small
from vrx.spec.layouts.split.state import SplitState
from vrx.spec.linux.state import L, Softirq
from vrx.spec.properties import ALL, SPINE, at_rest, invariant
from vrx.spec.qemu.net_queue import qemu_net_queue_send
from vrx.spec.qemu.state import MainLoop
from vrx.spec.steps import ModelError, require

SMALL: dict[str, dict[str, Any]] = {
    "no packets": {"arrivals": False},
    "no packets, data": {"arrivals": False, "data": True},
    "no packets, tso, event_idx, any cpu": {"arrivals": False, "memory": "tso", "event_idx": True, "irq": "any"},
    "no packets, size 4": {"arrivals": False, "size": 4, "idx_bits": 4},
    "stops": {"arrivals": False, "stops": True, "irq": "other"},
    "a task and a timer": {"arrivals": False, "busy_poll": "same", "gro_flush_timeout": True, "defer_hard_irqs": 1},
    "netpoll": {"arrivals": False, "netpoll": "other", "size": 2},
}


def sleepy(s: SplitState, me: Softirq) -> None:
    """A driver that goes to sleep without another look."""
    me.opaque = 0
    me.goto(L.IDLE)


@invariant
def never_parked(s: SplitState) -> bool:
    """False where the device has parked a packet: a property that fails."""
    return s.net.queued == 0


@at_rest
def never_at_rest(s: SplitState) -> bool:
    """False at every rest."""
    return s.net.queued == 3


def same(a: Search, b: Search) -> None:
    assert (a.complete, a.states, a.depth, a.rests) == (b.complete, b.states, b.depth, b.rests)
    assert a.fired == b.fired
    assert {k: len(v.path) for k, v in a.violations.items()} == {k: len(v.path) for k, v in b.violations.items()}
    assert {k: len(v.path) for k, v in a.covers.items()} == {k: len(v.path) for k, v in b.covers.items()}
    assert a.seen == b.seen


def replayed(system: System, search: Search) -> None:
    """Every path is a path on integers, and ends where its property fails."""
    program = system.built()
    properties = {p.name: p for p in (*ALL, never_parked, never_at_rest)}
    for name, found in search.violations.items():
        here = program.initial
        for move in found.path:
            after = program.take(here, move)
            assert after is not None
            here = after
        program.view.set(here)
        assert not properties[name].holds(program.state)


@pytest.mark.parametrize("options", SMALL.values(), ids=SMALL.keys())
def test_the_same_states_as_the_reference(options: dict[str, Any]) -> None:
    system = rx(**options)
    wanted = explore(system, ALL, keep_states=True)
    same(explore_native(system, ALL, keep_states=True), wanted)
    same(explore_native(system, ALL, keep_states=True, threads=2), wanted)


DATA: dict[str, System] = {
    "small": small(max_packet=1),
    "small, TSO": small(size=1, memory="tso"),
    "mergeable": mergeable(max_packet=2),
    "chains": big(),
    "chains, TSO": big(memory="tso", max_packet=1),
    "tables": big(size=1, indirect=True),
    "beside a liar": small(size=1, hostile="device"),
}


@pytest.mark.slow
@pytest.mark.parametrize("system", DATA.values(), ids=DATA.keys())
def test_the_same_states_with_data(system: System) -> None:
    """Each kind of buffer, its contents part of the state: the sets of states are equal, and what fails is the same."""
    wanted = explore(system, ALL, keep_states=True)
    found = explore_native(system, ALL, keep_states=True)
    same(found, wanted)
    assert wanted.complete and wanted.states > 4000
    assert {k: v.path for k, v in found.violations.items()} == {k: v.path for k, v in wanted.violations.items()}
    replayed(system, found)


def one_packet(s: SplitState, me: MainLoop, size: int, watch: int) -> None:
    """Only the watched packet comes."""
    require(watch == 1)
    qemu_net_queue_send(s, me, size, watch)


POLLING: dict[str, dict[str, Any]] = {
    "a task": {"busy_poll": "same"},
    "a timer": {"gro_flush_timeout": True},
    "interrupts put off": {"gro_flush_timeout": True, "defer_hard_irqs": 1},
    "a task, interrupts put off": {"busy_poll": "same", "gro_flush_timeout": True, "defer_hard_irqs": 1},
    "a sender on another CPU": {"netpoll": "other"},
    "opened by a task": {"opens": "task"},
}


@pytest.mark.slow
@pytest.mark.parametrize("options", POLLING.values(), ids=POLLING.keys())
def test_the_same_states_whoever_polls(options: dict[str, Any]) -> None:
    """Who polls beside the softirq, to the end of one packet: small, and every step of theirs is taken."""
    system = rx(idx_bits=2, max_packet=1, watch=True, **options).replace("qemu_net_queue_send", one_packet)
    wanted = explore(system, ALL, keep_states=True)
    same(explore_native(system, ALL, keep_states=True), wanted)
    program = system.built()
    taken = {program.actions[number].step.name for number in wanted.fired}
    left = {action.step.name for action in program.actions} - taken
    assert left == {"virtqueue_get_buf_ctx_split__event", "virtqueue_get_buf_ctx_split__event_mb", "virtqueue_unpop"}
    assert wanted.complete and 1000 < wanted.states < 5000


@pytest.mark.slow
def test_the_same_violations_as_the_reference() -> None:
    system = rx(max_packet=1, idx_bits=2).replace("virtqueue_poll", sleepy)
    properties = (*SPINE, never_parked, never_at_rest)
    wanted = explore(system, properties, keep_states=True)
    assert {"no_lost_interrupt", "never_parked", "never_at_rest"} <= set(wanted.violations)
    one = explore_native(system, properties, keep_states=True)
    same(one, wanted)
    assert {k: v.path for k, v in one.violations.items()} == {k: v.path for k, v in wanted.violations.items()}
    replayed(system, one)
    two = explore_native(system, properties, threads=2, keep_states=True)
    same(two, wanted)
    replayed(system, two)


def test_a_lost_interrupt_is_found_and_the_search_stops() -> None:
    system = rx(event_idx=True).replace("virtqueue_poll", sleepy)
    found = explore_native(system, SPINE, stop_at_violation=True)
    assert not found.complete
    assert found.reason == "stopped at the first violation"
    assert "no_lost_interrupt" in found.violations
    replayed(system, found)


def test_many_threads_find_the_same() -> None:
    one = explore_native(rx(event_idx=True, max_packet=1), SPINE)
    for threads in (2, 3):
        same(explore_native(rx(event_idx=True, max_packet=1), SPINE, threads=threads), one)


def test_what_is_compiled_in_haste_finds_the_same() -> None:
    """Also where the states turn out to be more than few, and at a violation, by the same way."""
    some = rx(event_idx=True, idx_bits=2, max_packet=1)
    many = explore_native(some, SPINE, few=False)
    assert many.states > FEW
    same(explore_native(some, SPINE, few=True), many)
    assert explore_native(some, SPINE, few=True, limit=FEW // 2).states < FEW
    wrong = rx(max_packet=1, idx_bits=2).replace("virtqueue_poll", sleepy)
    well, hasty = (explore_native(wrong, SPINE, stop_at_violation=True, few=few) for few in (False, True))
    assert {k: v.path for k, v in well.violations.items()} == {k: v.path for k, v in hasty.violations.items()}
    assert well.states == hasty.states < FEW


def test_limits_keep_what_was_found() -> None:
    system = rx(event_idx=True)
    some = explore_native(system, (*SPINE, never_parked), limit=50_000)
    assert not some.complete
    assert 50_000 <= some.states < 50_100
    assert "limit of 50000 states" in some.reason
    assert "never_parked" in some.violations
    little = explore_native(system, SPINE, max_bytes=16 << 20)
    assert not little.complete
    assert little.states > (16 << 20) // 16, "a state takes at most 16 bytes"
    assert "memory limit of 16 MiB" in little.reason


def test_an_interrupted_search_keeps_what_was_found() -> None:
    calls = []

    def progress(states: int, depth: int) -> None:
        calls.append((states, depth))
        raise KeyboardInterrupt

    found = explore_native(rx(event_idx=True, memory="tso", size=2), (*SPINE, never_parked), progress=progress)
    assert found.reason == "interrupted"
    assert not found.complete
    assert calls == [(found.states, found.depth)]
    assert found.depth > 5
    assert "never_parked" in found.violations


APART = rx(event_idx=True, memory="tso", irq="any", arrivals=False)


@pytest.mark.parametrize("words", [0, 1, 2])
def test_whole_or_as_the_numbers_of_its_parts_a_state_is_the_same(words: int) -> None:
    reading = Reading(APART)
    written = reading, generate(reading, SPINE, apart=words)
    assert ("#define PARTS" in written[1].text) == bool(words)
    wanted = explore(APART, SPINE, keep_states=True)
    for threads in (1, 2):
        same(explore_native(APART, SPINE, keep_states=True, threads=threads, written=written), wanted)


@pytest.mark.parametrize("bits", [0, 2, 5])
def test_too_many_numbers_of_parts_begin_afresh_with_more_room(bits: int) -> None:
    """Keys of so few bits are too short for the numbers: in the end the states are kept whole."""
    reading = Reading(APART)
    source = generate(reading, SPINE, apart=1)
    short = replace(source, text=f"#define MOST_BITS {bits}\n{source.text}")
    with Native(reading, short, threads=2, limit=0, max_bytes=0, stop=False) as native:
        assert native.run() == COMPLETE
        assert "#define PARTS" not in native.source.text
        found = native.states()
    assert found == explore(APART, SPINE, keep_states=True).seen


def test_the_digest_of_a_system_does_not_say_how_its_states_are_kept() -> None:
    reading = Reading(APART)
    sources = [generate(reading, SPINE, apart=words) for words in (0, 1, 2)]
    assert len({s.text for s in sources}) == 3
    assert len({digest(s) for s in sources}) == 1


def test_every_field_is_in_one_part() -> None:
    for options in SMALL.values():
        reading = Reading(rx(**options))
        layout = Layout(reading.fields, bounds(reading))
        found = parts(reading, layout)
        assert sorted(i for part in found for i in part) == [i for i, p in enumerate(layout.places) if p.bits]
        every = [0] * layout.words
        for mask in masks(found, layout):
            assert not any(a & b for a, b in zip(every, mask, strict=True))
            every = [a | b for a, b in zip(every, mask, strict=True)]


def test_a_value_out_of_its_range_is_an_error() -> None:
    def overflow(s: SplitState, me: Softirq) -> None:
        s.vq.num_free = s.vq.num_free + 1
        me.goto(L.IDLE)

    system = rx(max_packet=1).replace("virtqueue_poll", overflow)
    with pytest.raises(ModelError, match="outside 0") as native:
        explore_native(system, ())
    with pytest.raises(ModelError) as reference:
        explore(system, ())
    assert str(native.value) == str(reference.value)


def test_packing_is_undone_by_unpacking() -> None:
    reading = Reading(rx(size=4, idx_bits=16, data=True, memory="tso"))
    layout = Layout(reading.fields)
    tops = tuple(f.top for f in reading.fields)
    assert layout.unpack(layout.pack(tops)) == tops
    for i, f in enumerate(reading.fields):
        one = tuple(f.top * (i == j) for j in range(len(tops)))
        assert layout.unpack(layout.pack(one)) == one
        place = layout.places[i]
        assert place.shift + place.bits <= 64


@pytest.mark.parametrize("options", SMALL.values(), ids=SMALL.keys())
def test_no_reachable_state_exceeds_the_bounds_of_its_fields(options: dict[str, Any]) -> None:
    reading = Reading(rx(**options))
    bound = bounds(reading)
    assert sum(b.bit_length() for b in bound) < sum(f.bits for f in reading.fields)
    seen = explore(rx(**options), (), keep_states=True).seen
    assert seen
    assert all(value <= top for values in seen for value, top in zip(values, bound, strict=True))


@pytest.fixture
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "vrx"


def test_what_is_compiled_in_halves_finds_the_same(monkeypatch: pytest.MonkeyPatch, own_cache: Path) -> None:
    whole = explore_native(rx(max_packet=1), SPINE, threads=2, few=False)
    library = next(own_cache.rglob("*.so"))
    library.unlink()
    monkeypatch.setattr(native_explore, "LARGE", 0)
    same(explore_native(rx(max_packet=1), SPINE, threads=2, few=False), whole)
    assert library.exists()
    library.unlink()
    monkeypatch.setenv("CC", "false")
    with pytest.raises(build.CompilerFailed, match="-DSTEPS"):
        explore_native(rx(max_packet=1), SPINE, few=False)


def test_without_a_compiler_the_message_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    monkeypatch.delenv("CC", raising=False)
    monkeypatch.setitem(sys.modules, "ziglang", None)
    with pytest.raises(NoCompiler, match=r"apt-get install gcc.*pip install 'vrx\[zig\]'"):
        explore_native(rx(arrivals=False))
    monkeypatch.setenv("CC", "no-such-cc -m64")
    with pytest.raises(NoCompiler, match="no-such-cc"):
        explore_native(rx(arrivals=False))


def test_a_compiler_that_fails_is_reported(monkeypatch: pytest.MonkeyPatch, own_cache: Path) -> None:
    monkeypatch.setenv("CC", "false")
    with pytest.raises(build.CompilerFailed):
        explore_native(rx(arrivals=False))


def test_a_spoiled_cache_is_built_again(own_cache: Path) -> None:
    def states() -> int:
        return explore_native(rx(arrivals=False)).states

    wanted = states()
    (library,) = own_cache.glob("*.so")
    whole = library.read_bytes()
    for spoiled in (b"", b"rubbish", whole[: len(whole) // 2], whole[:4000] + b"spoiled" + whole[4007:]):
        # A new file, as a crash leaves it: the old one is mapped into this process.
        library.unlink()
        library.write_bytes(spoiled)
        code = "from vrx.models.engines.native import explore_native; from vrx.models.systems.system import rx; "
        code += "print(explore_native(rx(arrivals=False)).states)"
        run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        assert run.stdout == f"{wanted}\n"
        assert library.read_bytes() == whole
    assert [p.suffix for p in own_cache.iterdir()] == [".so"]


def test_a_cache_that_cannot_be_written_does_not_matter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    monkeypatch.delenv("CC", raising=False)
    assert explore_native(rx(arrivals=False)).complete


@pytest.mark.needs("compiler")
def test_parallel_builds_do_not_disturb_each_other(own_cache: Path) -> None:
    code = "from vrx.models.engines.native import explore_native; from vrx.models.systems.system import rx; "
    code += "assert explore_native(rx(arrivals=False)).complete"
    runs = [subprocess.Popen([sys.executable, "-c", code], env=dict(os.environ)) for _ in range(4)]
    assert [r.wait() for r in runs] == [0] * 4
