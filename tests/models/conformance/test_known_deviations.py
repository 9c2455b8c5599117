"""What is listed shows itself."""

from __future__ import annotations

import pytest

from tests.needs import need
from vrx.models.conformance.known_deviations import KNOWN
from vrx.models.conformance.worker.supervisor import Worker

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("known", KNOWN, ids=lambda k: k.id)
def test_known_deviations_have_a_scenario(known: object) -> None:
    """Each shows itself, in every target that it is listed for."""
    for k in KNOWN:
        if k is known:
            for target in k.targets:
                need(target)
                with Worker(target) as worker:
                    found = worker.run(k.scenario(target)).deviations
                assert any(k.is_this(target, d, k.scenario(target)) for d in found), found
