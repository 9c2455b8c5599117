"""The native simulator: the same run as `Simulator`, its steps taken by compiled C.

What it says it has from integers: a property that fails is asked again in Python, of
a state that the steps of the specification have led to, move by move, from where the run began.
"""

from __future__ import annotations

import ctypes
from array import array
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from vrx.models.simulation.native.compiled import AT, CODE_BITS, PARTS, SPREAD, Compiled, compile_walk
from vrx.models.simulation.simulator import Schedule, Simulator
from vrx.models.simulation.statistics import TAKEN, Occupancy, Run
from vrx.models.systems.system import Move, System
from vrx.models.systems.variant_names import whose_fault
from vrx.spec.properties import Property
from vrx.spec.steps import ModelError

RUNNING, FULL, STOPPED, FAILED_ALWAYS, FAILED_REST, ASK_ALWAYS, ASK_REST, RANGE = range(8)
CHUNK = 1 << 16
"""Steps between two looks at signals and progress."""
KEPT = 1 << 24
"""Moves that are kept as they come; of a longer run that fails, all are found again by running it again."""
ACTION_BITS = 64 - CODE_BITS


class Moves(Sequence[Move]):
    """The moves of a run: a number each, made into moves when somebody looks."""

    def __init__(self, simulator: Simulator) -> None:
        self._program = simulator.program
        self.codes = array("Q")

    def __len__(self) -> int:
        return len(self.codes)

    def __getitem__(self, i: Any) -> Any:
        if isinstance(i, slice):
            return [self._move(code) for code in self.codes[i]]
        return self._move(self.codes[i])

    def __iter__(self) -> Iterator[Move]:
        return map(self._move, self.codes)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Moves):
            return self.codes == other.codes
        return isinstance(other, Sequence) and list(self) == list(other)

    __hash__ = None  # type: ignore[assignment]

    def _move(self, code: int) -> Move:
        number, left = code & (1 << ACTION_BITS) - 1, code >> ACTION_BITS
        choice: list[int] = []
        for _, count in reversed(self._program.actions[number].choices):
            choice.append(left % count)
            left //= count
        return self._program.move(number, tuple(reversed(choice)))


class NativeSimulator(Simulator):
    """A simulator whose steps are compiled.  Raises one of `compiled.CANNOT` where a system cannot be.

    by_python: the questions that Python answers, whenever what they read has changed, and why
    """

    engine = "native"

    def __init__(
        self,
        system: System,
        properties: Sequence[Property],
        seed: int = 0,
        weights: Mapping[str, float] | None = None,
        schedule: Schedule = "random",
        budget: int = 0,
    ) -> None:
        super().__init__(system, properties, seed, weights, schedule, budget)
        self.compiled: Compiled = compile_walk(system, self.program, properties, self.actions)
        self.by_python = self.compiled.by_python
        self._walk: int = self.compiled.lib.vrx_new()
        if not self._walk:
            raise MemoryError("no memory for a run")
        self._part = {name: self._pointer(i) for i, name in enumerate(PARTS)}
        self._values = (ctypes.c_int64 * self.compiled.fields)()
        self._by_python = [p for p in self.compiled.always if p.name in self.by_python]
        self._places = self._numbers_of_places()

    def known_marks(self) -> Sequence[str] | None:
        """All marks that a step can pass."""
        return self.compiled.marks

    def __del__(self) -> None:
        if getattr(self, "_walk", 0):
            self.compiled.lib.vrx_free(self._walk)
            self._walk = 0

    def _pointer(self, which: int) -> Any:
        kind = ctypes.c_int if PARTS[which] == "choice" else ctypes.c_uint64
        return ctypes.cast(self.compiled.lib.vrx_part(self._walk, which), ctypes.POINTER(kind))

    def _n(self, name: str, at: int = 0) -> int:
        return int(self._part["n"][AT[name] + at])

    def _set(self, **numbers: int) -> None:
        for name, value in numbers.items():
            self._part["n"][AT[name]] = value

    def _go(
        self, run: Run, sizes: Sequence[int] | None, limit: int, progress: Callable[[int, int], None] | None
    ) -> None:
        """Take the steps of a run."""
        moves = Moves(self)
        begin = self.program.view.get(), self.draws.at, self.taken
        run.moves = moves
        try:
            self._begin(run, sizes, limit, keep=True)
            status, where = self._until_the_end(run, moves, progress)
        finally:
            self._collect(run)
        if status == RANGE:
            self._out_of_range()
        run.stopped = status == STOPPED
        run.finished = run.stopped and self._n("ARRIVED") == run.packets
        if run.violated is not None and where is not None:
            if len(moves) < run.steps:
                self._again(begin, run, sizes, moves)
            try:
                self._confirm(begin[0], run, moves, where, progress)
            except KeyboardInterrupt:
                run.unconfirmed, run.violated = run.violated.name, None
                raise

    def _begin(self, run: Run, sizes: Sequence[int] | None, limit: int, keep: bool) -> None:
        """Everything that the walk knows, as this run begins."""
        part = self._part
        for name, size in (("fired", len(self.actions)), ("marked", len(self.compiled.marks))):
            for i in range(size):
                part[name][i] = 0
        for name, at in AT.items():
            for k in range(SPREAD if name in ("PER_POLL", "PER_PACKET", "PARKED") else 1):
                part["n"][at + k] = 0
        for i, action in enumerate(self.actions):
            part["weight"][i] = action.weight
        self._sizes = (ctypes.c_uint32 * len(sizes))(*sizes) if sizes else None
        self._set(
            LIMIT=limit, PACKETS=run.packets, SIZES=ctypes.addressof(self._sizes) if self._sizes else 0,
            TAKEN=self.taken, BUDGET=self.budget, ALONE=int(self.schedule == "alone"), ALIKE=int(self.alike),
            RANDOM=self.draws.at, KEEP_MOVES=int(keep), KEEP_OCCUPANCY=int(run.keep), RECEIVED=run.received,
        )  # fmt: skip
        self._give()

    def _until_the_end(
        self, run: Run, moves: Moves, progress: Callable[[int, int], None] | None
    ) -> tuple[int, Property | None]:
        """Walk until something stops it: the status, and the property that fails."""
        lib = self.compiled.lib
        lib.vrx_ask_all(self._walk)
        status = int(lib.vrx_ask(self._walk))
        if self._by_python and status in (RUNNING, FAILED_ALWAYS):
            self._set(FAILED_HERE=int(status == FAILED_ALWAYS))
            status = ASK_ALWAYS
            self._waking = [*range(len(self._by_python))]
        else:
            self._waking = []
        while True:
            if status in (ASK_ALWAYS, FAILED_ALWAYS):
                run.violated = self._failed_always(status)
            elif status in (ASK_REST, FAILED_REST):
                run.violated = self._failed_rest()
                if run.violated is None and not self._n("PENDING"):
                    return STOPPED, None
            if run.violated is not None or status in (STOPPED, RANGE):
                return status, run.violated
            if status == RUNNING and self._n("STEPS") >= self._n("LIMIT"):
                return status, None
            self._drain(run, moves)
            if progress:
                progress(self._n("ARRIVED"), self._n("STEPS"))
            status = int(lib.vrx_walk(self._walk, CHUNK))

    def _failed_always(self, status: int) -> Property | None:
        """The first question that fails, of the compiled ones and of Python's."""
        always = self.compiled.always
        here = always[self._n("FAILED")] if status == FAILED_ALWAYS or self._n("FAILED_HERE") else None
        if status == FAILED_ALWAYS:
            return here
        wake, waking = self._n("WAKE"), self._waking
        self._waking = []
        self._take()
        numbers = waking or [i for i in range(len(self._by_python)) if wake >> i & 1]
        failed = [p for i in numbers if not self._asked(i, p := self._by_python[i])]
        failed += [here] if here else []
        return min(failed, key=always.index, default=None)

    def _asked(self, number: int, prop: Property) -> bool:
        """Ask a question in Python, and have it asked again when something that it has read changes."""
        holds, read = self.always.asked(prop)
        bit = 1 << number
        for place in range(len(self.compiled.places)):
            self._part["watch"][place] &= ~bit
        for owner, where in read:
            place = self._places.get((owner, where), self._places.get((owner, None), -1))
            if place >= 0:
                self._part["watch"][place] |= bit
        return holds

    def _failed_rest(self) -> Property | None:
        """The first question that fails at this rest, on integers; none where it is not one of the system."""
        self._take()
        state: Any = self.program.state
        failed = next((p for p in self.compiled.rest if not p.holds(state)), None)
        return failed if failed and self.stands_still() else None

    def _numbers_of_places(self) -> dict[tuple[int, Any], int]:
        """The number of each field and array, by whose it is and its name; of an array by itself."""
        number = {name: i for i, name in enumerate(self.compiled.places)}
        return {key: number[name] for key, name in self.program.names().items()}

    def _take(self) -> None:
        """The walk's state becomes the program's."""
        self.compiled.lib.vrx_get(self._walk, self._values)
        self.program.put(tuple(self._values))

    def _give(self) -> None:
        """The program's state becomes the walk's."""
        self._values[:] = [int(v) for v in self.program.view.get()]
        self.compiled.lib.vrx_put(self._walk, self._values)

    def _drain(self, run: Run, moves: Moves) -> None:
        """Fetch what the walk has kept."""
        part = self._part
        if moves is not None and self._n("KEEP_MOVES"):
            moves.codes.frombytes(ctypes.string_at(part["moves"], 8 * self._n("MOVES")))
            if len(moves) > KEPT and not self._recording:
                self._set(KEEP_MOVES=0)
                moves.codes = array("Q")
        parks = part["parks"][: 2 * self._n("PARKS")]
        run.parks += zip(parks[::2], parks[1::2], strict=True)
        seen = part["occupancy"][: 5 * self._n("OCCUPANCIES")]
        run.occupancy += (Occupancy(*seen[i : i + 5]) for i in range(0, len(seen), 5))
        self._set(MOVES=0, PARKS=0, OCCUPANCIES=0)

    _recording = False
    """Are all moves wanted, however many there are?"""

    def _collect(self, run: Run) -> None:
        """What the walk has counted becomes the run's, its state the program's."""
        self._drain(run, run.moves)  # type: ignore[arg-type]
        self._take()
        self.draws.at, self.taken = self._n("RANDOM"), self._n("TAKEN")
        run.steps, run.rests, run.delivered = self._n("STEPS"), self._n("RESTS"), self._n("DELIVERED")
        for i, action in enumerate(self.actions):
            if fired := int(self._part["fired"][i]):
                run.events[action.step] += fired
                run.events[action.point] += fired
        if run.steps:
            run.events[TAKEN] += self._n("BUFFERS")
        for i, mark in enumerate(self.compiled.marks):
            if passed := int(self._part["marked"][i]):
                run.events[f"[{mark}]"] += passed
        for name, spread in (("PER_POLL", run.per_poll), ("PER_PACKET", run.per_packet), ("PARKED", run.parked)):
            spread.count, spread.total, spread.least, spread.most = (self._n(name, k) for k in range(SPREAD))
        run.parked_at = self._n("PARKED_AT") or None
        run.received, run.polled, run.filled = self._n("RECEIVED"), self._n("POLLED"), self._n("FILLED")

    def _out_of_range(self) -> None:
        """Raise what the integers say of the step that leaves a field's range."""
        number = self._n("STRUCK")
        choice = tuple(self._part["choice"][: len(self.program.actions[number].choices)])
        self.program.step(number, choice, [])
        name = self.program.actions[number].name
        raise ModelError(f"{name}: out of range natively, but not on integers{whose_fault(self.system)}")

    def _again(self, begin: tuple[Any, int, int], run: Run, sizes: Sequence[int] | None, moves: Moves) -> None:
        """The same run once more, for its moves."""
        end = self.program.view.get(), self.draws.at, self.taken
        values, self.draws.at, self.taken = begin
        self.program.put(values)
        moves.codes = array("Q")
        once = Run(self.system, self.seed, run.packets)
        once.begins(self.program.state)
        self._recording = True
        try:
            self._begin(once, sizes, run.steps, keep=True)
            self._until_the_end(once, moves, None)
            self._drain(once, moves)
        finally:
            self._recording = False
            values, self.draws.at, self.taken = end
            self.program.put(values)

    def _confirm(
        self, begin: Any, run: Run, moves: Moves, failed: Property | None, progress: Callable[[int, int], None] | None
    ) -> None:
        """Take the run on integers; it ends where the walk did, and the property fails there."""
        assert failed is not None
        end = self.program.view.get()
        self.program.put(begin)
        passed: list[str] = []
        for n, move in enumerate(moves):
            if not self.program.step(move.action, move.choice, passed):
                raise ModelError(
                    f"the native walk takes step {n + 1:,}, {self.program.actions[move.action].name}, "
                    f"which is not enabled on integers{whose_fault(self.system)}"
                )
            if progress and n % CHUNK == 0:
                progress(run.packets, n)
        if self.program.view.get() != end or failed.holds(self.program.state):
            raise ModelError(
                f"{failed.name} fails natively after {run.steps:,} steps, and not on integers{whose_fault(self.system)}"
            )
