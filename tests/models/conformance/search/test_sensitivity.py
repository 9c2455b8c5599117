"""Faults planted in the functions of a packed ring's lists and tables are found, and on packed rings."""

from __future__ import annotations

import pytest

from tests.needs import need
from vrx.models.conformance.search.sensitivity import look_for
from vrx.models.conformance.targets.linux_vring.mutants import mutant
from vrx.models.conformance.targets.linux_vring.packed_mutants import ADD, DETACH, TABLE
from vrx.proofs.command.conform import WITH_EXHIBITS

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    ("function", "name"),
    [
        (ADD, "packed-list-ends-early"),
        (ADD, "packed-state-counts-one"),
        (TABLE, "packed-table-one-short"),
        (TABLE, "packed-table-keeps-its-lap"),
        (DETACH, "packed-free-link-of-the-first"),
        (DETACH, "packed-table-not-freed"),
    ],
)
def test_a_fault_in_a_function_of_lists_is_found(function: str, name: str) -> None:
    need("linux-vring")
    assert mutant(name).function == function
    found = look_for(f"linux-vring+{name}", seed=0, entrances=WITH_EXHIBITS)
    assert found is not None and found.deviation.counts
    assert found.scenario.setup.layout == "packed"


@pytest.mark.parametrize("name", ["packed-frees-one-id", "mask-on-odd-ring-list", "avail-wrap-off-by-one-list"])
def test_a_bug_of_lists_is_found_in_the_model_of_linux(name: str) -> None:
    found = look_for(f"spec-driver+{name}", seed=0, entrances=WITH_EXHIBITS)
    assert found is not None and found.scenario.setup.layout == "packed"


@pytest.mark.parametrize("name", ["packed-head-not-last", "packed-length-behind-flags", "packed-list-counted-as-one"])
def test_a_bug_of_lists_and_batches_is_found_in_the_model_of_qemu(name: str) -> None:
    found = look_for(f"spec-device+{name}", seed=0, entrances=WITH_EXHIBITS)
    assert found is not None and found.scenario.setup.layout == "packed"
