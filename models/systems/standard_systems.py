"""Closed systems with the standard's device or driver in them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from vrx.models.systems.system import System, configured
from vrx.spec.layouts.split.device import BARRIERS as QEMU_BARRIERS
from vrx.spec.layouts.split.driver import BARRIERS as LINUX_BARRIERS
from vrx.spec.layouts.split.layout import SPLIT
from vrx.spec.linux.napi import napi
from vrx.spec.linux.returns import returns as linux_returns
from vrx.spec.linux.virtio_net import virtio_net as linux_net
from vrx.spec.memory import Barrier
from vrx.spec.memory import model as memory_model
from vrx.spec.qemu.net_queue import net_queue
from vrx.spec.qemu.returns import returns as qemu_returns
from vrx.spec.qemu.virtio_net import virtio_net as qemu_net
from vrx.spec.standard.abstract import abstract_actors, abstract_may_run, new_abstract
from vrx.spec.standard.any_device import BARRIERS as DEVICE_BARRIERS
from vrx.spec.standard.any_device import any_device
from vrx.spec.standard.any_driver import BARRIERS as DRIVER_BARRIERS
from vrx.spec.standard.any_driver import any_driver
from vrx.spec.standard.config import PeerConfig, StandardConfig
from vrx.spec.standard.device import device
from vrx.spec.standard.driver import driver
from vrx.spec.standard.peers import new_ring, ring_actors, ring_may_run
from vrx.spec.standard.watch import watched as looked_at
from vrx.spec.steps import Machine


def peers(**options: Any) -> System:
    """A split ring with the sides that `peer` says.  Options: see `spec.standard.config.PeerConfig`."""
    cfg = configured(PeerConfig, options)
    machines: tuple[Machine, ...] = (memory_model(cfg).steps,)
    barriers: tuple[Barrier, ...] = ()
    if cfg.peer in ("", "any-driver"):
        machines, barriers = (*machines, net_queue, qemu_net, qemu_returns, *SPLIT.device), (*barriers, *QEMU_BARRIERS)
    else:
        machines, barriers = (*machines, any_device), (*barriers, *DEVICE_BARRIERS)
    if cfg.peer in ("", "any-device"):
        machines, barriers = (*machines, *SPLIT.driver, napi, linux_net, linux_returns), (*barriers, *LINUX_BARRIERS)
    else:
        machines, barriers = (*machines, any_driver), (*barriers, *DRIVER_BARRIERS)
    return System(cfg, machines, new_ring, ring_actors, ring_may_run, barriers)


def standard(**options: Any) -> System:
    """The receive queue of the standard without a layout.  Options: see `spec.standard.config.StandardConfig`."""
    cfg = configured(StandardConfig, options)
    return System(cfg, (driver, device), new_abstract, abstract_actors, abstract_may_run)


def watched(system: System) -> System:
    """The system, which `peers` or a variant of it has made, with the standard looking on."""
    steps = tuple(replace(s, run=looked_at(s.run)) for s in system.steps)
    return replace(system, cfg=replace(system.cfg, watched=True), steps=steps)
