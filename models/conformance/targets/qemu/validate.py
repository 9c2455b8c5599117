"""Is a trace of QEMU's one that the model allows?

The steps of `spec/qemu` are followed by the trace: from every state that the
trace so far can have led to, all steps are taken that leave no event, then one
that leaves the next.  What is not in a trace is free: the size of packets, whether
the driver wants interrupts, and a descriptor that breaks the ring.  The driver is
taken to have posted all it can: a device that waits for buffers leaves no event, so
with fewer posted it could leave none that it cannot leave with more.  The first
event without a way to it is the finding, with what the model would have done.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from vrx.models.conformance.targets.qemu.trace import BadTraceFile, TraceEvent, of_receive_queue, read
from vrx.models.systems.fields import Values
from vrx.models.systems.system import Action, Move, rx
from vrx.spec.qemu.state import MainLoop, Q

OK = 4  # DRIVER_OK
Label = tuple[str, int]
"""What a step leaves in the trace: the event, and its idx or count."""


@dataclass(frozen=True)
class Finding:
    """The first event that the model does not allow.  allowed: what it would have allowed, as events."""

    event: TraceEvent
    allowed: tuple[str, ...]
    why: str = ""


@dataclass
class Followed:
    """How far a trace goes along the model.  model: the features it was followed with."""

    model: str
    events: int = 0
    packets: int = 0
    interrupts: int = 0
    finding: Finding | None = None


@dataclass
class _Follower:
    """The states that the trace so far can have led to, of one configuration."""

    event_idx: bool
    mergeable: bool
    largest: int
    states: set[Values] = field(default_factory=set)

    def __post_init__(self) -> None:
        size = 1 << max(2, (self.largest + 1).bit_length())
        self.size = size
        self.program = rx(
            size=size,
            idx_bits=size.bit_length() + 1,
            event_idx=self.event_idx,
            mergeable=self.mergeable,
            max_packet=self.largest + 1 if self.mergeable else 2,
        ).built()
        self._actions: dict[int, list[tuple[int, Action]]] = {}
        for number, action in enumerate(self.program.actions):
            if isinstance(action.context, MainLoop):
                self._actions.setdefault(action.point, []).append((number, action))
        self._seen: dict[tuple[Values, int], dict[Label, frozenset[Values]]] = {}
        self.initial = self._forget(self.program.initial)
        self.states = {self.initial}

    def visible(self, state: Values, packet: int) -> dict[Label, frozenset[Values]]:
        """Every event that the model may leave next, and the states behind it.  packet: how many buffers it takes."""
        key = state, packet
        if key not in self._seen:
            found: dict[Label, set[Values]] = {}
            hidden, todo = {state}, [state]
            while todo:
                for label, after in self._steps(todo.pop(), packet):
                    if label is not None:
                        found.setdefault(label, set()).add(after)
                    elif after not in hidden:
                        hidden.add(after)
                        todo.append(after)
            self._seen[key] = {label: frozenset(s) for label, s in found.items()}
        return self._seen[key]

    def _steps(self, state: Values, packet: int) -> Iterator[tuple[Label | None, Values]]:
        """All single steps of the main loop, whatever a driver may have written."""
        program, view = self.program, self.program.view
        view.set(state)
        for number, action in list(self._actions.get(int(program.state.main.pc), ())):
            sizes: Sequence[int] = (packet - 1, packet) if self.mergeable else (0, 1)
            choices = [(n, 0) for n in sizes] if action.choices else [()]
            for before in self._surroundings(state):
                for choice in choices:
                    after = program.take(before, Move(number, choice))
                    if after is not None:
                        yield self._label(action, before, after), self._forget(after)

    def _surroundings(self, state: Values) -> list[Values]:
        """The state as this step may find it, whatever the driver has written."""
        view, s = self.program.view, self.program.state
        view.set(state)
        wrap = (1 << s.cfg.idx_bits) - 1
        s.ring.avail_idx = s.dev.last_avail_idx + self.size & wrap
        for slot in range(self.size):
            s.ring.avail_ring[slot] = s.main.held % self.size
        s.ring.avail_flags, s.ring.used_event = 0, s.dev.used_idx - 1 & wrap  # interrupts wanted
        out = [view.get()]
        if s.main.pc == Q.IDLE:
            s.lines.kick = True
        elif s.main.pc == Q.SHOULD_NOTIFY:
            s.ring.avail_flags, s.ring.used_event = 1, s.dev.used_idx
        elif s.main.pc == Q.POP_EMPTY:
            s.dev.broken = True
        else:
            return out
        return [*out, view.get()]

    def _label(self, action: Action, before: Values, after: Values) -> Label | None:
        """What the step leaves in the trace."""
        view = self.program.view
        held, filled = view.index["main.held"], view.index["main.filled"]
        name = action.step.name
        if after[held] == before[held] + 1:
            return "virtqueue_pop", 0
        if name == "virtio_queue_host_notifier_read":
            return "virtio_queue_notify", 0
        if name == "virtqueue_split_fill":
            return "virtqueue_fill", before[filled]
        if name == "virtqueue_split_flush":
            return "virtqueue_flush", before[held]
        return ("virtio_notify", 0) if name == "virtio_irq" else None

    def _forget(self, state: Values) -> Values:
        """Without what the device never reads again: equal situations become equal states."""
        view, s = self.program.view, self.program.state
        view.set(state)
        s.lines.kick = s.lines.irq = False
        s.ring.used_flags = s.ring.used_event = s.ring.avail_flags = s.ring.avail_event = s.ring.used_idx = 0
        s.ghost.misuse = False
        for array in (s.ghost.owner, s.ring.avail_ring, s.ring.used_id):
            for i in range(self.size):
                array[i] = 0
        return view.get()

    def of(self, fill: TraceEvent, popped: Sequence[int]) -> int:
        """Of the elements popped so far, the one that the model has filled."""
        held = self.program.view.index["main.held"]
        wanted = {popped[fill.number - state[held]] for state in self.states if state[held]}
        return fill.element if fill.element in wanted else min(wanted)

    def take(self, label: Label, packet: int) -> tuple[str, ...] | None:
        """Go on with an event; what would have been allowed instead if there is no way to it."""
        ways = [self.visible(state, packet) for state in self.states]
        after = {s for way in ways for s in way.get(label, ())}
        if after:
            self.states = after
            return None
        return tuple(sorted({_text(other) for way in ways for other in way}))


def _text(label: Label) -> str:
    name, number = label
    return str(TraceEvent(0, name, number=number))


def follow(events: Sequence[TraceEvent], event_idx: bool, mergeable: bool) -> Followed:
    """Follow the events of one queue with the model of these features."""
    largest = max((e.number for e in events if e.name == "virtqueue_flush"), default=1)
    follower = _Follower(event_idx, mergeable, min(largest, 1023))
    out = Followed(f"{'mergeable' if mergeable else 'small'} buffers, {'event index' if event_idx else 'flags'}")
    ready = not any(e.name == "virtio_set_status" for e in events)
    popped: list[int] = []
    for place, event in enumerate(events):
        finding = None
        if event.name == "virtio_set_status":
            if event.number == 0:
                follower.states = {follower.initial}
                popped.clear()
            ready = bool(event.number & OK)
        elif not ready and event.name != "virtio_queue_notify":
            finding = Finding(event, ("virtio_set_status", "virtio_queue_notify"), "DRIVER_OK is not set")
        elif ready:
            packet = _pops(events, place)
            label = (event.name, event.number if event.name in ("virtqueue_fill", "virtqueue_flush") else 0)
            allowed = follower.take(label, max(1, min(packet, follower.largest)))
            if allowed is not None:
                finding = Finding(event, allowed)
            elif event.name == "virtqueue_pop":
                popped.append(event.element)
            elif event.name == "virtqueue_fill" and (wanted := follower.of(event, popped)) != event.element:
                finding = Finding(event, (f"{event} of element {wanted:#x}",), "another element was popped")
            elif event.name == "virtqueue_flush":
                popped.clear()
                out.packets += 1
            elif event.name == "virtio_notify":
                out.interrupts += 1
        if finding is not None:
            out.finding = finding
            return out
        out.events += 1
    return out


def _pops(events: Sequence[TraceEvent], place: int) -> int:
    """How many pops follow each other from here on."""
    count = 0
    while place + count < len(events) and events[place + count].name == "virtqueue_pop":
        count += 1
    return count


def validate(path: Path, mergeable: bool | None = None, event_idx: bool | None = None) -> Followed:
    """Follow a file with the model, under the features negotiated.

    A trace does not say them: of those that are None, both are tried, and the one that gets furthest is the answer.
    Raises BadTraceFile.
    """
    events = of_receive_queue(read(path))
    best: Followed | None = None
    for merging in (False, True) if mergeable is None else (mergeable,):
        for indexed in (True, False) if event_idx is None else (event_idx,):
            followed = follow(events, indexed, merging)
            if followed.finding is None:
                return followed
            if best is None or followed.events > best.events:
                best = followed
    assert best is not None
    return best


def report(path: Path, followed: Followed) -> str:
    """What was found, for people."""
    said = f"{followed.packets} packets, {followed.interrupts} interrupts"
    if followed.finding is None:
        return f"{path}: the model allows all {followed.events} events ({followed.model}): {said}"
    event, finding = followed.finding.event, followed.finding
    lines = [
        f"{path}:{event.line}: {event}: the model does not allow it ({followed.model})",
        f"  before it: {followed.events} events, {said}",
        f"  it would have allowed: {'; '.join(finding.allowed) or 'nothing until a reset'}",
    ]
    if finding.why:
        lines.insert(1, f"  {finding.why}")
    return "\n".join(lines)


__all__ = ["BadTraceFile", "Finding", "Followed", "follow", "report", "validate"]
