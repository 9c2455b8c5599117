"""How many packets a second the receive path takes: by the sequential references, and step by step, compiled or not.

    python -m tests.benchmarks.receive_rate [--packets 10000] [--sizes FILE] [--repeat 3] [--references]

Real sizes: rings of 256 and 1024, indices of 16 bits, mergeable buffers of 1536 bytes, header of 12, event index,
budget of 64; SC for the references (nobody runs in between), TSO for the steps, with every property asked after
every step.  `mix` are sizes as the Internet has them (7 of 64 bytes, 4 of 594, 1 of 1514), with one packet in a
hundred of 2 to 6 buffers; `large` are 1 to 64 KiB.  Rates are packets per second of processor time, the best of
the repeats.  Every packet of the references is delivered with its length, or the script fails.
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Sequence
from typing import Any

from vrx.models.simulation.capture import read_sizes
from vrx.models.simulation.native.walker import NativeSimulator
from vrx.models.simulation.simulator import Simulator
from vrx.models.systems.system import rx
from vrx.spec.layouts.split.reference import DEVICE, DRIVER
from vrx.spec.properties import CONTENTS, SPINE
from vrx.spec.reference.linux_virtio_net import net_rx_action, virtnet_open, vring_interrupt
from vrx.spec.reference.qemu_virtio_net import qemu_net_queue_send, virtio_net_handle_rx
from vrx.spec.rx import new_state

REAL: dict[str, Any] = {
    "idx_bits": 16, "data": True, "mergeable": True, "hdr_len": 12, "eth_len": 14, "buffer_len": 1536,
    "max_packet": 65550, "event_idx": True,
}  # fmt: skip
BUDGET = 64
BATCH = 32
"""Packets that arrive before the driver gets a turn."""


def mix(count: int, rng: random.Random) -> list[int]:
    """Sizes in bytes as the Internet has them, and now and then a large one."""
    usual = [64] * 7 + [594] * 4 + [1514]
    return [rng.randint(1600, 9000) if rng.random() < 0.01 else rng.choice(usual) for _ in range(count)]


def large(count: int, rng: random.Random) -> list[int]:
    """Sizes of 1 to 64 KiB."""
    return [rng.randint(1024, 65536) for _ in range(count)]


def in_sequence(s: Any, sizes: Sequence[int]) -> list[int]:
    """Packets through device and driver, function by function; the lengths delivered."""
    delivered: list[int] = []

    def driver() -> None:
        if s.lines.irq:
            vring_interrupt(s, DRIVER, 0)
        while s.napi.poll_list:
            delivered.extend(length for _, length in net_rx_action(s, DRIVER, 0, BUDGET))

    virtnet_open(s, DRIVER, 0)
    driver()
    for n, size in enumerate(sizes, 1):
        while s.net.queued:
            driver()
            if s.lines.kick:
                virtio_net_handle_rx(s, DEVICE)
        qemu_net_queue_send(s, DEVICE, size, 1)
        if n % BATCH == 0:
            driver()
    while s.lines.irq or s.lines.kick or s.napi.poll_list:
        driver()
        if s.lines.kick:
            virtio_net_handle_rx(s, DEVICE)
    return delivered


def best(repeat: int, run: Any) -> float:
    """The shortest processor time of some runs, in seconds."""
    times = []
    for _ in range(repeat):
        began = time.process_time()
        run()
        times.append(time.process_time() - began)
    return min(times)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--packets", type=int, default=10_000)
    parser.add_argument("--sizes", help="take the sizes from a file, one length in bytes a line")
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--references", action="store_true", help="measure the references only")
    options = parser.parse_args()
    rng = random.Random(1)
    kinds = {"mix": mix(options.packets, rng), "large": large(options.packets // 10, rng)}
    if options.sizes:
        kinds = {options.sizes: read_sizes(options.sizes).lengths}
    for kind, sizes in kinds.items():
        buffers = sum(-(-(size + REAL["hdr_len"]) // REAL["buffer_len"]) for size in sizes) / len(sizes)
        print(f"{kind}: {len(sizes):,} packets, {buffers:.2f} buffers each")
        for ring in (256, 1024):
            cfg = rx(size=ring, **REAL).cfg

            def reference(cfg: Any = cfg, sizes: Sequence[int] = sizes) -> None:
                if in_sequence(new_state(cfg), sizes) != list(sizes):
                    raise SystemExit("a packet was lost, or delivered with another length")

            fast = len(sizes) / best(options.repeat, reference)
            print(f"  ring of {ring:5}: references  {fast:9,.0f} packets/s", flush=True)
            if options.references:
                continue
            system = rx(size=ring, memory="tso", **REAL)
            few = sizes[: max(1, len(sizes) // 10)]
            simulator = Simulator(system, (*SPINE, *CONTENTS), 1, budget=BUDGET)
            began = time.process_time()
            run = simulator.run(few)
            spent = time.process_time() - began
            if not run.finished:
                raise SystemExit(run.text())
            slow = len(few) / spent
            print(
                f"                 interleaved {slow:9,.0f} packets/s  ({run.steps / spent:,.0f} steps/s, "
                f"{run.steps / len(few):.0f} steps a packet); references {fast / slow:.0f} times as fast"
            )
            compiled = NativeSimulator(system, (*SPINE, *CONTENTS), 1, budget=BUDGET)
            began = time.process_time()
            run = compiled.run(sizes)
            spent = time.process_time() - began
            if not run.finished:
                raise SystemExit(run.text())
            fast = len(sizes) / spent
            print(f"                 compiled    {fast:9,.0f} packets/s  ({run.steps / spent:,.0f} steps/s)")


if __name__ == "__main__":
    main()
