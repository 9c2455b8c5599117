"""How many kinds of lies a side can be told: the first argument of the operation `lie` is one of them, from 0 on.

What each is, the layouts say (`wire.split.driver_lies`, `wire.split.device_lies`).
"""

from __future__ import annotations

from typing import Annotated, Final

from vrx.spec.config.group import Within

DRIVER_LIES: Final = 18
"""Of a driver that breaks the rules, to a device."""
DEVICE_LIES: Final = 9
"""Of a device that breaks the rules, to a driver."""
DriverLie = Annotated[int, Within(0, DRIVER_LIES - 1)]
DeviceLie = Annotated[int, Within(0, DEVICE_LIES - 1)]
