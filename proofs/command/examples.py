"""What one might want of each command, for its `--help`."""

from __future__ import annotations

from collections.abc import Sequence

EXAMPLES = {
    "check": (
        ("vrx check my.py", "every standard question of each system that the file has"),
        ("vrx check my.py:fixed --family", "of one of them, under SC and TSO, flags and event index, ..."),
        ("vrx check --memory tso --event-idx --question no_lost_kick", "of the unmodified code in a configuration"),
        ("vrx check --list", "the standard questions, and where each has a meaning"),
    ),
    "prove": (
        ("vrx prove", "every claim of the quick tier"),
        ("vrx prove lost_wakeup", "the claims of proofs/lost_wakeup.py, of all tiers"),
        ("vrx prove 'refill-*' slot_axiom --json -", "by a pattern and by name, the answers as JSON"),
        ("vrx prove --ring packed", "of the quick tier what is about a packed ring"),
        ("vrx prove --tier full --resume", "what the full tier has, with what earlier searches found"),
        ("vrx prove --tier full --time 3000 --json a.json", "as far as it comes in 50 minutes"),
        ("vrx prove 'no_lost_*' --ring packed --list", "their names"),
    ),
    "simulate": (
        ("vrx simulate --packets 5000 --memory tso", "random packets"),
        ("vrx simulate --pcap a.pcap --plot a.png", "the frames of a capture, and a picture"),
        ("vrx simulate --sizes sizes.txt --size 64 --schedule alone", "frames of these lengths, one after the other"),
        ("vrx simulate --buffers small --runs 40", "many runs at real sizes, each with a schedule of its own"),
        ("vrx simulate my.py:faulty --size 256 --runs 200", "of a variant of yours, at a size that no search reaches"),
    ),
    "trace": (
        ("vrx trace complete-without-poll", "the shortest run that shows a bug"),
        ("vrx trace my.py:faulty --question no_lost_interrupt", "the one that refutes a question about your system"),
        ("vrx trace complete-without-poll --json -o bug.json", "into a file"),
        ("vrx trace --replay bug.json", "and back"),
    ),
    "bugs": (
        ("vrx bugs", "every bug of the quick tier"),
        ("vrx bugs 'complete-*'", "those of a pattern"),
        ("vrx bugs --ring packed --tier full", "every bug on a packed ring"),
        ("vrx bugs --list", "names, properties, where each comes from"),
    ),
    "conform": (
        ("vrx conform linux-vring", "Linux's virtio_ring.c in user space"),
        ("vrx conform qemu --examples 100 --seed 7", "QEMU's virtio-net, more scenarios"),
        ("vrx conform my_device.py:TinyDevice", "a target of your own"),
        ("vrx conform qemu --replay qemu-num-buffers", "one known deviation"),
    ),
    "coverage": (
        ("vrx coverage", "a row for each function and each rule"),
        ("vrx coverage --ring packed", "without those of a split ring"),
    ),
    "mutants": (
        ("vrx mutants --sample 40 --seed 1", "forty, drawn"),
        ("vrx mutants --step virtqueue_poll", "every one of a step"),
    ),
    "export": (
        ("vrx export --promela -o ring1.pml", "the smallest system, for Spin"),
        ("vrx export --promela complete-without-poll", "that of a bug"),
        ("vrx export --promela --memory tso --event-idx", "of the unmodified code in a configuration"),
    ),
}
"""For each command, what one might want of it."""


def told(examples: Sequence[tuple[str, str]]) -> str:
    """The examples as the end of a command's help."""
    width = max(len(command) for command, _ in examples)
    return "\n".join(["examples:", *(f"  {command:{width}}  {about}" for command, about in examples)])
