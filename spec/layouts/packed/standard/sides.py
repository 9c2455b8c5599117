"""The standard's sides on a packed ring, as the layout's table has them."""

from __future__ import annotations

from typing import Any

from vrx.spec.layouts.layout import Peers
from vrx.spec.layouts.packed import device, driver
from vrx.spec.layouts.packed.standard import any_device, any_driver
from vrx.spec.layouts.packed.standard.peers import new_ring
from vrx.spec.layouts.packed.standard.watch import watched
from vrx.spec.memory import Barrier
from vrx.spec.standard.peers import peer_actors, peer_may_run


def _barriers(cfg: Any) -> tuple[Barrier, ...]:
    mine = device.BARRIERS if cfg.peer in ("", "any-driver") else any_device.BARRIERS
    return (*mine, *(driver.BARRIERS if cfg.peer in ("", "any-device") else any_driver.BARRIERS))


PEERS = Peers(
    device=any_device.any_device,
    driver=any_driver.any_driver,
    barriers=_barriers,
    new_state=new_ring,
    actors=peer_actors,
    may_run=peer_may_run,
    watched=watched,
)
