"""The random numbers of a simulation: one generator, the same in Python and in C (`native/walk.c`).

SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, OOPSLA 2014): a counter of 64 bits,
and a function that mixes it.  The same seed gives the same numbers on every machine.
"""

from __future__ import annotations

MASK = (1 << 64) - 1
STRIDE = 0x9E3779B97F4A7C15


class Draws:
    """A stream of random numbers.  at: its counter, 0..2**64-1, which is all that it remembers"""

    __slots__ = ("at",)

    def __init__(self, seed: int) -> None:
        self.at = mixed(seed & MASK)

    def below(self, n: int) -> int:
        """A number from 0 to n-1; n: 1..2**64-1.  No number is favoured by more than n in 2**64."""
        self.at = at = (self.at + STRIDE) & MASK
        at = ((at ^ at >> 30) * 0xBF58476D1CE4E5B9) & MASK
        at = ((at ^ at >> 27) * 0x94D049BB133111EB) & MASK
        return (at ^ at >> 31) * n >> 64


def mixed(x: int) -> int:
    """Another number of 64 bits for each: seeds that are neighbours begin in places that are not."""
    x = ((x ^ x >> 30) * 0xBF58476D1CE4E5B9) & MASK
    x = ((x ^ x >> 27) * 0x94D049BB133111EB) & MASK
    return x ^ x >> 31
