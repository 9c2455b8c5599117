"""The native explorer: C generated from the symbolic reading, compiled, and run on packed states.

`layout` packs a state into words, `expressions` writes terms as C, `codegen`
puts a system's C file together around the hand-written `runtime.c`, `build`
compiles it, `explore` searches, `graph` finds the cycles.
"""

from models.native.build import CompilerFailed, NoCompiler
from models.native.explore import explore_native

__all__ = ["CompilerFailed", "NoCompiler", "explore_native"]
