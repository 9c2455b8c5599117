"""Real frames: the capture in tests/captures, the same frames in every dialect of the formats, and damaged files."""

from __future__ import annotations

import contextlib
import io
import json
import struct
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests import ROOT
from vrx.models.simulation.capture import LARGEST, read_capture, read_sizes
from vrx.proofs.command import cli

with contextlib.suppress(ImportError):
    import dpkt

pytestmark = pytest.mark.needs("dpkt")

LOOPBACK = ROOT / "tests" / "captures" / "loopback.pcap"
"""UDP datagrams and HTTP transfers on the loopback interface of a Linux machine, tcpdump -s 54."""


def frames() -> list[tuple[int, int, int]]:
    """Seconds, bytes captured and bytes of each frame, read without the code that is tested."""
    data = LOOPBACK.read_bytes()
    out = []
    at = 24
    while at < len(data):
        seconds, _, captured, length = struct.unpack_from("<IIII", data, at)
        out.append((seconds, captured, length))
        at += 16 + captured
    return out


LENGTHS = [length for _, _, length in frames()]


def pcap(order: str, magic: int) -> bytes:
    """The frames as a pcap file of this byte order and magic."""
    out = struct.pack(order + "IHHiIII", magic, 2, 4, 0, 0, 262144, 1)
    for seconds, captured, length in frames():
        out += struct.pack(order + "IIII", seconds, 0, captured, length) + bytes(captured)
    return out


def block(order: str, kind: int, body: bytes) -> bytes:
    """A block of a pcapng file."""
    body += bytes(-len(body) % 4)
    size = struct.pack(order + "I", len(body) + 12)
    return struct.pack(order + "I", kind) + size + body + size


def pcapng(order: str, kind: int = 6, link: int = 1) -> bytes:
    """The frames as a pcapng file of this byte order, with blocks of this kind."""
    out = block(order, 0x0A0D0D0A, struct.pack(order + "IHHq", 0x1A2B3C4D, 1, 0, -1))
    out += block(order, 1, struct.pack(order + "HHI", link, 0, 262144))
    out += block(order, 5, bytes(12))  # interface statistics: not a frame
    for seconds, captured, length in frames():
        head = {
            6: struct.pack(order + "IIIII", 0, 0, seconds, captured, length),
            2: struct.pack(order + "HHIIII", 0, 0, 0, seconds, captured, length),
            3: struct.pack(order + "I", length),
        }[kind]
        out += block(order, kind, head + bytes(captured))
    return out


DIALECTS = {
    "little": pcap("<", 0xA1B2C3D4),
    "big": pcap(">", 0xA1B2C3D4),
    "little, nanoseconds": pcap("<", 0xA1B23C4D),
    "big, nanoseconds": pcap(">", 0xA1B23C4D),
    "pcapng, little": pcapng("<"),
    "pcapng, big": pcapng(">"),
    "pcapng, simple blocks": pcapng("<", 3),
    "pcapng, old blocks": pcapng(">", 2),
    "pcapng, two sections": pcapng("<") + pcapng(">"),
}


@pytest.mark.parametrize("name", DIALECTS)
def test_every_dialect(name: str, tmp_path: Path) -> None:
    path = tmp_path / "capture"
    path.write_bytes(DIALECTS[name])
    found = read_capture(str(path))
    assert found.damage == ""
    assert found.lengths == LENGTHS * (2 if "two" in name else 1)


def test_the_writers_of_the_library(tmp_path: Path) -> None:
    for module, more in ((dpkt.pcap, {}), (dpkt.pcap, {"nano": True}), (dpkt.pcapng, {})):
        out = io.BytesIO()
        writer = module.Writer(out, **more)
        for n in (60, 1514, 9000):
            writer.writepkt(bytes(n), ts=1.0)
        path = tmp_path / "written"
        path.write_bytes(out.getvalue())
        assert read_capture(str(path)).lengths == [60, 1514, 9000]


def test_the_capture_is_real() -> None:
    assert len(LENGTHS) == 70 and min(LENGTHS) == 43 and max(LENGTHS) == 62530
    assert read_capture(str(LOOPBACK)).lengths == LENGTHS


@pytest.mark.parametrize("name", DIALECTS)
def test_wherever_it_is_cut_the_frames_before_are_kept(name: str, tmp_path: Path) -> None:
    whole = DIALECTS[name]
    path = tmp_path / "cut"
    for end in range(4, len(whole), 211):
        path.write_bytes(whole[:end])
        found = read_capture(str(path))
        assert found.lengths == (LENGTHS * 2)[: len(found.lengths)]
        if found.damage:
            at = int(found.damage.split()[2].rstrip(":"))
            assert at <= end and "ends within" in found.damage


@pytest.mark.parametrize("name", ["little", "pcapng, big"])
def test_a_changed_byte_is_never_a_traceback(name: str, tmp_path: Path) -> None:
    whole = DIALECTS[name]
    path = tmp_path / "changed"
    for at in range(min(len(whole), 230)):
        for value in (0, 255):
            path.write_bytes(whole[:at] + bytes([value]) + whole[at + 1 :])
            assert isinstance(read_capture(str(path)).damage, str)


def test_other_links(tmp_path: Path) -> None:
    path = tmp_path / "capture"
    path.write_bytes(pcapng("<", link=101))
    assert read_capture(str(path)).lengths[0] == LENGTHS[0] + 14
    path.write_bytes(pcapng("<", link=105))
    assert "link type 105" in read_capture(str(path)).damage


def test_foreign_files(tmp_path: Path) -> None:
    path = tmp_path / "foreign"
    for data in (b"", b"GIF89a", b"\x1f\x8b\x08\x00"):
        path.write_bytes(data)
        found = read_capture(str(path))
        assert found.lengths == [] and found.damage.startswith("at byte 0: no capture")
    path.write_bytes(pcap("<", 0xA1B2C3D4)[:24] + struct.pack("<IIII", 0, 0, 10, LARGEST + 1) + bytes(10))
    assert "at byte 24: a frame of 65,551 bytes" in read_capture(str(path)).damage


def test_sizes(tmp_path: Path) -> None:
    path = tmp_path / "sizes"
    path.write_text("64\n\n1514  # full\n# nothing\n 65550 \n")
    assert read_sizes(str(path)).lengths == [64, 1514, 65550]
    path.write_text("64\n1514\nlong\n70\n")
    found = read_sizes(str(path))
    assert found.lengths == [64, 1514] and found.damage.startswith("at byte 8, line 3: 'long' is no length")
    for bad in ("0", "-3", "65551", "1e3", "²"):
        path.write_text(bad + "\n")
        assert read_sizes(str(path)).damage.startswith("at byte 0, line 1")


def test_the_command_runs_a_capture(tmp_path: Path, capsys: Any) -> None:
    out = tmp_path / "run.json"
    assert cli.main(["simulate", "--pcap", str(LOOPBACK), "--size", "128", "--json", str(out)]) == 0
    data = json.loads(out.read_text())
    assert data["packets"] == data["delivered"] == 70 and data["finished"] and data["violated"] is None
    assert data["frames"] == {"path": str(LOOPBACK), "damage": ""}
    buffers = [-(-(length + 12) // 1536) for length in LENGTHS]
    assert data["buffers_per_packet"] == {
        "count": 70, "mean": round(sum(buffers) / 70, 3), "least": 1, "most": max(buffers),
    }  # fmt: skip
    assert data["counts"]["buffers taken by the driver"] == sum(buffers)
    assert "buffers per packet" in capsys.readouterr().out


@pytest.mark.parametrize("kind", ["small", "big"])
def test_the_other_kinds_of_buffers(kind: str, tmp_path: Path, capsys: Any) -> None:
    """Small buffers hold what an Ethernet frame is; in big ones everything fits."""
    path, out = tmp_path / "sizes", tmp_path / "run.json"
    path.write_text("\n".join(map(str, [60, 1514, 1518, 1519, 9000, 60])))
    arguments = ["--sizes", str(path), "--size", "4", "--buffers", kind, "--memory", "sc", "--json", str(out)]
    assert cli.main(["simulate", *arguments]) == 0
    data = json.loads(out.read_text())
    assert data["delivered"] == (4 if kind == "small" else 6)
    assert data["counts"]["dropped, does not fit"] == (2 if kind == "small" else 0)


@pytest.mark.parametrize(("small", "stranded"), [(21, False), (22, True)])
def test_a_stranded_packet_in_bytes(small: int, stranded: bool, tmp_path: Path, capsys: Any) -> None:
    """docs/refill.md: on a ring of 64, a packet of 64 KiB after 22 small ones waits for ever, after 21 it does not."""
    path, out = tmp_path / "sizes", tmp_path / "run.json"
    path.write_text("100\n" * small + "65536\n")
    arguments = ["--sizes", str(path), "--size", "64", "--schedule", "alone", "--json", str(out)]
    assert cli.main(["simulate", *arguments]) == 0
    data = json.loads(out.read_text())
    assert (data["stranded"], data["waiting"], data["violated"]) == (stranded, int(stranded), None)
    assert ("STRANDED" in capsys.readouterr().out) == stranded


def test_real_frames_are_in_bytes(capsys: Any) -> None:
    assert cli.main(["simulate", "--pcap", str(LOOPBACK), "--no-data"]) == 2
    assert cli.main(["simulate", "--pcap", str(LOOPBACK), "--size", "16"]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert "bytes" in lines[0] and "a ring of 16 never holds such a packet" in lines[1]
    assert lines[1].endswith("or size=64")
    assert cli.main(["simulate", "--pcap", str(LOOPBACK), "--size", "64", "--schedule", "burst"]) == 0


def test_what_a_driver_developer_looks_at_is_there_even_where_it_is_nothing(tmp_path: Path, capsys: Any) -> None:
    path = tmp_path / "sizes"
    path.write_text("60\n")
    assert cli.main(["simulate", "--sizes", str(path), "--size", "4"]) == 0
    shown = [line.split(maxsplit=1)[1] for line in capsys.readouterr().out.splitlines() if line[:1] == " "]
    wanted = ["packets delivered", "packets dropped", "interrupts sent", "kicks sent", "polls", "parked", "refills"]
    assert set(wanted) <= set(shown)


def test_a_pipe_is_a_file_too() -> None:
    """`tcpdump -w - | vrx simulate --pcap -`, and a name that cannot be rewound."""
    for name, data in (("-", LOOPBACK.read_bytes()), ("/dev/stdin", LOOPBACK.read_bytes()[:3000])):
        command = [sys.executable, "-m", "vrx.proofs.command.cli", "simulate", "--pcap", name]
        ran = subprocess.run([*command, "--size", "64", "--memory", "sc"], input=data, capture_output=True, timeout=120)
        assert ran.returncode == (0 if name == "-" else 2), ran.stderr
        assert (b"70  packets delivered" if name == "-" else b"42  packets delivered") in ran.stdout
        assert ran.stderr.count(b"\n") == ran.returncode // 2


def test_the_command_keeps_what_came_before_the_damage(tmp_path: Path, capsys: Any) -> None:
    path = tmp_path / "cut.pcap"
    path.write_bytes(LOOPBACK.read_bytes()[:3000])
    out = tmp_path / "run.json"
    assert cli.main(["simulate", "--pcap", str(path), "--json", str(out)]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line == (
        f"vrx: {path}: at byte 2953: the file ends within a frame that begins here; run were the 42 frames before"
    )
    assert json.loads(out.read_text())["packets"] == 42


def test_what_cannot_be_read_is_one_line(tmp_path: Path, capsys: Any) -> None:
    for arguments in (["--pcap", str(tmp_path / "none")], ["--pcap", str(tmp_path)], ["--sizes", __file__]):
        assert cli.main(["simulate", *arguments]) == 2
        assert len(capsys.readouterr().err.splitlines()) == 1


def test_without_the_library_the_command_says_how_to_get_it(monkeypatch: Any, capsys: Any) -> None:
    monkeypatch.setitem(__import__("sys").modules, "dpkt", None)
    assert cli.main(["simulate", "--pcap", str(LOOPBACK)]) == 2
    assert capsys.readouterr().err == "vrx: reading a capture needs dpkt: pip install dpkt\n"
