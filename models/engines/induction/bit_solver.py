"""The solver of bit-vectors that the second opinion asks: bitwuzla where it is installed, else z3."""

from __future__ import annotations


def solver_version() -> str:
    """The version of bitwuzla, if it is installed."""
    try:
        import bitwuzla
    except ImportError:
        return ""
    return str(bitwuzla.version())


def in_bits() -> str:
    """What reports call the engine."""
    return "bitwuzla" if available() == "bitwuzla" else "z3, bit-vectors"


def available() -> str:
    """`bitwuzla` where it is installed, else `z3`."""
    return "bitwuzla" if solver_version() else "z3"


def ask(text: str, seconds: float) -> str:
    """The answer to a question in SMT-LIB; `unknown` after so many seconds."""
    import bitwuzla

    options = bitwuzla.Options()
    options.set(bitwuzla.Option.TIME_LIMIT_PER, int(seconds * 1000))  # a terminator in Python costs half the time
    options.set(bitwuzla.Option.PP_FLATTEN_AND, False)  # it takes twice as long with it
    parser = bitwuzla.Parser(bitwuzla.TermManager(), options)
    parser.parse(text, parse_only=True, parse_file=False)
    answers = {bitwuzla.Result.SAT: "sat", bitwuzla.Result.UNSAT: "unsat"}
    return answers.get(parser.bitwuzla().check_sat(), "unknown")
