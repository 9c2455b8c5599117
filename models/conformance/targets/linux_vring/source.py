"""Linux's virtio_ring.c from Debian's source package, built in user space, in the user's cache.

Nothing of the kernel is in this project: the package's tarball is unpacked into
the cache once, only the folders that one file needs.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path

from vrx.models.conformance.protocol import Missing
from vrx.models.engines.native.build import NoCompiler, compiled
from vrx.models.terminal.cache import cache_dir

PACKAGE = "linux-source-6.1"
TARBALL = Path("/usr/src/linux-source-6.1.tar.xz")
NEEDED = (
    "drivers/virtio/virtio_ring.c",
    "include/linux/byteorder",
    "include/linux/irqreturn.h",
    "include/linux/kconfig.h",
    "include/linux/kern_levels.h",
    "include/linux/virtio_byteorder.h",
    "include/linux/virtio_ring.h",
    "include/uapi/linux",
    "tools/include",
    "tools/virtio",
)
HERE = Path(__file__).parent
FLAGS = (
    "-O2", "-fPIC", "-shared", "-w", "-fno-strict-overflow", "-fno-strict-aliasing", "-fno-common",
    "-U_FORTIFY_SOURCE", "-pthread",
)  # fmt: skip


def package_version() -> str:
    """The version of the installed source package.  Raises Missing."""
    if not TARBALL.exists():
        raise Missing(f"{TARBALL} is missing: apt-get install -y --no-install-recommends {PACKAGE}")
    query = ["dpkg-query", "-W", "-f", "${Version}", PACKAGE]
    try:
        run = subprocess.run(query, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return "unknown"
    return run.stdout.strip() or "unknown"


@cache
def source() -> Path:
    """The folder with the unpacked sources.  Unpacks them the first time, which takes some seconds."""
    version = package_version()
    target = cache_dir() / f"{PACKAGE}-{version.replace('/', '_')}"
    if (target / NEEDED[0]).exists():
        return target
    work = Path(tempfile.mkdtemp(dir=target.parent, prefix="unpacking-"))
    try:
        members = [f"{PACKAGE}/{name}" for name in NEEDED]
        command = ["tar", "-xJf", str(TARBALL), "-C", str(work), "--strip-components=1", *members]
        run = subprocess.run(command, capture_output=True, text=True, check=False)
        if run.returncode:
            why = run.stderr.strip().splitlines()[-1:] or ["tar failed"]
            raise Missing(f"cannot unpack {TARBALL}: {why[0]}: apt-get install --reinstall -y {PACKAGE} xz-utils tar")
        try:
            os.rename(work, target)
        except OSError:  # somebody else was faster
            if not (target / NEEDED[0]).exists():
                raise
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return target


def ring_text() -> str:
    """virtio_ring.c as the package has it."""
    return (source() / NEEDED[0]).read_text(encoding="utf-8")


def library(ring: str | None = None) -> ctypes.CDLL:
    """virtio_ring.c as a shared library, or `ring`, a changed copy of its text.  Raises Missing, CompilerFailed."""
    text = ring_text() if ring is None else ring
    folder = source()
    flags = [
        *FLAGS,
        f"-I{folder}/tools/virtio",
        f"-I{folder}/tools/include",
        "-include",
        f"{folder}/include/linux/kconfig.h",
    ]
    shim = (HERE / "linux_vring.c").read_text(encoding="utf-8")
    header = (HERE / "linux_vring.h").read_text(encoding="utf-8")
    unit = f'{header}\n#line 1 "virtio_ring.c"\n{text}\n#line 1 "linux_vring.c"\n{shim}'
    try:
        return compiled(unit, tuple(flags))
    except NoCompiler as error:
        raise Missing(f"linux-vring needs a C compiler: apt-get install -y gcc libc6-dev ({error})") from None
