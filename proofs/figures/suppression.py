"""What searches for `proofs/suppression.py` measured (`python -m vrx.proofs.command.results --pin`)."""

from __future__ import annotations

SEARCHES: dict[str, tuple[int, int, str]] = {
    "ring1-event-sc-smp-other-idx2-maxpacket1": (1_474_913, 240, "0a364a0d717f527e"),
    "ring1-event-sc-smp-same-idx2-maxpacket1": (598_514, 220, "8071d6788c9b6142"),
    "ring1-event-tso-smp-same-idx2-maxpacket1": (896_585, 270, "1690dba907e3539f"),
    "ring1-event-tso-up-same-idx2-maxpacket1": (1_446_244, 289, "beac32842cb6d3f7"),
    "ring1-flags-sc-smp-other-idx2-maxpacket1": (120_953, 0, "d2a1850e75c31b70"),
    "ring1-flags-sc-smp-same-idx2-maxpacket1": (70_981, 0, "323e6866d096a279"),
    "ring1-flags-sc-smp-same-maxpacket1-stops": (186_544, 0, "45594c5d7d6d2974"),
    "ring1-flags-tso-smp-same-idx2-maxpacket1": (146_337, 0, "d4002a46bc5d2295"),
    "ring1-flags-tso-up-same-idx2-maxpacket1": (197_071, 0, "30d122169c6db61b"),
    "ring2-flags-sc-smp-same-maxpacket1": (1_071_888, 0, "1f63a9b8adbf2c2b"),
    "standard(Linux and QEMU, size=1, event_idx, sc, smp, irq=same, idx_bits=2, watched)": (1_184_480, 220, "8e0a3dd7b554498c"),
    "standard(Linux and QEMU, size=1, flags, sc, smp, irq=same, idx_bits=2, watched)": (142_408, 193, "2de4810d3805843f"),
    "standard(Linux and any device, size=1, event_idx, sc, smp, irq=same, idx_bits=2)": (1_239_972, 201, "c1b0b25462714087"),
    "standard(Linux and any device, size=1, event_idx, tso, smp, irq=same, idx_bits=2)": (29_199_584, 248, "eff61b1aeacf9ee8"),
    "standard(Linux and any device, size=1, flags, sc, smp, irq=same, idx_bits=2)": (211_768, 142, "3755db8268bd9de9"),
    "standard(Linux and any device, size=1, flags, tso, smp, irq=same, idx_bits=2)": (2_237_884, 188, "6943ab51e900427a"),
    "standard(any driver and QEMU, size=1, event_idx, sc, smp, irq=same, idx_bits=2)": (334_806, 112, "b8027565808a8cfc"),
    "standard(any driver and QEMU, size=1, event_idx, tso, smp, irq=same, idx_bits=2)": (7_666_428, 144, "85e0cbe849644f9c"),
    "standard(any driver and QEMU, size=1, flags, sc, smp, irq=same, idx_bits=2)": (87_120, 119, "906ba649293f80ed"),
    "standard(any driver and QEMU, size=1, flags, tso, smp, irq=same, idx_bits=2)": (858_816, 160, "16d249a1e61af0ce"),
}
"""System -> its reachable states, the depth of the search (0 for a graph), the digest of its steps."""

STEPS: dict[str, tuple[int, str]] = {
    "device-that-always-interrupts": (115, "3a2b83b67d5427d1"),
    "device-that-always-interrupts-event": (111, "c1f0f841ae815796"),
    "device-that-believes-nothing": (114, "52bd4816f534e79d"),
    "device-that-remembers-its-first-interrupt": (110, "a020f49344d2935a"),
    "device-that-writes-no-flag": (9, "705f9fb6f7de4bb1"),
    "driver-that-always-kicks": (116, "dab108daa61d1ca8"),
    "driver-that-always-kicks-event": (122, "7ba3aca6a378740f"),
    "driver-that-moves-no-event": (45, "0dd3a384ce59058d"),
    "quiet-is-broken-once-in-a-turn": (108, "8071d6788c9b6142"),
}
"""Claim -> the steps of its shortest counterexample, or of the shortest way to its cover; the digest."""
