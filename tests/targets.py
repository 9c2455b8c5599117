"""Which targets this machine can run: a missing one is a visible skip here, and a failure in continuous integration."""

from __future__ import annotations

import os
from functools import cache

import pytest

from vrx.models.conformance.errors import Missing
from vrx.models.conformance.supervisor import Worker


@cache
def missing(target: str) -> str:
    """What the target lacks, in one line; empty if it runs."""
    try:
        with Worker(target) as worker:
            worker.about()
    except Missing as error:
        return str(error)
    return ""


def need(target: str) -> None:
    """Skip the test, and fail it in continuous integration, if the target does not run here."""
    why = missing(target)
    if why and os.environ.get("CI") == "true":
        pytest.fail(why)
    if why:
        pytest.skip(why)
