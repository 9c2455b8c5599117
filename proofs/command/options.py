"""Command line options for a system: one for each field of its configuration."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator, Mapping
from dataclasses import Field, fields
from typing import Any, get_type_hints

from vrx.models.deciding.digest import idle_options
from vrx.models.systems.configured import words_of
from vrx.models.systems.system import RINGS, System, rx
from vrx.spec.config import Config

DEFAULTS = {"size": 256, "idx_bits": 16, "event_idx": True, "memory": "tso"}
"""A system as a machine has it, where nothing is said."""
HELP = {
    "size": "queue size; of a split ring a power of two",
    "idx_bits": "width of the ring indices; 0: what the ring needs",
    "event_idx": "VIRTIO_F_EVENT_IDX negotiated",
    "memory": "memory model",
    "buffer_depth": "entries of a store buffer under tso",
    "guest": "do atomic instructions of the guest drain its store buffer?",
    "irq": "same: the CPU that polls takes the interrupt; other: another one does; any: either, and it polls",
    "caller": "any: instead of virtio_net, the most general caller of QEMU's virtqueue functions",
    "mergeable": "a packet may take several buffers",
    "max_packet": "largest packet, in buffers; with data in units of length",
    "data": "descriptors, contents, lengths and packet identities are part of the state",
    "segments": "descriptors of a buffer: 2 or more are a big-page buffer, a chain",
    "indirect": "a chain lies in an indirect table",
    "hdr_len": "length of a packet's header in its first buffer",
    "hdr_room": "where the data of a big-page buffer begin in its first page; 0: behind the header",
    "buffer_len": "length of a buffer, or of a page of a big-page buffer",
    "eth_len": "shortest packet that the driver takes",
    "max_elements": "most buffers of one packet",
    "hostile": "instead of QEMU a device, or instead of Linux a driver, that writes anything at any moment",
    "watch": "packet identities are part of the state: one is watched, the others come before or after it",
    "decisions": "ghost: whether a notification was decided that the ring did not ask for, or a drop without a reason",
    "positions": "ghost: where each buffer is, and the free list as a stack",
    "filter": "the receive filter may refuse a packet",
    "notify": "kicks and interrupts; without, each side may look at any time",
    "stale": "what keeps a value that the C leaves there and never reads, for variants that do; all: locals too",
    "symmetry": "a free buffer has no number of its own: states that differ in those of free buffers are one",
    "stops": "the virtual machine may be stopped and continued",
    "busy_poll": "a task polls the NAPI itself, on CPU 0 (same) or CPU 1 (other)",
    "netpoll": "somebody sends through netpoll and polls with a budget of 0, on CPU 0 (same) or CPU 1 (other)",
    "gro_flush_timeout": "a timer polls what is held back, or instead of interrupts",
    "defer_hard_irqs": "so many polls without work leave interrupts off; with gro_flush_timeout",
    "opens": "who runs virtnet_open(): the softirq, or a task that an interrupt and its poll may come in between",
    "enable_cb": "how a completed NAPI asks for interrupts: as virtio_net does, or virtqueue_enable_cb_delayed()",
    "arrivals": "packets arrive",
}

SAYS_SOMETHING: dict[str, tuple[str, str | bool, str]] = {
    "buffer_depth": ("memory", "tso", "--memory tso"),
    **dict.fromkeys(("hdr_len", "hdr_room", "buffer_len", "eth_len", "max_elements"), ("data", True, "--data")),
}
"""With which value of which other option one of them says something, where it is not in every system."""


RING = "ring"
"""The option that stands for the layout."""


def _fields() -> list[Field[Any]]:
    """The fields of a configuration that the command line has as they are; `--ring` stands for the layout."""
    return [f for f in fields(Config) if f.name != "layout"]


def add_system_options(
    parser: argparse.ArgumentParser, defaults: Mapping[str, Any] = DEFAULTS, limits: bool = False
) -> None:
    """`--size`, `--event-idx` and `--no-event-idx`, `--memory`, ... and `--without BARRIER`.

    limits: `--memory` may be said twice, also with what a search may take (`8G`): see `memory_limit`
    """
    group = parser.add_argument_group("system options")
    hints = get_type_hints(Config)
    about = f"what the ring looks like (default: {Config.layout})"
    group.add_argument("--ring", choices=tuple(RINGS), default=None, help=about)
    for field in _fields():
        name, default = field.name, defaults.get(field.name, field.default)
        flag = "--" + name.replace("_", "-")
        about = f"{HELP.get(name, '')} (default: {default})"
        if name == "without":
            group.add_argument(flag, action="append", default=[], metavar="BARRIER", help="take a barrier out")
        elif name == "memory" and limits:
            about = f"{about}; or how much memory a search may take"
            group.add_argument(flag, action="append", type=_memory, metavar="sc|tso|8G", default=[], help=about)
        elif hints[name] is bool:
            group.add_argument(flag, action=argparse.BooleanOptionalAction, default=None, help=about)
        elif hints[name] is int:
            group.add_argument(flag, type=int, default=None, metavar="N", help=about)
        else:
            group.add_argument(flag, choices=words_of(hints[name]), default=None, help=about)


def system_of(options: argparse.Namespace, **instead: Any) -> System:
    """The system that the options describe.  instead: defaults of the command where they are not those of `DEFAULTS`.

    Raises BadConfiguration for a system that cannot be.
    """
    chosen = {f.name: f.default for f in _fields() if f.name != "without"} | DEFAULTS | instead
    if options.ring not in (None, str(Config.layout)):
        chosen |= {RING: options.ring, "idx_bits": 0}
    system = rx(**{name: value if getattr(options, name) is None else getattr(options, name)
                   for name, value in chosen.items()})  # fmt: skip
    for barrier in options.without:
        system = system.without(barrier)
    return system


def smallest(options: argparse.Namespace) -> System:
    """The smallest system of the layout that was said: of it the other options make what they describe."""
    return rx(ring=options.ring or str(Config.layout))


def said_options(options: argparse.Namespace) -> dict[str, Any]:
    """The fields of the configuration that were said on the command line, without `limits`."""
    said = {f.name: getattr(options, f.name) for f in _fields() if f.name != "without"} | {RING: options.ring}
    return {name: value for name, value in said.items() if value is not None}


def given_options(options: argparse.Namespace) -> dict[str, Any]:
    """The fields of the configuration that were said on the command line, with `limits`."""
    said = {f.name: getattr(options, f.name) for f in _fields() if f.name not in ("without", "memory")}
    said[RING] = options.ring
    said["memory"] = next((m for m in reversed(options.memory) if isinstance(m, str)), None)
    return {name: value for name, value in said.items() if value is not None}


def notes_on(name: str, system: System, said: Mapping[str, Any]) -> Iterator[str]:
    """A line for each option that was said and changes nothing of a system.  name: as the user says it."""
    for option in idle_options(system, said):
        mend = f"; it does something with {SAYS_SOMETHING[option][2]}" if option in SAYS_SOMETHING else ""
        yield f"note: {_flag(option)} changes nothing of {name}: with the usual value it is the same C{mend}"


def notes_without(name: str, system: System, said: Mapping[str, Any]) -> Iterator[str]:
    """A line for each option that was said and needs another one to do something: those that are known without the C of
    a system, which takes long to write for a large ring.  name: as the user says it."""
    for option in said:
        needed, value, flag = SAYS_SOMETHING.get(option, ("", "", ""))
        if needed and getattr(system.cfg, needed) != value:
            yield f"note: {_flag(option)} changes nothing of {name}: it does something with {flag}"


def _flag(option: str) -> str:
    return "--" + option.replace("_", "-")


def memory_limit(options: argparse.Namespace) -> int:
    """Bytes that a search may take, 0 where nothing was said."""
    return next((m for m in reversed(options.memory) if isinstance(m, int)), 0)


def _memory(text: str) -> str | int:
    """`sc` or `tso`, the memory model; or how much memory a search may take: `8G`, `500M`."""
    if text in ("sc", "tso"):
        return text
    found = re.fullmatch(r"([1-9]\d*)([MG])", text)
    if not found:
        raise argparse.ArgumentTypeError(f"{text!r}: use sc or tso (the memory model), or 8G or 500M (of a search)")
    return int(found[1]) << (30 if found[2] == "G" else 20)


def as_options(cfg: Any, base: Any) -> list[str] | None:
    """The options that make a configuration of another one; None where no options do."""
    if type(cfg) is not Config or type(base) is not Config:
        return [] if cfg == base else None
    words: list[str] = []
    for one in (*_fields(), *(f for f in fields(Config) if f.name == "layout")):
        value, old = getattr(cfg, one.name), getattr(base, one.name)
        option = f"--{one.name.replace('_', '-')}"
        if value == old:
            continue
        if one.name == "without" and value > old:
            words += [word for barrier in sorted(value - old) for word in ("--without", barrier)]
        elif isinstance(value, bool):
            words.append(option if value else f"--no-{option.removeprefix('--')}")
        elif isinstance(value, (int, str)):
            words += [option, str(value)]
        else:
            return None
    return words
