"""The layouts that a harness can take hold of, by name: whoever writes one adds it here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from vrx.models.conformance.wire.layout import Layout
from vrx.models.conformance.wire.packed.layout import PACKED
from vrx.models.conformance.wire.protocol import Wire
from vrx.models.conformance.wire.split.layout import SPLIT

WIRES: Final[Mapping[Layout, Wire]] = {wire.layout: wire for wire in (SPLIT, PACKED)}
