"""How a state is packed into 64-bit words: a place for every field, none across two words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from vrx.models.systems.fields import Field, Values

WORD = 64


@dataclass(frozen=True)
class Place:
    """Where a field lies: which word, how far up, how many bits (none for a field that is always 0)."""

    word: int
    shift: int
    bits: int

    @property
    def mask(self) -> int:
        """The field's bits, at the bottom of a word."""
        return (1 << self.bits) - 1


class Layout:
    """The places of all fields, in the order of the fields.

    tops: the largest value of each that has to fit, by default the declared one
    """

    def __init__(self, fields: Sequence[Field], tops: Sequence[int] | None = None) -> None:
        self.tops = tuple(tops or (f.top for f in fields))
        sizes = [top.bit_length() for top in self.tops]
        self.places: list[Place] = [Place(0, 0, 0)] * len(fields)
        free: list[int] = []
        # Wide fields first: what is left at the end of a word is then filled by narrow ones.
        for i in sorted(range(len(fields)), key=lambda i: -sizes[i]):
            bits = sizes[i]
            if bits == 0:
                continue
            if bits > WORD:
                raise ValueError(f"{fields[i].name} has {bits} bits: at most {WORD} fit")
            word = next((w for w, left in enumerate(free) if left >= bits), len(free))
            if word == len(free):
                free.append(WORD)
            self.places[i] = Place(word, WORD - free[word], bits)
            free[word] -= bits
        self.words = max(1, len(free))
        self.bits = max((WORD * p.word + p.shift + p.bits for p in self.places), default=0)

    def pack(self, values: Values) -> tuple[int, ...]:
        """A state as words."""
        words = [0] * self.words
        for place, value in zip(self.places, values, strict=True):
            words[place.word] |= int(value) << place.shift
        return tuple(words)

    def unpack(self, words: Sequence[int]) -> Values:
        """A state from its words."""
        return tuple(words[p.word] >> p.shift & p.mask for p in self.places)

    def unpack_all(self, words: Sequence[int]) -> Iterable[Values]:
        """The states of an array of words."""
        for at in range(0, len(words), self.words):
            yield self.unpack(words[at : at + self.words])
