"""The sizes of a configuration, as values: `Upto(LAST_INDEX)`, `@machine.step(at=..., budget=SIZE)`.

What each is stands beside the number itself, in `spec.config` and, of the standard's own systems, in
`spec.standard.config`.  No type of a configuration is named here, for a configuration names the layouts, and they
name sizes.
"""

from __future__ import annotations

from typing import Any

from vrx.spec.size import Size

BUFFER_DEPTH = Size("buffer_depth", lambda c: c.buffer_depth)
CELLS = Size("cells", lambda c: c.cells)
DATA_PACKET = Size("data_packet", lambda c: c.data_packet)
DEFER_HARD_IRQS = Size("defer_hard_irqs", lambda c: c.defer_hard_irqs)
IDX_BITS = Size("idx_bits", lambda c: c.idx_bits)
GUEST_CPUS = Size("guest_cpus", lambda c: c.guest_cpus)
INDICES = Size("indices", lambda c: c.indices)
LAST_CELL = Size("last_cell", lambda c: c.last_cell)
LAST_DEVICE_POINT = Size("last_device_point", lambda c: c.last_device_point)
LAST_INDEX = Size("last_index", lambda c: c.last_index)
LAST_POINT = Size("last_point", lambda c: c.last_point)
LAST_SEGMENT = Size("last_segment", lambda c: c.last_segment)
LEN_TOP = Size("len_top", lambda c: c.len_top)
LENGTH_BITS = Size("length_bits", lambda c: c.length_bits)
MAX_PACKET = Size("max_packet", lambda c: c.max_packet)
MOST = Size("most", lambda c: c.most)
NUM_BITS = Size("num_bits", lambda c: c.num_bits)
NUMBERS = Size("numbers", lambda c: c.numbers)
OWING = Size("owing", lambda c: c.owing)
SEGMENTS = Size("segments", lambda c: c.segments)
SIZE = Size("size", lambda c: c.size)
SIZE_AND_ONE = Size("size_and_one", lambda c: c.size_and_one)
SLOTS = Size("slots", lambda c: c.slots)
TABLES = Size("tables", lambda c: c.tables)
TOP_ELEMENT = Size("top_element", lambda c: c.top_element)
TOP_GATHERED = Size("top_gathered", lambda c: c.top_gathered)
TOP_IDENTITY = Size("top_identity", lambda c: c.top_identity)
TOP_IN = Size("top_in", lambda c: c.top_in)
TOP_NUMBER = Size("top_number", lambda c: c.top_number)
TOP_OFFERED = Size("top_offered", lambda c: c.top_offered)
TOP_OWNER = Size("top_owner", lambda c: c.top_owner)
TOP_SEGMENT = Size("top_segment", lambda c: c.top_segment)
TOP_USED = Size("top_used", lambda c: c.top_used)
UNTOLD = Size("untold", lambda c: c.untold)
USED_LENGTHS = Size("used_lengths", lambda c: c.used_lengths)
VALUE_BITS = Size("value_bits", lambda c: c.value_bits)
WALK = Size("walk", lambda c: c.walk)
WANTED = Size("wanted", lambda c: c.wanted)
WISHES = Size("wishes", lambda c: c.wishes)

# Of the systems of the standard.
FRAME = Size("frame", lambda c: c.frame)
KINDS = Size("kinds", lambda c: c.kinds)
LEN_BITS = Size("len_bits", lambda c: c.len_bits)
SIZES = Size("sizes", lambda c: c.sizes)
TOP_QUIET = Size("top_quiet", lambda c: c.top_quiet)
WAYS_TO_ASK = Size("ways_to_ask", lambda c: c.ways_to_ask)


def refused(what: str, n: Any) -> str:
    """What is wrong with the name of a size where a size must stand, and the new form; an empty string for others.

    what: what is written, with one place for the value: `Upto({})`
    """
    if not isinstance(n, str):
        return ""
    if isinstance(globals().get(n.upper()), Size):
        return f"{what.format(repr(n))} is a text: write {what.format(n.upper())}, from vrx.spec.sizes"
    return f"{what.format(repr(n))} is a text: write a number, or one of vrx.spec.sizes"
