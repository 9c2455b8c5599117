"""The digests of all systems that `proofs/` has searched, kept in tests/digests.txt.

`python -m vrx.proofs.command.searched` says which systems have another digest than the file
has, `--pin` writes the file; about a minute.  A change that moves no digest needs
no search: every verdict and every figure stays what it is.
"""

from __future__ import annotations

import argparse
import multiprocessing
import sys
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from vrx.models.claims import Claim, Lasting, Safety, figures_key
from vrx.models.deciding.digest import digest, identity, steps_digest, with_runs
from vrx.models.deciding.engine import cpus
from vrx.models.deciding.same_system import asked_of_runs
from vrx.models.deciding.vacuous import occasion
from vrx.models.engines.liveness import situations
from vrx.models.engines.native.codegen import Source
from vrx.models.engines.native.explore import write
from vrx.models.symbolic.reading import Reading
from vrx.models.systems.system import System
from vrx.models.terminal import ending
from vrx.proofs import all_claims, all_exhibits
from vrx.proofs.running import guarded
from vrx.spec.liveness import Liveness
from vrx.spec.properties import Property

FILE = Path("tests/digests.txt")
COMMAND = "python -m vrx.proofs.command.searched --pin"
HEAD = f"# system, digest of its steps, digest with all that is asked of it: `{COMMAND}`\n"


@dataclass(frozen=True)
class Searched:
    """A system that claims are about, as each of them makes it, and everything that they ask of it."""

    systems: tuple[System, ...]
    asked: tuple[Property, ...]
    endless: tuple[Liveness, ...]

    def digests(self) -> tuple[str, str]:
        """Of the steps, and of the whole question.  Raises ValueError where two systems have one name."""
        found = {self._of(*write(system, self.asked)) for system in self.systems}
        if len(found) > 1:
            raise ValueError(f"two systems are called {self.systems[0].name}: give one of them another name")
        return found.pop()

    def _of(self, reading: Reading, source: Source) -> tuple[str, str]:
        whole = with_runs(source, asked_of_runs(reading, self.endless)) if self.endless else digest(source)
        return steps_digest(source), whole


@cache
def searched() -> dict[str, Searched]:
    """Every system that a claim or a bug is about and that is searched, by the name of its figures."""
    claims = [*all_claims(), *(c for e in all_exhibits() for c in e.claims())]
    found: dict[str, list[Claim]] = {}
    for claim in claims:
        if claim.system is not None and claim.decide is None:
            found.setdefault(figures_key(claim.system), []).append(claim)
    return {name: Searched(_systems(of), _asked(of), _endless(of)) for name, of in sorted(found.items())}


def _systems(claims: Sequence[Claim]) -> tuple[System, ...]:
    return tuple({identity(c.system): c.system for c in claims if c.system is not None}.values())


def _endless(claims: Sequence[Claim]) -> tuple[Liveness, ...]:
    return tuple(sorted(dict.fromkeys(c.asks for c in claims if isinstance(c, Lasting)), key=lambda c: c.name))


def _asked(claims: Sequence[Claim]) -> tuple[Property, ...]:
    of_states = dict.fromkeys(c.asks for c in claims if isinstance(c, Safety))
    states = sorted(of_states, key=lambda p: p.name)
    occasions = [one for prop in states if (one := occasion(prop)) is not None]
    return (*states, *occasions, *situations(_endless(claims)))


def pinned(path: Path = FILE) -> dict[str, tuple[str, str]]:
    """What the file says: system -> digest of its steps, digest of the whole question."""
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    return {name: (steps, whole) for name, steps, whole in (line.split("\t") for line in lines)}


def computed(names: Iterable[str]) -> dict[str, tuple[str, str]]:
    """The same of the systems as they are now."""
    systems = searched()
    return {name: systems[name].digests() for name in names}


def moved(before: Mapping[str, tuple[str, str]], now: Mapping[str, tuple[str, str]]) -> list[str]:
    """What differs, a line for each system."""
    lines = []
    for name in sorted(before.keys() | now.keys()):
        old, new = before.get(name), now.get(name)
        if old == new:
            continue
        if old is None or new is None:
            lines.append(f"{name}: {'is new' if old is None else 'is not searched any more'}")
        else:
            lines.append(f"{name}: {'its steps are others' if old[0] != new[0] else 'what is asked of it is another'}")
    return lines


def _one(name: str) -> tuple[str, tuple[str, str]]:
    return name, searched()[name].digests()


def now(jobs: int, names: Container[str] | None = None) -> dict[str, tuple[str, str]]:
    """The digests of the systems as they are now, of all or of those among the names; jobs: processes that compute."""
    wanted = [name for name in searched() if names is None or name in names]
    with ending.held():
        pool = multiprocessing.get_context("fork").Pool(jobs, ending.left_to_the_pool)
    with pool:
        return dict(pool.imap_unordered(_one, wanted, chunksize=4))


def put(digests: Mapping[str, tuple[str, str]], path: Path = FILE) -> None:
    """Write the file."""
    text = "".join(f"{name}\t{steps}\t{whole}\n" for name, (steps, whole) in sorted(digests.items()))
    path.write_text(HEAD + text, encoding="utf-8")


def main() -> int:
    """Say what moved, or pin what is there now."""
    parser = argparse.ArgumentParser(prog="python -m vrx.proofs.command.searched", description=__doc__)
    parser.add_argument("--pin", action="store_true", help=f"write {FILE}: the digests that there are now")
    parser.add_argument("--jobs", type=int, default=cpus())
    options = parser.parse_args()
    found = now(options.jobs)
    lines = moved(pinned() if FILE.exists() else {}, found)
    for line in lines:
        print(line)
    print(f"{len(found)} systems, {len(lines)} moved")
    if options.pin:
        put(found)
    return 1 if lines and not options.pin else 0


if __name__ == "__main__":
    sys.exit(guarded(main))
