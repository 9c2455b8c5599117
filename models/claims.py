"""What is claimed: a safety property, a cover, a claim about runs without end, or a statement; and the verdict.

A claim is data.  `models.deciding.many_claims` decides claims; who states them stands above.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal, cast, get_args

from vrx.models.outcome import OTHER_C as OTHER_C
from vrx.models.outcome import Outcome as Outcome
from vrx.models.outcome import Verdict as Verdict
from vrx.models.outcome import Why as Why
from vrx.models.systems.system import System
from vrx.spec.config import Config, in_order, usual
from vrx.spec.liveness import FAIRNESS, Liveness
from vrx.spec.properties import Property

Tier = Literal["quick", "full", "night"]
"""quick: with every change; full: before a merge, an hour; night: what is larger."""
Kind = Literal["safety", "cover", "liveness", "statement"]

@dataclass(frozen=True)
class Reached:
    """The question whether some run passes a mark."""

    mark: str

    @property
    def name(self) -> str:
        """What reports call it."""
        return f"reached: {self.mark}"

    @property
    def sentence(self) -> str:
        """What it says."""
        return f"Some run passes the mark {self.mark!r}."

    def meaningless(self, cfg: Any) -> str:
        """Empty: whether a system has the mark at all, its search says."""
        return ""


Question = Property | Liveness | Reached
"""What can be asked of a system."""


@dataclass(frozen=True)
class Sentence:
    """What is stated where no question can be asked of the states of one system.  name: what reports call it."""

    name: str
    sentence: str


USE = "put @invariant (every state) or @at_rest (every rest) above it"
"""What to do about a function that is meant to be a question."""


def asked(question: Any) -> str:
    """What an error calls something that is no question."""
    return str(getattr(question, "__name__", None) or getattr(question, "name", None) or repr(question))


@dataclass(frozen=True)
class Figures:
    """What a claim says that is measured; None where it says nothing.

    states, depth: of the whole search; steps: of the shortest counterexample, or of the shortest way to a mark
    measured: the digest of the steps that they were measured on; empty where nobody says
    again: the command that measures them anew; of those that have such a digest
    """

    states: int | None = None
    depth: int | None = None
    steps: int | None = None
    measured: str = ""
    again: str = ""


@dataclass(frozen=True)
class Extra:
    """An extra of the installation that makes a claim affordable.

    what: its name; there: is it installed; command: how to get it; worth: with and without it, in words
    """

    what: str
    there: Callable[[], bool]
    command: str
    worth: str


def in_tier(of: Tier, tier: str) -> bool:
    """Is what belongs to one tier decided in another?  Each decides what those before it decide."""
    tiers = get_args(Tier)
    return tiers.index(of) <= tiers.index(tier)


@dataclass(frozen=True)
class Stated:
    """What every kind of claim has.

    system: None where a statement needs none; asks: what is claimed of it; expected: the verdict: another one is an
        error, in both directions
    tier: the first of the tiers that decide it; those that come after decide it, too
    variant_of: the claim that holds beside this one that must fail; note: why
    figures: what is measured; module: the file of claims that it stands in, where `vrx prove` knows it
    decide: an engine of the claim's own instead of the search
    wants: what it takes to decide it in a time that a tier has
    layout: of what a statement without a system speaks, where it speaks of the ring
    """

    kind: ClassVar[Kind]
    name: str
    system: System | None
    asks: Question | Sentence
    expected: Verdict
    tier: Tier = field(default="quick", kw_only=True)
    variant_of: str = field(default="", kw_only=True)
    note: str = field(default="", kw_only=True)
    figures: Figures = field(default=Figures(), kw_only=True)
    module: str = field(default="", kw_only=True)
    decide: Callable[[Any], Outcome] | None = field(default=None, kw_only=True)
    wants: Extra | None = field(default=None, kw_only=True)
    layout: str = field(default="", kw_only=True)

    def __post_init__(self) -> None:
        if self.system is not None and not isinstance(self.system, System):
            raise TypeError(f"claim {self.name}: {self.system!r} is no system: make one with rx(...)")
        verdicts = get_args(Verdict)
        if self.expected not in verdicts:
            raise TypeError(f"claim {self.name}: {self.expected!r} is no verdict: use one of {', '.join(verdicts)}")

    @property
    def system_name(self) -> str:
        """What reports call the system."""
        return self.system.name if self.system else "-"

    @property
    def ring(self) -> str:
        """The layout that it is about, by name; empty where it is about none, or about all."""
        of_system = getattr(self.system.cfg, "layout", "") if self.system is not None else self.layout
        return str(of_system)

    def word(self, verdict: Verdict) -> str:
        """What this kind of claim calls a verdict."""
        return verdict

    def judge(self, outcome: Outcome) -> Result:
        """Compare what an engine found with what is claimed."""
        claim = cast("Claim", self)
        if outcome.verdict == "undecided":
            return Result(claim, outcome, False, outcome.reason)
        differences = []
        if outcome.verdict != self.expected:
            differences.append(f"expected {self.expected}")
        elif self.figures.measured and outcome.digest and self.figures.measured != outcome.digest:
            differences.append(OTHER_C + (f": run `{self.figures.again}`" if self.figures.again else ""))
        else:
            for what in ("states", "depth", "steps"):
                claimed, found = getattr(self.figures, what), getattr(outcome, what)
                if claimed is not None and claimed != found:
                    differences.append(f"expected {claimed} {what}, found {found}")
        reason = "; ".join([*([outcome.reason] if outcome.reason else []), *differences])
        return Result(claim, outcome, not differences and not outcome.fault, reason)


@dataclass(frozen=True)
class Safety(Stated):
    """A property holds in every reachable state of a system, or at every rest; or it fails in one."""

    kind = "safety"
    system: System
    asks: Property

    def __post_init__(self) -> None:
        if not isinstance(self.asks, Property):
            hint = "use lasting(system, question)" if isinstance(self.asks, Liveness) else USE
            raise TypeError(f"claim {self.name}: {asked(self.asks)} is no property: {hint}")
        super().__post_init__()


@dataclass(frozen=True)
class Cover(Stated):
    """Some run of a system passes a mark: that none does is *refuted*, by the shortest one; *proved*: none does."""

    kind = "cover"
    system: System
    asks: Reached
    expected: Verdict = "refuted"

    def __post_init__(self) -> None:
        if not isinstance(self.asks, Reached):
            raise TypeError(f"claim {self.name}: {asked(self.asks)} is no mark: use cover(name, system, mark)")
        super().__post_init__()

    def word(self, verdict: Verdict) -> str:
        """Refuted: reached; proved: never reached."""
        return {"refuted": "reached", "proved": "never reached"}.get(verdict, verdict)


@dataclass(frozen=True)
class Lasting(Stated):
    """A situation does not last for ever in any fair run of a system; or in one it does."""

    kind = "liveness"
    system: System
    asks: Liveness
    expected: Verdict = "proved"

    def __post_init__(self) -> None:
        if not isinstance(self.asks, Liveness):
            hint = "use Safety(...)" if isinstance(self.asks, Property) else "put @never_forever above it"
            raise TypeError(f"claim {self.name}: {asked(self.asks)} is no question about runs without end: {hint}")
        super().__post_init__()


@dataclass(frozen=True)
class Statement(Stated):
    """A sentence that an engine of its own decides."""

    kind = "statement"
    asks: Sentence
    decide: Callable[[Any], Outcome] = field(kw_only=True)

    def __post_init__(self) -> None:
        if not isinstance(self.asks, Sentence):
            hint = "about(name, system, question, verdict) is of the kind of its question"
            raise TypeError(f"claim {self.name}: {asked(self.asks)} is no sentence: {hint}")
        super().__post_init__()


Claim = Safety | Cover | Lasting | Statement
"""One sentence that an engine must confirm, of one of the four kinds."""



@dataclass(frozen=True)
class Result:
    """A claim, what was found, and whether that is what the claim says.  reason: what differs, or why undecided."""

    claim: Claim
    outcome: Outcome
    ok: bool
    reason: str = ""

    def __str__(self) -> str:
        return line(self, 0)

    @property
    def undecided(self) -> bool:
        """Nothing was found out, and nothing is wrong either."""
        return self.outcome.verdict == "undecided" and not self.outcome.fault

    @property
    def left_out(self) -> bool:
        """Nobody tried: it would have taken too long."""
        return self.outcome.why == "left_out"

    def as_json(self) -> dict[str, Any]:
        """The entry of the claim in `vrx prove --json`; the fields are described in docs/formats.md."""
        found = self.outcome
        return {
            "name": self.claim.name,
            "system": self.claim.system_name,
            "kind": self.claim.kind,
            "property": self.claim.asks.mark if isinstance(self.claim, Cover) else self.claim.asks.name,
            "engine": found.engine,
            "expected": self.claim.expected,
            "verdict": found.verdict,
            "ok": self.ok,
            "states": found.states,
            "depth": found.depth,
            "steps": found.steps,
            "seconds": round(found.seconds, 3),
            "reason": self.reason,
            "why": found.why,
            "mend": found.mend,
            "by_construction": found.by_construction,
        }


@dataclass(frozen=True)
class Exhibit:
    """A bug of the museum: the faulty system refutes the question, the fixed one does not.

    id, origin: as in the museum of docs/results.md; steps: of the shortest counterexample
    note: what goes wrong, in a sentence
    """

    id: str
    origin: str
    faulty: System
    asks: Question
    fixed: System
    steps: int | None = None
    tier: Tier = "quick"
    note: str = ""

    @property
    def ring(self) -> str:
        """The layout that it is about, by name."""
        return self.claims()[0].ring

    def claims(self) -> tuple[Claim, Claim]:
        """The two claims that an exhibit makes."""
        return (
            fails(f"{self.id}:faulty", self.faulty, self.asks, self.note, self.steps, self.tier),
            about(f"{self.id}:fixed", self.fixed, self.asks, "proved", tier=self.tier),
        )


def about(name: str, system: System, question: Question, expected: Verdict, **others: Any) -> Claim:
    """The claim that a question has this answer, of the kind that the question has.  others: fields of `Stated`."""
    if isinstance(question, Liveness):
        return Lasting(name, system, question, expected, **others)
    if isinstance(question, Reached):
        return Cover(name, system, question, expected, **others)
    return Safety(name, system, question, expected, **others)


def reached(mark: str) -> Reached:
    """The question whether some run passes a mark, for a file of one's own: a cover without a system."""
    return Reached(mark)


def cover(name: str, system: System, mark: str, *, steps: int | None = None, tier: Tier = "quick") -> Cover:
    """The claim that a step passes `mark` in some run.  steps: of the shortest such run."""
    return Cover(name, system, Reached(mark), tier=tier, figures=Figures(steps=steps))


def lasting(system: System, *claims: Liveness, expected: Verdict = "proved", tier: Tier = "quick") -> list[Claim]:
    """The claims that situations do not last for ever, named `claim-tag`, under the fairness of `spec.liveness`."""
    return [Lasting(f"{c.name}-{tag(system)}", system, c, expected, tier=tier, note=FAIRNESS) for c in claims]


IN_TAGS = ("size", "event_idx", "memory", "guest", "irq", "layout", "without")
"""Fields of a configuration that a tag has in another form."""


def tag(system: System) -> str:
    """A short name for a receive system, for use in the names of claims: `ring1-flags-sc-smp-same`."""
    cfg = system.cfg
    layout = [] if cfg.layout == Config.layout else [str(cfg.layout)]
    words = [*layout, f"ring{cfg.size}", "event" if cfg.event_idx else "flags", str(cfg.memory), cfg.guest, cfg.irq]
    for option in in_order(cfg):
        value = getattr(cfg, option.name)
        if value != usual(option) and option.name not in IN_TAGS:
            name = option.name.removesuffix("_bits").replace("_", "")
            words.append(name if value is True else f"no-{name}" if value is False else f"{name}{value}")
    words += [f"without-{barrier}" for barrier in sorted(cfg.without)]
    return "-".join(words)


def figures_key(system: System) -> str:
    """The name of a system in the tables of figures: systems that differ have different ones."""
    short = tag(system) if type(system.cfg) is Config else system.name
    return " with ".join([short, *system.changed])


def claims_of(
    system: System, *properties: Property, tier: Tier = "quick", states: int | None = None, depth: int | None = None
) -> list[Claim]:
    """The claims that properties hold in all reachable states of a system, named `property-tag`."""
    said = Figures(states, depth)
    return [Safety(f"{p.name}-{tag(system)}", system, p, "proved", tier=tier, figures=said) for p in properties]


def line(result: Result, width: int) -> str:
    """A result on one line.  width: of the name."""
    claim, found = result.claim, result.outcome
    word = "ok  " if result.ok else "out " if result.left_out else "??  " if result.undecided else "FAIL"
    reason = f"  ({result.reason})" if result.reason else ""
    shown = f"\n      its run: vrx trace {shlex.quote(claim.name)} --question {claim.asks.name}"
    known = claim.module and claim.system and not isinstance(claim, Cover)  # no command knows a claim of one's own
    show = shown if known and word == "FAIL" and found.verdict == "refuted" else ""
    said = claim.word(found.verdict)
    measured = found.line(f"{said} by construction" if found.by_construction else said)
    return f"{word}  {claim.name:{width}}  {measured}{reason}{show}"


def fails(
    name: str,
    system: System,
    question: Question,
    note: str,
    steps: int | None = None,
    tier: Tier = "full",
) -> Claim:
    """The claim that a question is refuted.  note: why; steps: of the shortest counterexample."""
    return about(name, system, question, "refuted", figures=Figures(steps=steps), tier=tier, note=note)


def covers(system: System, *marks: str, tier: Tier = "full") -> list[Claim]:
    """The claims that steps pass these marks, named after the marks and the system."""
    return [cover(f"{mark.replace(' ', '-')}-{tag(system)}", system, mark, tier=tier) for mark in marks]
