"""The modules that some modules reach by their imports, and a digest of what these say.

Of a module counts its code: without comments and docstrings, and without line numbers.  Imports count wherever they
stand, in functions too; only what nothing needs but its `if __name__ == "__main__"` does not, for that runs in no
process that imports it.  Of a package above a module counts what its own file says.  Files of another kind beside a
module count whole.  Python's own modules are its version, other packages theirs.  What imports by a computed name
reaches all of its own package.
"""

from __future__ import annotations

import ast
import hashlib
import sys
import sysconfig
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib import metadata, util
from pathlib import Path
from types import CodeType
from typing import Any

from vrx.models.terminal.cache import cache_dir, fingerprint, of_files, read, write
from vrx.models.terminal.started import changed_since

COMPUTED = {"import_module", "__import__", "spec_from_file_location"}
"""What imports that which no import statement names."""
OWN = __name__.partition(".")[0]


class NoDigest(Exception):
    """What an answer rests on cannot be told, so that it is found out again."""


@dataclass(frozen=True)
class Module:
    """What one module says.

    files: itself and what lies beside it and is no module
    digest: of its code and of the other files; imports: modules, or what may be a module or a name in one
    computed: it may import more than that
    """

    files: tuple[Path, ...]
    digest: str
    imports: frozenset[str]
    computed: bool


@cache
def closure(roots: frozenset[str]) -> tuple[str, tuple[Path, ...]]:
    """The digest of all that the modules reach, and the files that it is of.  Raises NoDigest."""
    seen: set[str] = set()
    waiting = [root for root in roots if root.partition(".")[0] not in sys.stdlib_module_names]
    packages: set[str] = set()
    parts: list[str] = []
    files: list[Path] = []
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        if (place := _place(name)) is None:
            packages.add(name.partition(".")[0])
            continue
        one = module(name, place)
        parts.append(f"{name} {one.digest}")
        files += one.files
        waiting += [found for said in one.imports if (found := _imported(said))]
        waiting += _all_of(name.partition(".")[0]) if one.computed else ()
    for above in {above for name in seen for above in _above(name)} - seen:
        if (place := _place(above)) is not None and place.is_file():
            one = module(above, place)
            parts.append(f"above {above} {one.digest}")
            files += one.files
    if late := [path for path in files if changed_since(path)]:
        raise NoDigest(f"{late[0]} has changed since this run began")
    text = "\n".join([sys.version, sys.platform, *sorted(parts), *sorted(map(_version, packages))])
    return hashlib.sha256(text.encode()).hexdigest(), tuple(dict.fromkeys(files))


@cache
def module(name: str, place: Path) -> Module:
    """Read one module; what was found of the same text before is kept."""
    try:
        text = place.read_bytes()
        others = sorted(p for p in place.parent.iterdir() if p.is_file() and p.suffix not in (".py", ".pyc", ".typed"))
        beside = hashlib.sha256(b"\0".join(part for p in others for part in (p.name.encode(), p.read_bytes())))
    except OSError as error:
        raise NoDigest(f"{name} cannot be read: {error}") from error
    package = name if place.name == "__init__.py" else name.rpartition(".")[0]
    entry = cache_dir() / "sources" / f"{fingerprint(sys.version, _reader(), package, text.hex())}.json"
    kept = read(entry)
    if not (isinstance(kept, list) and len(kept) == 3):
        kept = _said(name, text, package)
        write(entry, kept)
    digest, imports, computed = kept
    files = (place, *others)
    return Module(files, f"{digest} {beside.hexdigest()}", frozenset(imports), computed)


@cache
def _reader() -> str:
    return of_files([Path(__file__)])


def _said(name: str, text: bytes, package: str) -> list[Any]:
    """The digest of a module's code, what it imports, and whether it may import more."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError) as error:
        raise NoDigest(f"{name} cannot be read: {error}") from error
    names = {getattr(n, "id", "") or getattr(n, "attr", "") for n in ast.walk(tree)}
    imports = sorted(set(_imports(tree, package)))
    code = compile(_without_docstrings(tree), "", "exec", dont_inherit=True)
    return [hashlib.sha256(repr(_code(code)).encode()).hexdigest(), imports, bool(names & COMPUTED)]


@cache
def code_digest(code: CodeType) -> str:
    """Of what a function does, wherever it stands."""
    return hashlib.sha256(repr(_code(code, with_docstrings=True)).encode()).hexdigest()


def _code(code: CodeType, with_docstrings: bool = False) -> tuple[Any, ...]:
    """What code does, in words that are the same in every process.  A docstring is the first constant of a function."""
    said = (code.co_code, code.co_exceptiontable, code.co_names, code.co_varnames, code.co_freevars, code.co_cellvars)
    counts = (code.co_argcount, code.co_posonlyargcount, code.co_kwonlyargcount, code.co_flags, code.co_name)
    told = with_docstrings and code.co_name != "<lambda>" and isinstance(next(iter(code.co_consts), None), str)
    return (*said, *counts, *(_constant(value, with_docstrings) for value in code.co_consts[told:]))


def _constant(value: object, with_docstrings: bool) -> object:
    if isinstance(value, CodeType):
        return _code(value, with_docstrings)
    if isinstance(value, frozenset):
        return "frozenset", sorted(map(repr, value))
    if isinstance(value, tuple):
        return "tuple", [_constant(one, with_docstrings) for one in value]
    return type(value).__name__, repr(value)


def _without_docstrings(tree: ast.Module) -> ast.Module:
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            node.body = [s for s in node.body if not _is_text(s)] or [ast.Pass()]
    return ast.fix_missing_locations(tree)


def _is_text(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def _imports(tree: ast.Module, package: str) -> Iterator[str]:
    """Every name that an import may bring in.  package: what relative imports begin at"""
    alone = [node for node in tree.body if _is_main(node)]
    within = {id(n) for main in alone for n in ast.walk(main)}
    used = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and id(n) not in within}
    for_main = {n.id for main in alone for n in ast.walk(main) if isinstance(n, ast.Name)} - used
    for node in ast.walk(tree):
        if id(node) in within:
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            source = ".".join([*above, *([node.module] if node.module else [])])
            yield from (f"{source}.{a.name}" for a in node.names if (a.asname or a.name) not in for_main)


def _is_main(node: ast.stmt) -> bool:
    return isinstance(node, ast.If) and not node.orelse and ast.unparse(node.test) == "__name__ == '__main__'"


@cache
def _imported(said: str) -> str:
    """The module that a name is, or is in; empty for one of Python's own."""
    if said.partition(".")[0] in sys.stdlib_module_names:
        return ""
    if _is_module(said):
        return said
    inside = said.rpartition(".")[0]
    return inside if inside and _is_module(inside) else said


@cache
def _is_module(name: str) -> bool:
    try:
        return util.find_spec(name) is not None
    except (ImportError, AttributeError, ValueError):
        return False


@cache
def _place(name: str) -> Path | None:
    """The source of a module that is read; None for one of another distribution, or of none that is there.

    Raises NoDigest for one of ours without a source.
    """
    spec = util.find_spec(name) if _is_module(name) else None
    if spec is None or name.partition(".")[0] in sys.stdlib_module_names:
        return None
    if spec.origin is None and spec.submodule_search_locations is not None:
        return Path(next(iter(spec.submodule_search_locations), "."))  # a folder without a file of its own
    place = Path(spec.origin or "")
    installed = [Path(sysconfig.get_path(which)) for which in ("purelib", "platlib")]
    if name.partition(".")[0] != OWN and any(place.is_relative_to(where) for where in installed):
        return None
    if place.suffix != ".py":
        raise NoDigest(f"{name} has no source")
    return place


def _above(name: str) -> list[str]:
    parts = name.split(".")
    return [".".join(parts[:n]) for n in range(1, len(parts))]


@cache
def _all_of(package: str) -> tuple[str, ...]:
    """Every module of a package, as far as something of it has been imported where it is one of several folders."""
    spec = util.find_spec(package)
    if spec is not None and spec.origin is None:  # a namespace, whose parts may lie anywhere
        roots = sorted({".".join(name.split(".")[:2]) for name in sys.modules if name.startswith(f"{package}.")})
    else:
        roots = [package]
    found = []
    for root in roots:
        there = util.find_spec(root)
        for folder in (there.submodule_search_locations or ()) if there else ():
            for path in sorted(Path(folder).rglob("*.py")):
                parts = [root, *path.relative_to(folder).with_suffix("").parts]
                found.append(".".join(parts[:-1] if parts[-1] == "__init__" else parts))
    return tuple(found)


def _version(package: str) -> str:
    """The versions of a package of others."""
    names = _distributions().get(package, ())
    if not names and not _is_module(package):
        return f"{package} absent"
    if not names:
        try:
            return f"{package} {metadata.version(package)}"
        except metadata.PackageNotFoundError:
            raise NoDigest(f"nobody knows which version of {package} is installed") from None
    return " ".join([package, *(f"{n} {metadata.version(n)}" for n in sorted(set(names)))])


@cache
def _distributions() -> dict[str, Iterable[str]]:
    return dict(metadata.packages_distributions())
