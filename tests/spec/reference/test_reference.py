"""The sequential references compute what the steps compute when nobody runs in between.

A random run leads to a state with empty store buffers.  There one context runs
alone to the end of a function, its stores drained; the reference of that function
runs on a copy.  Every field must be equal but the ghost, and what was passed
(the marks) must be the same.
"""

from __future__ import annotations

import pytest
from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st

from tests.alone import KINDS, SYSTEMS
from tests.spec.reference import of_linux, of_qemu
from tests.spec.reference.compared import TRIED, Compared, compare
from vrx.models.systems.system import rx
from vrx.spec.layouts.split.reference import linux_virtio_ring, qemu_virtio
from vrx.spec.reference import linux_napi, linux_virtio_net, qemu_virtio_net

COMPARED = [*of_linux.COMPARED, *of_qemu.COMPARED]
INSIDE = {
    "virtio_error": "virtqueue_split_pop",
    "vring_avail_idx": "virtio_queue_split_empty",
    "virtqueue_get_head": "virtqueue_get_avail_bytes",
    "virtqueue_detach_element": "virtqueue_unpop",
    "virtio_net_receive_rcu": "qemu_net_queue_deliver",
    "detach_buf_split": "virtqueue_get_buf_ctx_split",
    "more_used_split": "vring_interrupt",
    "virtnet_poll": "net_rx_action",
    "qemu_flush_queued_packets": "virtio_net_handle_rx",
}
"""Functions that begin or end within a step: the function that calls them is compared."""
DRAWN = {
    "iov_from_buf": [("mergeable, few elements", 0, 83, 0)],  # its caller gives up in the step in which it ends
}
"""Situations that random draws have found worth keeping: system, seed, length, damage."""


@pytest.mark.draws
@pytest.mark.parametrize(
    ("compared", "kind"),
    [
        pytest.param(compared, kind, marks=[] if kind == "mergeable" else pytest.mark.slow)
        for compared in COMPARED
        for kind, names in KINDS.items()
        if any(compared.where(rx(**SYSTEMS[name]).cfg) for name in names)
    ],
    ids=lambda x: x if isinstance(x, str) else x.name,
)
def test_the_steps_alone_do_what_the_reference_does(compared: Compared, kind: str) -> None:
    """Of every function, for every kind of buffer, in random situations."""
    names = [name for name in KINDS[kind] if compared.where(rx(**SYSTEMS[name]).cfg)]

    @settings(max_examples=20, deadline=None, phases=(Phase.explicit, Phase.generate))  # a seed cannot be shrunk
    @given(st.sampled_from(names), st.integers(0, 1 << 30), st.integers(0, 600), st.sampled_from((0, 0, 1, 3)))
    def in_a_random_situation(name: str, seed: int, length: int, damage: int) -> None:
        compare(compared, kind, name, seed, length, damage)

    test = in_a_random_situation
    for drawn in DRAWN.get(compared.name, ()):
        test = example(*drawn)(test) if drawn[0] in names else test
    test()
    assert TRIED[compared.name, kind] >= 3, "too few situations had its entry"


def test_every_function_of_the_references_is_compared() -> None:
    modules = (linux_napi, linux_virtio_net, linux_virtio_ring, qemu_virtio, qemu_virtio_net)
    functions = {
        name
        for module in modules
        for name, f in vars(module).items()
        if callable(f) and getattr(f, "__module__", "") == module.__name__ and name[0] != "_" and name[0].islower()
    }
    compared = {c.name.partition(",")[0] for c in COMPARED}
    assert compared <= functions and {*INSIDE.values()} <= compared
    assert functions - compared == {*INSIDE}
