"""What is claimed: a system, a property, and the verdict that an engine must reach.

A claim is data.  `models.deciding.many_claims` decides claims; `proofs/` writes them down.
"""

from __future__ import annotations

import builtins
import shlex
from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any, Literal

from vrx.models.systems.system import System
from vrx.spec.config import Config, usual
from vrx.spec.liveness import FAIRNESS, Liveness
from vrx.spec.properties import Property

Verdict = Literal["proved", "refuted", "bounded", "inductive", "vacuous", "undecided"]
Tier = Literal["quick", "full"]
NEVER = "never: "
"""How the pseudo-property of a cover begins; what follows is the mark."""

OTHER_C = "figures were measured on other C: run `python -m vrx.proofs.command.results --pin`"
"""What differs where the figures of a claim are not those of the system that it has now."""

MENDED_BY = "; mend: "
"""In the reason of an undecided claim: what follows is what a user can do about it."""


@dataclass(frozen=True)
class Outcome:
    """What an engine found out about a claim.

    steps: length of the counterexample; reason: why it is undecided or vacuous, or what differs
    fault: the tool itself failed (a trace that does not replay, a value out of its range), or the question has no
        meaning for this system
    refused: that fault is one of the system's own: a step of it broke a rule of the language, or reads what is not kept
    digest: of the steps that were searched (`models.deciding.digest`); empty where an engine of its own decided
    never_taken: the steps of the claim's system that its complete search never took
    by_construction: proved of a variant whose steps are, as C, those of the system without the change
    """

    verdict: Verdict
    engine: str
    states: int | None = None
    depth: int | None = None
    steps: int | None = None
    seconds: float = 0.0
    reason: str = ""
    fault: bool = False
    digest: str = ""
    never_taken: tuple[str, ...] = ()
    refused: bool = False
    by_construction: bool = False

    def line(self, word: str = "") -> str:
        """The verdict, or another word for it, and what was measured."""
        parts = [f"{word or self.verdict} in {self.steps} steps" if self.steps is not None else word or self.verdict]
        if self.states is not None:
            parts.append(f"{self.states:,} states")
        if self.depth is not None:
            parts.append(f"depth {self.depth}")
        return ", ".join([*parts, self.engine, f"{self.seconds:.1f} s"])

    def __str__(self) -> str:
        return f"{self.line()}  ({self.reason})" if self.reason else self.line()


USE = "put @invariant (every state) or @at_rest (every rest) above it"
"""What to do about a function that is meant to be a question."""


def asked(question: Any) -> str:
    """What an error calls something that is no question."""
    return str(getattr(question, "__name__", None) or repr(question))


@dataclass(frozen=True)
class Claim:
    """One sentence that an engine must confirm.

    expected: the verdict; another one is an error, in both directions
    states, depth: of the whole search; steps: of the shortest counterexample; None where nothing is claimed
    tier: "quick" claims are decided in both tiers
    variant_of: the claim that holds beside this one that must fail; note: why
    module: the file of proofs/ that it stands in; set by `proofs.all_claims`
    system: None where `decide` needs no system; decide: an engine of the claim's own instead of the search
    liveness: what is claimed of runs without end; property then says the same in the words of a property
    measured: the digest of the steps that states, depth and steps were measured on; empty where nobody says
    """

    name: str
    system: System | None
    property: Property
    expected: Verdict
    states: int | None = None
    depth: int | None = None
    steps: int | None = None
    tier: Tier = "quick"
    variant_of: str = ""
    note: str = ""
    decide: Callable[[Claim], Outcome] | None = None
    liveness: Liveness | None = None
    module: str = ""
    measured: str = ""

    def __post_init__(self) -> None:
        if not isinstance(self.property, Property):
            hint = "use lasting(system, question)" if isinstance(self.property, Liveness) else USE
            raise TypeError(f"claim {self.name}: {asked(self.property)} is no property: {hint}")
        if self.system is not None and not isinstance(self.system, System):
            raise TypeError(f"claim {self.name}: {self.system!r} is no system: make one with rx(...)")

    @builtins.property
    def system_name(self) -> str:
        """What reports call the system."""
        return self.system.name if self.system else "-"

    @builtins.property
    def mark(self) -> str:
        """The mark that a cover asks for, or an empty string."""
        name = self.property.name
        return name[len(NEVER) :] if name.startswith(NEVER) else ""

    def judge(self, outcome: Outcome) -> Result:
        """Compare what an engine found with what is claimed."""
        differences = []
        if outcome.verdict == "undecided":
            return Result(self, outcome, False, outcome.reason)
        if outcome.verdict != self.expected:
            differences.append(f"expected {self.expected}")
        elif self.measured and outcome.digest and self.measured != outcome.digest:
            differences.append(OTHER_C)
        else:
            for what in ("states", "depth", "steps"):
                claimed, found = getattr(self, what), getattr(outcome, what)
                if claimed is not None and claimed != found:
                    differences.append(f"expected {claimed} {what}, found {found}")
        reason = "; ".join([*([outcome.reason] if outcome.reason else []), *differences])
        return Result(self, outcome, not differences and not outcome.fault, reason)


@dataclass(frozen=True)
class Result:
    """A claim, what was found, and whether that is what the claim says.  reason: what differs, or why undecided."""

    claim: Claim
    outcome: Outcome
    ok: bool
    reason: str = ""

    def __str__(self) -> str:
        return line(self, 0)

    @builtins.property
    def undecided(self) -> bool:
        """Nothing was found out, and nothing is wrong either."""
        return self.outcome.verdict == "undecided" and not self.outcome.fault

    def as_json(self) -> dict[str, Any]:
        """The entry of the claim in `vrx prove --json`; the fields are described in docs/formats.md."""
        found = self.outcome
        return {
            "name": self.claim.name,
            "system": self.claim.system_name,
            "property": self.claim.property.name,
            "engine": found.engine,
            "expected": self.claim.expected,
            "verdict": found.verdict,
            "ok": self.ok,
            "states": found.states,
            "depth": found.depth,
            "steps": found.steps,
            "seconds": round(found.seconds, 3),
            "reason": self.reason,
            "by_construction": found.by_construction,
        }


@dataclass(frozen=True)
class Exhibit:
    """A bug of the museum: the faulty system breaks the property, the fixed one does not.

    id, origin: as in the museum of docs/results.md; steps: of the shortest counterexample
    note: what goes wrong, in a sentence
    """

    id: str
    origin: str
    faulty: System
    property: Property
    fixed: System
    steps: int | None = None
    tier: Tier = "quick"
    note: str = ""
    liveness: Liveness | None = None

    def claims(self) -> tuple[Claim, Claim]:
        """The two claims that an exhibit makes."""
        faulty = Claim(
            f"{self.id}:faulty",
            self.faulty,
            self.property,
            "refuted",
            steps=self.steps,
            tier=self.tier,
            note=self.note,
            liveness=self.liveness,
        )
        fixed = Claim(
            f"{self.id}:fixed", self.fixed, self.property, "proved", tier=self.tier, liveness=self.liveness
        )
        return faulty, fixed


def reached(mark: str) -> Property:
    """The question whether some run passes a mark, for a file of one's own: a cover without a system."""

    def never(state: Any) -> bool:
        return True

    never.__doc__ = f"Some run passes the mark {mark!r}."
    return Property(NEVER + mark, never, "always")


def cover(name: str, system: System, mark: str, *, steps: int | None = None, tier: Tier = "quick") -> Claim:
    """The claim that a step passes `mark` in some run.  steps: of the shortest such run."""

    def never(state: Any) -> bool:
        return True

    never.__doc__ = f"No step ever passes the mark {mark!r}."
    return Claim(name, system, Property(NEVER + mark, never, "always"), "refuted", steps=steps, tier=tier)


def as_property(liveness: Liveness) -> Property:
    """A claim about runs without end in the words of a property: what fails at a rest that refutes it."""

    def not_stuck(state: Any) -> bool:
        return liveness.stuck is None or not liveness.stuck(state)

    not_stuck.__doc__ = liveness.sentence
    return Property(liveness.name, not_stuck, "rest")


def lasting(system: System, *claims: Liveness, expected: Verdict = "proved", tier: Tier = "quick") -> list[Claim]:
    """The claims that situations do not last for ever, named `claim-tag`, under the fairness of `spec.liveness`."""
    return [
        Claim(f"{c.name}-{tag(system)}", system, as_property(c), expected, tier=tier, note=FAIRNESS, liveness=c)
        for c in claims
    ]


def tag(system: System) -> str:
    """A short name for a receive system, for use in the names of claims: `ring1-flags-sc-smp-same`."""
    cfg = system.cfg
    words = [f"ring{cfg.size}", "event" if cfg.event_idx else "flags", cfg.memory, cfg.guest, cfg.irq]
    for field in fields(cfg):
        value = getattr(cfg, field.name)
        if value != usual(field) and field.name not in ("size", "event_idx", "memory", "guest", "irq", "without"):
            name = field.name.removesuffix("_bits").replace("_", "")
            words.append(name if value is True else f"no-{name}" if value is False else f"{name}{value}")
    words += [f"without-{barrier}" for barrier in sorted(cfg.without)]
    return "-".join(words)


def figures_key(system: System) -> str:
    """The name of a system in the table of figures: systems that differ have different ones."""
    short = tag(system) if type(system.cfg) is Config else system.name
    return " with ".join([short, *system.changed])


def claims_of(
    system: System, *properties: Property, tier: Tier = "quick", states: int | None = None, depth: int | None = None
) -> list[Claim]:
    """The claims that properties hold in all reachable states of a system, named `property-tag`."""
    return [Claim(f"{p.name}-{tag(system)}", system, p, "proved", states, depth, tier=tier) for p in properties]


def line(result: Result, width: int) -> str:
    """A result on one line.  width: of the name."""
    word = "ok  " if result.ok else "??  " if result.undecided else "FAIL"
    why, _, _ = result.reason.partition(MENDED_BY)
    reason = f"  ({why})" if why else ""
    shown = f"\n      its run: vrx trace {shlex.quote(result.claim.name)} --question {result.claim.property.name}"
    claim = result.claim
    known = claim.module and claim.system and not claim.mark  # the command knows no name of a claim of one's own
    show = shown if known and word == "FAIL" and result.outcome.verdict == "refuted" else ""
    return f"{word}  {result.claim.name:{width}}  {figures(result.claim, result.outcome)}{reason}{show}"


def figures(claim: Claim, found: Outcome) -> str:
    """The verdict and what was measured."""
    of_a_cover = {"refuted": "reached", "proved": "never reached"}
    word = of_a_cover.get(found.verdict, "") if claim.mark else ""
    return found.line(f"{word or found.verdict} by construction" if found.by_construction else word)


def fails(
    name: str,
    system: System,
    question: Property | Liveness,
    note: str,
    steps: int | None = None,
    tier: Tier = "full",
) -> Claim:
    """The claim that a question is refuted.  note: why; steps: of the shortest counterexample."""
    endless = question if isinstance(question, Liveness) else None
    prop = as_property(question) if isinstance(question, Liveness) else question
    return Claim(name, system, prop, "refuted", steps=steps, tier=tier, note=note, liveness=endless)


def covers(system: System, *marks: str, tier: Tier = "full") -> list[Claim]:
    """The claims that steps pass these marks, named after the marks and the system."""
    return [cover(f"{mark.replace(' ', '-')}-{tag(system)}", system, mark, tier=tier) for mark in marks]
