"""Closed systems with the standard's device or driver in them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from vrx.models.systems import layouts
from vrx.models.systems.configured import configured
from vrx.models.systems.system import RINGS, System, layout_of
from vrx.spec.config import BadConfiguration
from vrx.spec.layouts.layout import Layout
from vrx.spec.linux.napi import napi
from vrx.spec.linux.returns import returns as linux_returns
from vrx.spec.linux.virtio_net import virtio_net as linux_net
from vrx.spec.memory import model as memory_model
from vrx.spec.qemu.net_queue import net_queue
from vrx.spec.qemu.returns import returns as qemu_returns
from vrx.spec.qemu.virtio_net import virtio_net as qemu_net
from vrx.spec.standard.abstract import abstract_actors, abstract_may_run, new_abstract
from vrx.spec.standard.config import PeerConfig, StandardConfig
from vrx.spec.standard.device import device
from vrx.spec.standard.driver import driver


def peers(**options: Any) -> System:
    """A ring with the sides that `peer` says, each the standard's, Linux's or QEMU's.

    Options: see `spec.standard.config.PeerConfig`; but layout is a table of `spec.layouts`
    """
    layout = layout_of(options)
    options.pop("ring", None)
    if layout.peers is None:
        raise BadConfiguration(f"layout={layout}: nobody has written the standard's sides for it; use rx(layout=...)")
    there = layout.peers
    with layouts.told(layout):
        cfg = configured(PeerConfig, options | {"layout": layout.shape})
    qemu, linux = (net_queue, qemu_net, qemu_returns, *layout.device), (*layout.driver, napi, linux_net, linux_returns)
    device_side = qemu if cfg.peer in ("", "any-driver") else (there.device,)
    driver_side = linux if cfg.peer in ("", "any-device") else (there.driver,)
    machines = (memory_model(cfg).steps, *device_side, *driver_side)
    return System(cfg, machines, there.new_state, there.actors, there.may_run, there.barriers(cfg))


def standard(**options: Any) -> System:
    """The receive queue of the standard without a layout.  Options: see `spec.standard.config.StandardConfig`."""
    cfg = configured(StandardConfig, options)
    return System(cfg, (driver, device), new_abstract, abstract_actors, abstract_may_run)


def watched(system: System, layout: Layout | None = None) -> System:
    """The system, which `peers` or a variant of it has made, with the standard looking on.

    layout: that of its ring; None: the one of VIRTIO that has its shape
    """
    if layout is None:
        layout = next((known for known in RINGS.values() if known.shape == system.cfg.layout), None)
    if layout is None:
        raise BadConfiguration(f"layout={system.cfg.layout}: give the table of the ring: watched(system, layout)")
    if layout.peers is None:
        raise BadConfiguration(f"layout={layout}: nobody has written how the standard looks on at it")
    looks_on = layout.peers.watched
    steps = tuple(replace(s, run=looks_on(s.run)) for s in system.steps)
    return replace(system, cfg=replace(system.cfg, watched=True), steps=steps)
