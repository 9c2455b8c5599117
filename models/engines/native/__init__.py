"""The native explorer: C generated from the symbolic reading, compiled, and run on packed states.

`narrow` finds how large the fields become, `layout` packs a state into words,
`parts` says which fields are kept together, `expressions` writes terms as C, `branches`
decision trees, `codegen` puts a system's C file together around what is written by hand
(`parts.c` or `plain.c`: a state's key, `table.c`: all keys, `steps.c`: the way to each,
`runtime.c`: the search, `graph.c`: the cycles), `build` compiles it, `explore` searches,
`graph` finds the cycles.
"""

from vrx.models.engines.native.build import CompilerFailed, NoCompiler
from vrx.models.engines.native.explore import explore_native

__all__ = ["CompilerFailed", "NoCompiler", "explore_native"]
