"""The receive path as a reader of the C would write it down: one Python function for each C function.

Nothing runs in between, nothing is published before something else: shared memory
is `s.ring` and `s.contents`, read and written like any variable; what a ring does is a table of its layout
(`spec.layouts.split.reference`), which the others take as `ring`.  The steps of `spec.linux` and
`spec.qemu` are these functions cut at every shared access; `tests/spec/reference/test_reference.py`
says that the steps, run without interference, compute the same.  So this is not a
second specification: it is checked against the steps, never trusted beside them.

The same state (`spec.rx.State`), the same marks; the ghost is left alone.  Where
the steps zero what nobody reads any more, so do these, with the word `dead`.
Covered: what a system with notifications does, with and without `data`;
without it a buffer is its descriptor number, and lengths are counted in buffers.
"""
