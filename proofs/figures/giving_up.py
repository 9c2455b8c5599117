"""What searches for `proofs/giving_up.py` measured (`python -m vrx.proofs.command.results --pin`)."""

from __future__ import annotations

SEARCHES: dict[str, tuple[int, int, str]] = {
    "ring1-event-sc-smp-same-idx2-maxpacket1-watch": (2_109_050, 237, "8b9c70eb13b69cf3"),
    "ring1-flags-sc-smp-same-idx2": (140_360, 193, "0f8fb43b16b6b724"),
    "ring1-flags-sc-smp-same-idx2-maxpacket1-watch": (254_191, 206, "49f9dade24b0b318"),
    "ring1-flags-sc-smp-same-idx2-maxpacket1-watch-decisions-stops": (462_983, 217, "5840afd81eac0de1"),
    "ring1-flags-sc-smp-same-idx2-maxpacket9-data-segments3-indirect-hdrroom2-bufferlen4-no-notify": (106_761, 261, "0e52145b6aed3512"),
    "ring1-flags-sc-smp-same-idx2-watch-decisions": (702_856, 215, "e1a3aa14bc58755a"),
    "ring1-flags-tso-smp-same-idx2-maxpacket1-watch": (524_603, 265, "88d2bb5c74619328"),
    "ring1-flags-tso-smp-same-idx2-maxpacket1-watch-decisions-stops": (919_027, 276, "d4e5d1d503037d98"),
    "ring1-flags-tso-smp-same-idx2-watch-decisions": (1_943_101, 276, "672e6f0050496d9f"),
    "ring2-flags-sc-smp-same-data-segments2-indirect-filter-no-notify-decisions": (308_705, 480, "c2886d39231fb6bf"),
    "ring2-flags-sc-smp-same-idx2-data-filter-no-notify-decisions": (92_625, 224, "15f449bc289bb8cc"),
    "ring2-flags-sc-smp-same-maxpacket1-watch-decisions-stops": (8_208_346, 312, "277979cb51e80ad5"),
}
"""System -> its reachable states, the depth of the search (0 for a graph), the digest of its steps."""

STEPS: dict[str, tuple[int, str]] = {
    "device-drops-before-it-looks": (2, "6bbe04ccce483250"),
    "device-drops-before-it-looks-filter": (2, "6bb29bf408026c40"),
    "device-drops-before-it-looks-large": (2, "f914e95eecf94dcb"),
    "device-drops-before-it-looks-stops": (2, "ed52140439758fb7"),
    "driver-drops-what-is-right": (53, "ae01cb8e0921870a"),
    "filter-wants-nothing": (14, "3c6cb5b89e3a1535"),
    "gives_up-after-a-piece": (36, "eae76c588e8092a3"),
    "gives_up-where-buffers-merge": (33, "4928f3d55546d75d"),
    "never-empty-drops": (5, "3633b82f20ac4a03"),
    "packet_is_given_up-ring1-flags-sc-smp-same-idx2": (12, "0f8fb43b16b6b724"),
    "packet_is_given_up-ring1-flags-sc-smp-same-idx2-maxpacket9-data-segments3-indirect-hdrroom2-bufferlen4-no-notify": (38, "0e52145b6aed3512"),
    "resume-drops-what-came-meanwhile": (3, "ebd8ac65531dd37f"),
}
"""Claim -> the steps of its shortest counterexample, or of the shortest way to its cover; the digest."""
