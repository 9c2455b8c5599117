"""`vrx simulate`: one run, or many, of packets of random sizes or of the frames of a real capture."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import Any, TextIO, get_args

from vrx.models.claims import Question
from vrx.models.deciding import user_file
from vrx.models.deciding.checking import questions_of
from vrx.models.deciding.engine import cpus
from vrx.models.deciding.refusals import outside_of, refusals
from vrx.models.deciding.user_file import Subject
from vrx.models.simulation import plot
from vrx.models.simulation.capture import Frames, read_capture, read_sizes
from vrx.models.simulation.engines import FEW, Engine, simulator
from vrx.models.simulation.simulator import Schedule, Simulator
from vrx.models.simulation.statistics import Run
from vrx.models.simulation.swarm import Settings, swarm
from vrx.models.systems.family import given
from vrx.models.systems.nearest_names import nearest
from vrx.models.systems.system import System
from vrx.models.terminal.output import (
    DIFFERS,
    OK,
    UNDECIDED,
    USAGE,
    Progress,
    Usage,
    as_text,
    count_from_1,
    writable,
    write,
)
from vrx.models.traces.trace import replay
from vrx.models.traces.trace_file import to_json
from vrx.proofs.command.options import (
    DEFAULTS,
    add_system_options,
    notes_without,
    said_options,
    system_of,
)
from vrx.proofs.command.trace import Library
from vrx.spec import properties
from vrx.spec.config import BadConfiguration, Config
from vrx.spec.properties import Property
from vrx.spec.questions import meaningful, standard_for

HEADER = {"data": True, "hdr_len": 12, "eth_len": 14}
BUFFERS: dict[str, dict[str, Any]] = {
    "mergeable": {**HEADER, "mergeable": True, "buffer_len": 1536},
    "small": {**HEADER, "buffer_len": 12 + 1518},
    "big": {**HEADER, "segments": 19, "indirect": True, "buffer_len": 4096, "hdr_room": 32},
}
"""The three kinds of receive buffers that Linux 6.1 posts, in bytes: mergeable (1536 while packets are small), small
(GOOD_PACKET_LEN), and big pages (MAX_SKB_FRAGS + 2 pieces in an indirect table)."""

MOST_VALUES = 200_000_000
"""Values of all states of a run together that a trace keeps in memory, eight bytes each."""


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    about = "a system of yours (a file is Python and is run), or a faulty one, with the system options that are said "
    about += "(with --size, indices of 16 bits); without a name, what they describe"
    parser.add_argument("subject", nargs="?", metavar="FILE.py:NAME|BUG|CLAIM", help=about)
    add_system_options(parser)
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--packets", type=count_from_1, default=1000, metavar="N", help="so many, of random sizes")
    what.add_argument("--pcap", metavar="FILE", help="the frames of a capture (pcap, pcapng), their sizes and order; "
                      "- is standard input")  # fmt: skip
    what.add_argument("--sizes", metavar="FILE", help="frames of these lengths in bytes, one a line; - too")
    parser.add_argument("--seed", type=int, default=0, metavar="S", help="of sizes and schedule")
    about = "how often an actor is picked, relative to the others (default: 1)"
    parser.add_argument("--weight", action="append", default=[], metavar="ACTOR=W", help=about)
    about = ("random: whoever is picked; burst: packets and the device first; alone: a packet comes when all rests "
             "(default: random; with --runs each)")  # fmt: skip
    parser.add_argument("--schedule", choices=get_args(Schedule), help=about)
    parser.add_argument("--budget", type=count_from_1, metavar="N", help="packets of a poll (default: any number; "
                        "64, NAPI_POLL_WEIGHT, with real frames)")  # fmt: skip
    about = ("so many runs, with seeds from S on; each draws its schedule, its weights and its budget from its seed, "
             "where they are not given; the first that breaks a property is shown")  # fmt: skip
    parser.add_argument("--runs", type=count_from_1, metavar="N", help=about)
    parser.add_argument("--jobs", type=count_from_1, default=cpus(), metavar="N", help="runs at a time")
    about = f"auto: compiled steps from {FEW:,} packets on, where they can be; the run is the same either way"
    parser.add_argument("--engine", choices=get_args(Engine), default="auto", help=about)
    about = "what the driver posts, in bytes as on a real machine (default with real frames: mergeable)"
    parser.add_argument("--buffers", choices=tuple(BUFFERS), help=about)
    parser.add_argument("--json", metavar="FILE", help="- for standard output")
    parser.add_argument("--plot", metavar="FILE", help="ring occupancy over the steps, as .png, .svg or .pdf")
    parser.add_argument("--trace", metavar="FILE", help="write the run as a trace if a property fails")


def simulate(options: argparse.Namespace, library: Library) -> int:
    """Run the command; the result is the exit status.  library: the claims and bugs that have names"""
    for path in (options.json, options.trace, options.plot):
        if path:
            writable(path)
    if options.plot:
        if options.runs:
            raise Usage("--plot shows one run: leave out --runs")
        plot.check(options.plot)
    frames = _frames(options)
    if frames and not frames.lengths:
        raise Usage(f"{frames.path}: {frames.damage or 'no frames in it'}")
    system, asked = _asked(options, frames, library)
    for note in notes_without(options.subject or "this system", system, said_options(options)):
        print(note, file=sys.stderr)
    packets = frames.lengths if frames else options.packets
    count = len(frames.lengths) if frames else options.packets
    budget = options.budget or (64 if frames else 0)
    weights = _weights(options.weight)
    schedule: Schedule = options.schedule or "random"
    out = sys.stderr if options.json == "-" else sys.stdout
    walker, said = simulator(
        options.engine, count * (options.runs or 1), system, asked, options.seed, weights, schedule, budget
    )
    about = {"path": frames.path, "damage": frames.damage} if frames else None
    if options.runs:
        settings = Settings(options.schedule, weights or None, budget or None)
        status = _many(options, walker, packets, settings, said, about, out)
    else:
        status = _one(options, walker, packets, said, about, out)
    if frames and frames.damage:
        print(f"vrx: {frames.path}: {frames.damage}; run were the {len(frames.lengths)} frames before", file=sys.stderr)
        return status if status == DIFFERS else USAGE
    return status


def _one(
    options: argparse.Namespace, walker: Simulator, packets: int | list[int], said: str, frames: Any, out: TextIO
) -> int:
    """One run; the result is the exit status."""
    progress = Progress(packets if isinstance(packets, int) else len(packets), "packets")
    try:
        run = walker.run(packets, progress=progress.counting, occupancy=bool(options.plot))
    finally:
        progress.clear()
    print(f"{run.text()}\n{said}", file=out)
    if options.json:
        write(options.json, as_text(run.as_json() | {"engine": walker.engine, "frames": frames}))
    if options.plot:
        plot.plot(run, options.plot)
    _trace(options, run)
    return DIFFERS if run.violated else OK if run.finished else UNDECIDED


def _many(
    options: argparse.Namespace,
    walker: Simulator,
    packets: int | list[int],
    settings: Settings,
    said: str,
    frames: Any,
    out: TextIO,
) -> int:
    """Many runs; the result is the exit status."""
    progress = Progress(options.runs, "runs")
    try:
        found = swarm(walker, options.seed, options.runs, packets, settings, options.jobs, progress.counting)
    finally:
        progress.clear()
    print(f"{found.text()}\n{said}", file=out)
    if options.json:
        write(options.json, as_text(found.as_json() | {"engine": walker.engine, "frames": frames}))
    if found.violated:
        print(f"this run again: the same command with --seed {found.violated.seed} --runs 1", file=out)
        _trace(options, found.violated)
        return DIFFERS
    return UNDECIDED if found.interrupted or found.unfinished else OK


def _trace(options: argparse.Namespace, run: Run) -> None:
    """The trace that the user asked for, where a property failed."""
    if not options.trace or not run.violated:
        return
    if run.steps * len(run.system.built().view.fields) > MOST_VALUES:
        print(f"vrx: a trace of {run.steps:,} steps would have every value of every state: none was written; let fewer "
              "packets through, or use a smaller ring", file=sys.stderr)  # fmt: skip
        return
    subject = options.subject or "simulate"
    write(options.trace, as_text(to_json(replay(subject, run.system, run.violated, run.moves))))


def _frames(options: argparse.Namespace) -> Frames | None:
    if options.pcap:
        return read_capture(options.pcap)
    return read_sizes(options.sizes) if options.sizes else None


def _asked(
    options: argparse.Namespace, frames: Frames | None, library: Library
) -> tuple[System, Sequence[Property]]:
    """The system that the user means, and what is asked of it: of one with a name its own questions, too."""
    if options.subject is None:
        system = _system(options, frames)
        standard, _ = standard_for(system.cfg)
        counting = meaningful(system.cfg, properties.ALL)  # on a large ring also those that count its buffers
        return system, list(dict.fromkeys((*counting, *(q for q in standard if isinstance(q, Property)))))
    questions: Sequence[Question] = ()
    if user_file.is_file(options.subject):
        file = user_file.load(options.subject)
        subjects, questions = list(file.subjects), file.questions
        if len(subjects) > 1:
            raise Usage(f"{options.subject} has several systems: name one, {', '.join(s.name for s in subjects)}")
    else:
        subjects = library.subjects(options.subject)
        if not subjects:
            close = nearest(options.subject, library.names())
            raise Usage(f"no claim and no bug is called {options.subject!r}; {close} (a file ends in .py)")
    subject = subjects[0]
    system = _system(options, frames, subject.system)
    if why := refusals(system):
        raise Usage(f"{subject.name}: {why}")
    found, _ = questions_of(Subject(subject.name, system, subject.own), questions)
    asked = [q for q in found if isinstance(q, Property)]
    for question in asked:
        if why := outside_of(system, question):
            raise Usage(f"{subject.name}: {why}")
    return system, asked


def _system(options: argparse.Namespace, frames: Frames | None, of: System | None = None) -> System:
    """The system that the options describe; real frames and kinds of buffers are in bytes.  of: whose other options
    stay as they are"""
    kind = options.buffers or ("mergeable" if frames else None)
    instead: dict[str, Any] = {}
    largest = 0
    if kind is not None:
        if options.data is False:
            raise Usage("--no-data: real frames and buffers are counted in bytes; leave it out")
        largest = max(frames.lengths) if frames else 1514
        instead = {**BUFFERS[kind], "max_packet": largest}
    try:
        if of is None:
            return system_of(options, **instead)
        said = said_options(options)
        if "size" in said and of.cfg.layout == Config.layout:
            said.setdefault("idx_bits", DEFAULTS["idx_bits"])  # as wide as on a machine, as the ring is as large
        system = given(of, instead | said)
        for barrier in options.without:
            system = system.without(barrier)
        return system
    except BadConfiguration as error:
        whose = f"{frames.path}: the largest frame has {largest:,} bytes: " if frames else ""
        raise Usage(f"{whose}{error}") from None


def _weights(texts: list[str]) -> dict[str, float]:
    weights = {}
    for text in texts:
        name, _, number = text.rpartition("=")
        try:
            weights[name] = float(number)
        except ValueError:
            raise Usage(f"--weight {text!r}: write ACTOR=NUMBER") from None
    return weights
