"""The pages of results: `python -m vrx.proofs.command.results` decides every claim and bug and writes docs/results.md.

It also puts the current counterexample into the README.  With `--check` it writes nothing, and says where what it
decides differs from the figures, the page and the README that are there.  With `--tier night` it decides what is left
to that tier, and nothing else, and writes docs/results-night.md.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from pathlib import Path
from time import monotonic

from vrx.models.claims import Claim, Figures, Result, figures_key, in_tier, line
from vrx.models.deciding import printing
from vrx.models.deciding.counted import counted
from vrx.models.deciding.engine import cpus, search_for
from vrx.models.deciding.many_claims import prove
from vrx.models.terminal import ending
from vrx.models.terminal.output import DIFFERS, OK, UNDECIDED, Progress, Usage, seconds
from vrx.models.traces import narration
from vrx.models.traces.trace import replay
from vrx.proofs import all_claims, all_exhibits, exhibit_claims
from vrx.proofs.command import results_page, searched
from vrx.proofs.command.results_page import page, read
from vrx.proofs.figures import MUSEUM, SEARCHES, STEPS
from vrx.proofs.running import RESUME, TIERS, beforehand, guarded, too_long
from vrx.proofs.unreachable import UNREACHABLE
from vrx.spec.properties import Property

FIGURES_HEAD = '"""What searches for `proofs/{}` measured (`python -m vrx.proofs.command.results --pin`)."""'
OF_SEARCHES = '"""System -> its reachable states, the depth of the search (0 for a graph), the digest of its steps."""'
OF_STEPS = '"""Claim -> the steps of its shortest counterexample, or of the shortest way to its cover; the digest."""'
Search = tuple[int, int, str]
Steps = tuple[int, str]
PACKAGES = ("induction", MUSEUM)
"""What is a folder of proofs/ and no file."""
SHOWN = "complete-without-poll"
"""The bug whose counterexample the README shows."""
PAGE, FIGURES, README = Path("docs/results.md"), Path("proofs/figures"), Path("README.md")
PAGES = {"quick": PAGE, "full": PAGE, "night": Path("docs/results-night.md")}
"""The page of each tier; that of the night has only what is left to the night."""


def readme(text: str) -> str:
    """The README with the counterexample that the tool finds now."""
    exhibit = next(e for e in all_exhibits() if e.id == SHOWN)
    assert isinstance(exhibit.asks, Property)
    found = search_for(exhibit.faulty, exhibit.asks)
    if found is None:
        raise ValueError(f"{SHOWN} is not refuted")
    told = narration.text(replay(exhibit.id, exhibit.faulty, exhibit.asks, found.path))
    before, _, rest = text.partition("```\nREFUTED")
    return f"{before}```\n{told}\n```{rest.partition('```')[2]}"


def pin(folder: Path, results: Sequence[Result], everything: Sequence[Claim]) -> list[Result]:
    """Write the figures of what has the verdict that it claims, a file for each module of claims, and return the
    results judged by them.

    The figures of claims that were not decided now stay.
    """
    decided = {r.claim.name for r in results}
    there = homes_of_systems(everything)
    searches = {key: entry for key, entry in SEARCHES.items() if key in there}
    steps = {c.name: STEPS[c.name] for c in everything if c.name in STEPS and c.name not in decided}
    judged = []
    for r in results:
        found = r.outcome
        if r.claim.system is None or r.claim.decide is not None or found.verdict != r.claim.expected or found.fault:
            judged.append(r)
            continue
        judged.append(replace(r.claim, figures=Figures()).judge(found))
        key = figures_key(r.claim.system)
        if found.steps is not None:
            steps[r.claim.name] = (found.steps, found.digest)
        elif found.states and (found.depth or searches.get(key, (0, 0, ""))[2] != found.digest):  # a graph has no depth
            searches[key] = (found.states, found.depth or 0, found.digest)
    write_figures(folder, searches, steps, [*everything, *(r.claim for r in results)])
    return judged


def write_figures(
    folder: Path, searches: Mapping[str, Search], steps: Mapping[str, Steps], everything: Sequence[Claim]
) -> None:
    """Write the figures of each module of claims into a file of its own, and none for a module that has none."""
    homes = {c.name: c.module or MUSEUM for c in everything}
    of_systems = homes_of_systems(everything)
    modules = {*of_systems.values(), *homes.values(), *(path.stem for path in folder.glob("[a-z]*.py"))}
    for module in sorted(modules):
        mine = {key: entry for key, entry in searches.items() if of_systems[key] == module}
        shortest = {name: entry for name, entry in steps.items() if homes[name] == module}
        if mine or shortest:
            (folder / f"{module}.py").write_text(figures_text(module, mine, shortest), encoding="utf-8")
        else:
            (folder / f"{module}.py").unlink(missing_ok=True)


def homes_of_systems(everything: Sequence[Claim]) -> dict[str, str]:
    """System, by the name of its figures -> the first module whose claims are about all that it reaches."""
    homes: dict[str, str] = {}
    for all_of_it in (True, False):
        for c in everything:
            if c.system is not None and c.decide is None and (c.expected != "refuted") == all_of_it:
                homes.setdefault(figures_key(c.system), c.module or MUSEUM)
    return homes


def figures_text(module: str, searches: Mapping[str, Search], steps: Mapping[str, Steps]) -> str:
    """The file of figures of one module."""
    about = module if module in PACKAGES else f"{module}.py"
    lines = [FIGURES_HEAD.format(about), "", "from __future__ import annotations", ""]
    lines += ["SEARCHES: dict[str, tuple[int, int, str]] = {"]
    lines += [f'    "{key}": ({states:_}, {depth}, "{of}"),' for key, (states, depth, of) in sorted(searches.items())]
    lines += ["}", OF_SEARCHES, "", "STEPS: dict[str, tuple[int, str]] = {"]
    lines += [f'    "{name}": ({n}, "{of}"),' for name, (n, of) in sorted(steps.items())]
    return "\n".join([*lines, "}", OF_STEPS, ""])


def decide_all(claims: Sequence[Claim], jobs: int, resume: bool, time: float = 0) -> tuple[list[Result], str]:
    """Decide the claims, a line for each on standard output; the results, and why not all are there, if so.

    time: seconds of the whole, 0 for no limit
    """
    progress = Progress(len(claims), "claims")
    results: list[Result] = []
    began = monotonic()
    try:
        with ending.within(time):
            for result in prove(claims, jobs=jobs, unreachable=UNREACHABLE, resume=resume, watch=progress.searching):
                results.append(result)
                at = f"{monotonic() - began:6.0f} s {len(results):5}/{len(claims)}"
                progress.line(f"{at}  {line(result, 0)}", sys.stdout)
    except KeyboardInterrupt as end:
        over = isinstance(end, ending.OutOfTime)
        return results, f"the run's time of {time:g} s was over" if over else "interrupted"
    finally:
        progress.clear()
    return results, ""


def of_page(claims: Sequence[Claim], tier: str) -> list[Claim]:
    """The claims that the page of a tier has: those of the tier, on that of the night only what is left to it."""
    return [c for c in claims if (c.tier == tier if tier == "night" else in_tier(c.tier, tier))]


def outdated(tree: Mapping[str, tuple[str, str]]) -> list[str]:
    """Where the pages are not of the tree.  tree: the digests of the searched systems (`searched.pinned`)"""
    lines = []
    for tier in ("full", "night"):
        claims = of_page(all_claims(), tier)
        bugs = [e for e in all_exhibits() if of_page(e.claims(), tier)]
        of_both = [*claims, *(c for e in bugs for c in e.claims())]
        names = {figures_key(c.system) for c in of_both if c.system is not None and c.decide is None}
        if of_both or PAGES[tier].exists():
            there = read(PAGES[tier].read_text(encoding="utf-8") if PAGES[tier].exists() else "")
            of = {name: digests for name, digests in tree.items() if name in names}
            lines += [f"{PAGES[tier]}: {line}" for line in results_page.outdated(there, of, claims, bugs)]
    return lines


def check(results: Sequence[Result], of: Path = PAGE) -> list[str]:
    """Where results differ from what is claimed of them, from the page and from the README, a line for each."""
    lines = [line(r, 0) for r in results if not r.ok]
    lines += [f"{r.claim.name}: proofs/figures/ has no figures of it" for r in results if without_figures(r)]
    lines += results_page.differences(results, read(of.read_text(encoding="utf-8") if of.exists() else ""))
    text = README.read_text(encoding="utf-8")
    return [*lines, *([] if readme(text) == text else [f"{README}: the counterexample is another one now"])]


def without_figures(r: Result) -> bool:
    """Is nothing said of what a search measures, so that no difference would show?"""
    of_a_search = r.claim.system is not None and r.claim.decide is None and bool(r.outcome.digest)
    return of_a_search and r.ok and not r.claim.figures.measured


def main() -> int:
    """Decide, write the page, and say as `vrx prove` whether everything is as stated."""
    parser = argparse.ArgumentParser(prog="python -m vrx.proofs.command.results", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="CLAIM", help="only these, and no page: for --pin and --check")
    about = "night: only what is left to it, on a page of its own"
    parser.add_argument("--tier", choices=TIERS, default="quick", help=about)
    parser.add_argument("--jobs", type=int, default=cpus())
    parser.add_argument("-o", "--output", metavar="FILE", help="instead of the page of the tier")
    parser.add_argument("--pin", action="store_true", help="write proofs/figures/: what is measured is claimed")
    parser.add_argument("--check", action="store_true", help="write nothing: say what differs from what is written")
    about = "take what earlier runs found: searches of the same C, other engines of the same code"
    parser.add_argument("--resume", action="store_true", help=about)
    standing = "take what stands on the page, of the same C and questions, or of the same code and solvers"
    parser.add_argument("--changed", action="store_true", help=standing)
    about = "of the whole run: then it ends as after Ctrl-C, with the figures of what was decided"
    parser.add_argument("--time", type=seconds, default=0, metavar="SECONDS", help=about)
    options = parser.parse_args()
    output = Path(options.output or PAGES[options.tier])
    everything = [*all_claims(), *(c for e in all_exhibits() for c in exhibit_claims(e))]
    claims = of_page(everything, options.tier)
    if options.names:
        claims = [c for c in everything if any(fnmatchcase(c.name, name) for name in options.names)]
        if idle := [n for n in options.names if not any(fnmatchcase(c.name, n) for c in claims)]:
            parser.error(f"no claim is called {idle[0]!r}: `vrx prove --list` has their names")
    lacking = [] if options.names else too_long(claims)
    for warning in beforehand(claims, lacking):
        print(f"vrx: {warning}", file=sys.stderr)
    if lacking and not options.check:
        raise Usage(f"a page without {len(lacking)} of its claims is none; --check decides the others, without a page")
    claims = [c for c in claims if c.name not in {one.name for one in lacking}]
    kept: list[Result] = []
    if options.changed:
        there = read(output.read_text(encoding="utf-8") if output.exists() else "")
        kept = results_page.standing(there, searched.now(options.jobs), claims)
        names = {r.claim.name for r in kept}
        print(f"{len(kept)} of {len(claims)} claims stand on {output}, of the same C and questions, or code")
        claims = [c for c in claims if c.name not in names]
    results, ended = decide_all(claims, options.jobs, options.resume, options.time)
    whole = not ended
    if options.check:
        lines = check(results, PAGES[options.tier])
        print(*lines, results_page.summary(lines, counted(results).text()), sep="\n")
        if ended:
            print(f"vrx: {ended}: {len(claims) - len(results)} claims are left; {RESUME}", file=sys.stderr)
        return DIFFERS if lines else OK if whole and not lacking else UNDECIDED
    if options.pin:
        results = pin(FIGURES, results, everything)
    order = {c.name: n for n, c in enumerate(everything)}
    results = sorted([*kept, *results], key=lambda r: order.get(r.claim.name, len(order)))
    claims = [r.claim for r in results] if whole else claims
    said = f"{counted(results).text()}: {sum(r.ok for r in results)} of {len(claims)} as stated"
    if not whole:
        print(f"vrx: {ended}: {said}, no page written; {RESUME}", file=sys.stderr)
        return UNDECIDED
    if not options.names:
        names = {figures_key(c.system) for c in claims if c.system is not None}
        all_of_it = everything if options.tier == "full" else claims
        tree = searched.now(options.jobs, {figures_key(c.system) for c in all_of_it if c.system is not None})
        digests = {name: of for name, of in tree.items() if name in names}
        output.write_text(page(options.tier, results, digests), encoding="utf-8")
        README.write_text(readme(README.read_text(encoding="utf-8")), encoding="utf-8")
        if options.pin and options.tier != "quick":
            searched.put(tree if options.tier == "full" else {**searched.pinned(), **digests})
        said = f"{output}: {said}"
    for r in results:
        if not r.ok:
            print(line(r, 0))
    print(said)
    return printing.status(results)


if __name__ == "__main__":
    sys.exit(guarded(main))
