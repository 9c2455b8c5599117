"""Which C functions the steps here are made of, and whether Linux 6.12 and QEMU 10.0 have another text of them.

Of each text only a digest is kept, without comments and line breaks.  `python -m vrx.proofs.versions_texts FOLDER`
prints the table anew from sources in FOLDER/linux-6.1, linux-6.12, qemu-7.2 and qemu-10.0.
"""

from __future__ import annotations

import hashlib
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from vrx import spec

BASELINES = {"Linux": "Linux 6.1", "QEMU": "QEMU 7.2"}
SOURCES = {"Linux": ("linux-6.1", "linux-6.12"), "QEMU": ("qemu-7.2", "qemu-10.0")}
"""The folders of the older and of the newer source of each side: Debian 12's, and its backports'."""
MACROS = {"common_interrupt", "virtio_store_mb"}
"""Defined by macros, so no text is found: the way into an interrupt, of which nothing is modelled, and a store with a
full barrier behind it, the same in 6.12."""


def modelled() -> dict[str, dict[str, str]]:
    """Side -> the C functions that the `C:` lines of the steps, and of what they call, name -> the file named there."""
    found: dict[str, dict[str, str]] = {side: {} for side in BASELINES}
    for side, version in BASELINES.items():
        for path in sorted(Path(spec.__file__).parent.rglob("*.py")):
            if path.parent.name == "reference":
                continue  # whole C functions, for comparison
            for line in re.findall(
                rf"^ +C: ((?:(?!\n\n|\n +C: ).)*?), {re.escape(version)}", path.read_text(encoding="utf-8"), re.M | re.S
            ):
                for part in line.split(";"):
                    file = re.search(r"[\w/.-]+\.[ch]\b", part)
                    for name in re.findall(r"(\w+)\(\)", part):
                        found[side].setdefault(name, file[0] if file else "")
    return {side: {n: file for n, file in names.items() if n not in MACROS} for side, names in found.items()}


def functions(text: str) -> dict[str, str]:
    """Name -> text of each function of a C file: its opening brace begins a line, and so does its closing one."""
    lines, found = text.split("\n"), dict[str, str]()
    for number, line in enumerate(lines):
        if line.startswith("{"):
            begin = number
            while begin and lines[begin - 1].strip() and not _ends(lines[begin - 1]):
                begin -= 1
            end = next((n for n in range(number, len(lines)) if lines[n].startswith("}")), number)
            head = re.sub(r"\b[A-Z_]+\([\d, ]*\)", "", " ".join(lines[begin:number]))  # an attribute
            if name := re.search(r"(\w+)\s*\(", head):
                found.setdefault(name[1], "\n".join(lines[begin : end + 1]))
    return found


def _ends(line: str) -> bool:
    return line.startswith(("}", "#")) or line.rstrip().endswith((";", "*/"))


def digest(text: str) -> str:
    """Of a function's text without comments, all white space alike."""
    bare = re.sub(r"/\*.*?\*/|//[^\n]*", " ", text, flags=re.S)
    return hashlib.sha256(" ".join(bare.split()).encode()).hexdigest()[:12]


def digest_in(folder: Path, file: str, name: str) -> tuple[str, str]:
    """The file that defines a function of a source, the one named or else another, and the digest of its text.

    Raises LookupError where none does.
    """
    paths = [folder / file] if (folder / file).is_file() else []
    for path in (*paths, *sorted(folder.rglob("*.[ch]"))):
        text = path.read_text(encoding="utf-8", errors="replace")
        if name in text and (found := functions(text).get(name)):
            return str(path.relative_to(folder)), digest(found)
    raise LookupError(f"{folder} has no {name}()")


def measured(folder: Path) -> Iterator[tuple[str, str, tuple[str, str, str]]]:
    """Side, function, and what TEXTS has of it, from sources: of every modelled function."""
    for side, names in modelled().items():
        for name, named in sorted(names.items()):
            file = TEXTS.get(side, {}).get(name, (named,))[0]
            (_, older), (file, newer) = (digest_in(folder / source, file, name) for source in SOURCES[side])
            yield side, name, (file, older, newer)


HARMLESS: dict[str, str] = {
    "__napi_poll": "asks `napi_is_scheduled()`, which reads the same bit; a debug kernel looks at the lists of XDP "
    "behind it",
    "busy_poll_stop": "the ways to poll are bits of one word; a context for BPF",
    "detach_buf_packed": "asks `do_unmap` where it asked `use_dma_api`: mapping is not modelled",
    "detach_buf_split": "unmaps no indirect table whose buffers the driver has mapped itself",
    "more_used_packed": "no longer `inline`",
    "more_used_split": "no longer `inline`",
    "napi_busy_loop": "its loop is `__napi_busy_loop()` now. It may end because another task wants the CPU; in the "
    "model a task stops whenever it likes",
    "napi_complete_done": "notes in `list_owner` that no CPU has it, which only the recycling of pages reads; "
    "`try_cmpxchg()`: the same locked instruction",
    "napi_enable": "`try_cmpxchg()`: the same locked instruction",
    "napi_schedule_prep": "`try_cmpxchg()`: the same locked instruction",
    "page_to_skb": "what it did for XDP is elsewhere; it reads the same pages",
    "receive_buf": "reads the header's flags before XDP could change them: the buffer is the driver's by then; what it "
    "does with a packet is `virtnet_receive_done()`",
    "receive_mergeable": "`num_buf` is an int: from `num_buffers` 0 it goes on below zero, where 6.1 goes round to "
    "65535. Both end where no buffer is left, and a ring has 32768 at most. What it did for XDP, and for the "
    "packet's parts, is elsewhere",
    "receive_small": "what it did for XDP is elsewhere",
    "skb_recv_done": "counts its calls, for the moderation of interrupts",
    "try_fill_recv": "fills from the pool of an AF_XDP socket where there is one",
    "try_to_wake_up": "its locks are guards; the full barrier behind the first is there",
    "virtnet_open": "announces carrier and configuration changes at its end",
    "virtnet_receive": "its loop is `virtnet_receive_packets()`, another one serves an AF_XDP socket; counters",
    "virtqueue_add_indirect_packed": "gets the address of a mapping by a pointer, and an error exit for buffers that "
    "the driver has mapped itself; the model never fails to map",
    "virtqueue_add_packed": "gets the address of a mapping by a pointer; the model never fails to map",
    "virtqueue_add_split": "error exits for buffers that the driver has mapped itself; the model never fails to map",
    "vring_interrupt": "`data_race()` around the store to `event_triggered`: a note for a checker, the same store",
    "iov_from_buf_full": "no longer asserts that its offset lies inside, nor does `iov_copy()`: that is what ended "
    "QEMU at a buffer shorter than the header ([deviations.md](deviations.md)). The model has no such buffers",
    "qemu_deliver_packet_iov": "puts an empty header before a packet that comes without one, which none of tap's does",
    "virtio_blk_handle_vq": "requests are gathered by `defer_call_begin()`; the order of its calls is the same",
    "virtio_blk_req_complete": "in an I/O thread it notifies at once where 7.2 left that to a bottom half; any caller "
    "of the model may be early or late",
    "virtio_net_receive_rcu": "RSS chooses the queue before the question whether it may receive, and a hash is written "
    "from a header of its own; RSS is not modelled",
    "virtio_net_set_status": "the transmit queue's bottom half, for record and replay",
    "virtqueue_fill": "another way with IN_ORDER, which is off by default and which Linux 6.12 does not know",
    "virtqueue_flush": "another way with IN_ORDER, which is off by default and which Linux 6.12 does not know",
    "virtqueue_packed_get_avail_bytes": "an empty cache is made by a function",
    "virtqueue_packed_pop": "the ID of a list is taken from its last descriptor, where 7.2 takes the first one's: "
    "Linux writes it into each; with IN_ORDER it notes the element; an empty cache is made by a function",
    "virtqueue_split_get_avail_bytes": "an empty cache is made by a function; `next` is no longer handed around",
    "virtqueue_split_pop": "with IN_ORDER it notes the element; an empty cache is made by a function",
}
"""Functions whose newer text differs in nothing that the model has, and what differs."""

TEXTS: dict[str, dict[str, tuple[str, str, str]]] = {
    "Linux": {
        "____napi_schedule": ("net/core/dev.c", "4492c6c7f1a6", "b1767fa88ef9"),
        "__busy_poll_stop": ("net/core/dev.c", "9f0cc9cadb23", "9f0cc9cadb23"),
        "__napi_poll": ("net/core/dev.c", "f1076107a6a5", "3165cea1ffea"),
        "__napi_schedule": ("net/core/dev.c", "352da501e338", "352da501e338"),
        "__run_hrtimer": ("kernel/time/hrtimer.c", "064fd58f1715", "064fd58f1715"),
        "add_recvbuf_big": ("drivers/net/virtio_net.c", "91dfcb367447", "91dfcb367447"),
        "alloc_indirect_split": ("drivers/virtio/virtio_ring.c", "30d271462655", "30d271462655"),
        "busy_poll_stop": ("net/core/dev.c", "bb72049028a0", "76a0cc43d3e6"),
        "detach_buf_packed": ("drivers/virtio/virtio_ring.c", "03000f671676", "1e9c330548e8"),
        "detach_buf_split": ("drivers/virtio/virtio_ring.c", "e731486523f7", "5418c8f9c5c1"),
        "hrtimer_interrupt": ("kernel/time/hrtimer.c", "bdb92c1507f6", "bdb92c1507f6"),
        "hrtimer_start": ("include/linux/hrtimer.h", "c150b0ced751", "c150b0ced751"),
        "is_used_desc_packed": ("drivers/virtio/virtio_ring.c", "e2353bbc2ae2", "e2353bbc2ae2"),
        "more_used_packed": ("drivers/virtio/virtio_ring.c", "46ede5f313d3", "2e28d7a69178"),
        "more_used_split": ("drivers/virtio/virtio_ring.c", "d98beee1a3b4", "0bdff4158ac3"),
        "napi_busy_loop": ("net/core/dev.c", "8054c5a8f813", "393e36a1e178"),
        "napi_complete_done": ("net/core/dev.c", "eed40bfa73cd", "fda9cd96d5d0"),
        "napi_enable": ("net/core/dev.c", "7b5ff9dd0548", "944b7d74b257"),
        "napi_gro_receive": ("net/core/gro.c", "3e530bd36339", "3e530bd36339"),
        "napi_poll": ("net/core/dev.c", "114874ac9fb7", "114874ac9fb7"),
        "napi_schedule_prep": ("net/core/dev.c", "3db28a2ee572", "d74ba2004c40"),
        "napi_watchdog": ("net/core/dev.c", "2f468ce884b2", "2f468ce884b2"),
        "net_rx_action": ("net/core/dev.c", "a82e9a728c6e", "ad1338cb3927"),
        "netpoll_poll_dev": ("net/core/netpoll.c", "f00377357b9c", "f00377357b9c"),
        "netpoll_poll_lock": ("include/linux/netpoll.h", "95ef5ffbc3da", "95ef5ffbc3da"),
        "netpoll_poll_unlock": ("include/linux/netpoll.h", "9cf4dc826436", "9cf4dc826436"),
        "page_to_skb": ("drivers/net/virtio_net.c", "ed02f5802dc7", "8bdf453a4810"),
        "poll_napi": ("net/core/netpoll.c", "562ba20dc707", "562ba20dc707"),
        "poll_one_napi": ("net/core/netpoll.c", "7a3c97e381e9", "7a3c97e381e9"),
        "receive_big": ("drivers/net/virtio_net.c", "e1bb538484d5", "f20aeff5225b"),
        "receive_buf": ("drivers/net/virtio_net.c", "79ace1e343e7", "47534fd5c80f"),
        "receive_mergeable": ("drivers/net/virtio_net.c", "5c634f6af7d0", "be88e3a1b637"),
        "receive_small": ("drivers/net/virtio_net.c", "6ffac1a91f86", "4c938e3f4b91"),
        "skb_recv_done": ("drivers/net/virtio_net.c", "e15cb660f2e6", "577b75898d7b"),
        "try_fill_recv": ("drivers/net/virtio_net.c", "edf8ba4c60f8", "8f77cbdcf989"),
        "try_to_wake_up": ("kernel/sched/core.c", "c65f7cf8df5e", "22b87f4d18d5"),
        "virtnet_napi_enable": ("drivers/net/virtio_net.c", "4ae970b8850e", "4ae970b8850e"),
        "virtnet_open": ("drivers/net/virtio_net.c", "ceb7dd7eed89", "c8c766a471cf"),
        "virtnet_poll": ("drivers/net/virtio_net.c", "cbd303300188", "0cbbdd90af37"),
        "virtnet_receive": ("drivers/net/virtio_net.c", "7cbfbb7553cd", "d2bd1b9a83e9"),
        "virtqueue_add_desc_split": ("drivers/virtio/virtio_ring.c", "c43b9976c310", "c43b9976c310"),
        "virtqueue_add_indirect_packed": ("drivers/virtio/virtio_ring.c", "511385ac27c1", "2896ea761f4c"),
        "virtqueue_add_packed": ("drivers/virtio/virtio_ring.c", "54114a45c3f5", "e62e34d68db1"),
        "virtqueue_add_split": ("drivers/virtio/virtio_ring.c", "d6e0eb2c4c5e", "c832aecd70aa"),
        "virtqueue_disable_cb_packed": ("drivers/virtio/virtio_ring.c", "849a03d7be42", "849a03d7be42"),
        "virtqueue_disable_cb_split": ("drivers/virtio/virtio_ring.c", "3fdf9fe93ada", "3fdf9fe93ada"),
        "virtqueue_enable_cb_delayed": ("drivers/virtio/virtio_ring.c", "a27675570983", "a27675570983"),
        "virtqueue_enable_cb_delayed_packed": ("drivers/virtio/virtio_ring.c", "8d659daf4a8f", "8d659daf4a8f"),
        "virtqueue_enable_cb_delayed_split": ("drivers/virtio/virtio_ring.c", "dc7af9eb74cf", "dc7af9eb74cf"),
        "virtqueue_enable_cb_prepare": ("drivers/virtio/virtio_ring.c", "5377c09b2b31", "5377c09b2b31"),
        "virtqueue_enable_cb_prepare_packed": ("drivers/virtio/virtio_ring.c", "23d57e8a45c9", "23d57e8a45c9"),
        "virtqueue_enable_cb_prepare_split": ("drivers/virtio/virtio_ring.c", "faf1837e37b7", "faf1837e37b7"),
        "virtqueue_get_buf_ctx_packed": ("drivers/virtio/virtio_ring.c", "75c8ef029850", "75c8ef029850"),
        "virtqueue_get_buf_ctx_split": ("drivers/virtio/virtio_ring.c", "eba304b72d45", "eba304b72d45"),
        "virtqueue_kick_prepare_packed": ("drivers/virtio/virtio_ring.c", "b8ada82f4776", "b8ada82f4776"),
        "virtqueue_kick_prepare_split": ("drivers/virtio/virtio_ring.c", "28ff219a7b44", "28ff219a7b44"),
        "virtqueue_napi_schedule": ("drivers/net/virtio_net.c", "b60d2b94a2d3", "b60d2b94a2d3"),
        "virtqueue_notify": ("drivers/virtio/virtio_ring.c", "dc023888fa5f", "dc023888fa5f"),
        "virtqueue_poll": ("drivers/virtio/virtio_ring.c", "c57fb70a8f36", "c57fb70a8f36"),
        "virtqueue_poll_packed": ("drivers/virtio/virtio_ring.c", "905cf6dcdb58", "905cf6dcdb58"),
        "virtqueue_poll_split": ("drivers/virtio/virtio_ring.c", "51ba030748df", "51ba030748df"),
        "vp_notify": ("drivers/virtio/virtio_pci_common.c", "acccf28ca599", "acccf28ca599"),
        "vring_interrupt": ("drivers/virtio/virtio_ring.c", "33296e7622c5", "59cf400740a1"),
        "vring_need_event": ("include/uapi/linux/virtio_ring.h", "793844eee1a8", "793844eee1a8"),
    },
    "QEMU": {
        "iov_from_buf": ("include/qemu/iov.h", "3c36803f4789", "3c36803f4789"),
        "iov_from_buf_full": ("util/iov.c", "b85ad6dbbf85", "49b35cbb900d"),
        "is_desc_avail": ("hw/virtio/virtio.c", "b78dd50f8a29", "b78dd50f8a29"),
        "net_vm_change_state_handler": ("net/net.c", "a6df0a43e893", "a6df0a43e893"),
        "qemu_deliver_packet_iov": ("net/net.c", "466edb8e3814", "4c89d9836c98"),
        "qemu_flush_queued_packets": ("net/net.c", "6032e683e748", "6032e683e748"),
        "qemu_net_queue_append": ("net/queue.c", "aa63c422a814", "aa63c422a814"),
        "qemu_net_queue_flush": ("net/queue.c", "e28895dd2b56", "e28895dd2b56"),
        "qemu_net_queue_send": ("net/queue.c", "1c3a230fa70b", "1c3a230fa70b"),
        "receive_filter": ("hw/net/virtio-net.c", "55204a8230e5", "55204a8230e5"),
        "receive_header": ("hw/net/virtio-net.c", "28972e95c14b", "28972e95c14b"),
        "tap_send": ("net/tap.c", "0099dc601548", "0099dc601548"),
        "virtio_blk_get_request": ("hw/block/virtio-blk.c", "e2b05f53dd4b", "e2b05f53dd4b"),
        "virtio_blk_handle_vq": ("hw/block/virtio-blk.c", "a777c02baca4", "12d9c8692cd4"),
        "virtio_blk_req_complete": ("hw/block/virtio-blk.c", "d9941c732ad8", "b0f9ab101db9"),
        "virtio_device_disabled": ("include/hw/virtio/virtio.h", "bb971070c085", "bb971070c085"),
        "virtio_error": ("hw/virtio/virtio.c", "f2ddbc52f218", "f2ddbc52f218"),
        "virtio_irq": ("hw/virtio/virtio.c", "13b0c6b97efd", "13b0c6b97efd"),
        "virtio_net_can_receive": ("hw/net/virtio-net.c", "3a75e0a60e9a", "3a75e0a60e9a"),
        "virtio_net_handle_rx": ("hw/net/virtio-net.c", "cc7ede8cfee5", "cc7ede8cfee5"),
        "virtio_net_has_buffers": ("hw/net/virtio-net.c", "90f40ffc010e", "90f40ffc010e"),
        "virtio_net_receive_rcu": ("hw/net/virtio-net.c", "7ed75be4fe9d", "88c0607515c7"),
        "virtio_net_set_status": ("hw/net/virtio-net.c", "80f772a3fc5d", "90041d7678e8"),
        "virtio_notify": ("hw/virtio/virtio.c", "c2e133ec1bc4", "c2e133ec1bc4"),
        "virtio_notify_vector": ("hw/virtio/virtio.c", "09da20d06147", "09da20d06147"),
        "virtio_packed_should_notify": ("hw/virtio/virtio.c", "cd8d0cdc5f2e", "cd8d0cdc5f2e"),
        "virtio_queue_empty_rcu": ("hw/virtio/virtio.c", "d0d52d525fd0", "d0d52d525fd0"),
        "virtio_queue_enable_notification_and_check": ("hw/virtio/virtio.c", "93ecfe650c31", "93ecfe650c31"),
        "virtio_queue_host_notifier_read": ("hw/virtio/virtio.c", "92403dc23394", "92403dc23394"),
        "virtio_queue_notify_vq": ("hw/virtio/virtio.c", "9db9eef4802b", "9db9eef4802b"),
        "virtio_queue_packed_empty": ("hw/virtio/virtio.c", "d92f1cb08cd7", "d92f1cb08cd7"),
        "virtio_queue_packed_empty_rcu": ("hw/virtio/virtio.c", "2d795ed7c40e", "2d795ed7c40e"),
        "virtio_queue_packed_poll": ("hw/virtio/virtio.c", "9f5faf790a19", "9f5faf790a19"),
        "virtio_queue_packed_set_notification": ("hw/virtio/virtio.c", "a8b823d6744c", "a8b823d6744c"),
        "virtio_queue_set_notification": ("hw/virtio/virtio.c", "bdcb018891d1", "bdcb018891d1"),
        "virtio_queue_split_empty": ("hw/virtio/virtio.c", "ada7e3478a82", "ada7e3478a82"),
        "virtio_queue_split_poll": ("hw/virtio/virtio.c", "f8ae6a8282c0", "f8ae6a8282c0"),
        "virtio_queue_split_set_notification": ("hw/virtio/virtio.c", "9237c5d7e98e", "9237c5d7e98e"),
        "virtio_split_should_notify": ("hw/virtio/virtio.c", "81351974d3c9", "81351974d3c9"),
        "virtio_vmstate_change": ("hw/virtio/virtio.c", "4481f4c060d9", "4481f4c060d9"),
        "virtqueue_detach_element": ("hw/virtio/virtio.c", "1a33b5ebfd47", "1a33b5ebfd47"),
        "virtqueue_fill": ("hw/virtio/virtio.c", "1c174c43a5fe", "09f238551ec2"),
        "virtqueue_flush": ("hw/virtio/virtio.c", "f4f68861e940", "5382b25428cd"),
        "virtqueue_get_avail_bytes": ("hw/virtio/virtio.c", "7ea629f52eca", "7ea629f52eca"),
        "virtqueue_get_head": ("hw/virtio/virtio.c", "92fcb591448c", "92fcb591448c"),
        "virtqueue_map_desc": ("hw/virtio/virtio.c", "63b5e87214c8", "63b5e87214c8"),
        "virtqueue_num_heads": ("hw/virtio/virtio.c", "aa959c9e5f1d", "8b70e05a864b"),
        "virtqueue_packed_fill": ("hw/virtio/virtio.c", "b28748a6cf1e", "b28748a6cf1e"),
        "virtqueue_packed_fill_desc": ("hw/virtio/virtio.c", "a08526dd2f44", "a08526dd2f44"),
        "virtqueue_packed_flush": ("hw/virtio/virtio.c", "ab00cc063853", "ab00cc063853"),
        "virtqueue_packed_get_avail_bytes": ("hw/virtio/virtio.c", "9883c5449e5f", "051cfb3f4a39"),
        "virtqueue_packed_pop": ("hw/virtio/virtio.c", "1a2f06b9c2e6", "6804ffd5e698"),
        "virtqueue_packed_read_next_desc": ("hw/virtio/virtio.c", "bec3d8dbbe2d", "bec3d8dbbe2d"),
        "virtqueue_packed_rewind": ("hw/virtio/virtio.c", "0779ef60bf47", "0779ef60bf47"),
        "virtqueue_pop": ("hw/virtio/virtio.c", "a3133848b726", "a3133848b726"),
        "virtqueue_push": ("hw/virtio/virtio.c", "f77c15864e13", "f77c15864e13"),
        "virtqueue_split_fill": ("hw/virtio/virtio.c", "9b8a67c337f6", "9b8a67c337f6"),
        "virtqueue_split_flush": ("hw/virtio/virtio.c", "5ecdf4ca5ae9", "5ecdf4ca5ae9"),
        "virtqueue_split_get_avail_bytes": ("hw/virtio/virtio.c", "093be06a2f3e", "3337cd236523"),
        "virtqueue_split_pop": ("hw/virtio/virtio.c", "6a117a6fa6eb", "d54bb856582a"),
        "virtqueue_split_read_next_desc": ("hw/virtio/virtio.c", "d6c868cdfa6d", "ddf9f3c9117f"),
        "virtqueue_split_rewind": ("hw/virtio/virtio.c", "3099e6d8f6c8", "3099e6d8f6c8"),
        "virtqueue_unpop": ("hw/virtio/virtio.c", "3a36f7a3ec93", "3a36f7a3ec93"),
        "vring_avail_idx": ("hw/virtio/virtio.c", "6df5f3bc22c6", "6df5f3bc22c6"),
        "vring_packed_desc_read": ("hw/virtio/virtio.c", "912ec82feb2b", "912ec82feb2b"),
        "vring_packed_desc_read_flags": ("hw/virtio/virtio.c", "6a51022e2e27", "6a51022e2e27"),
        "vring_packed_desc_write": ("hw/virtio/virtio.c", "1fc7fba02b44", "1fc7fba02b44"),
        "vring_packed_desc_write_data": ("hw/virtio/virtio.c", "0e39691b0f65", "0e39691b0f65"),
        "vring_packed_event_read": ("hw/virtio/virtio.c", "e17c2abf4360", "e17c2abf4360"),
        "vring_packed_flags_write": ("hw/virtio/virtio.c", "0b97ed3cc413", "0b97ed3cc413"),
        "vring_packed_need_event": ("hw/virtio/virtio.c", "3c19981cdd3a", "3c19981cdd3a"),
        "vring_set_avail_event": ("hw/virtio/virtio.c", "9d6d4fe7aeac", "9d6d4fe7aeac"),
        "vring_split_desc_read": ("hw/virtio/virtio.c", "0d17c55de6ae", "0d17c55de6ae"),
        "vring_used_flags_set_bit": ("hw/virtio/virtio.c", "7cb562693803", "7cb562693803"),
        "vring_used_flags_unset_bit": ("hw/virtio/virtio.c", "c0c72fc204b2", "c0c72fc204b2"),
        "vring_used_write": ("hw/virtio/virtio.c", "9eb576ee68c4", "9eb576ee68c4"),
    },
}
"""Side -> function -> the file of its newer text, the digests of its older and of its newer text."""


def main() -> int:
    """Print the table as the sources of a folder have it."""
    if len(sys.argv) != 2:
        print("usage: python -m vrx.proofs.versions_texts FOLDER", file=sys.stderr)
        return 2
    for _, name, (file, older, newer) in measured(Path(sys.argv[1])):
        print(f'        "{name}": ("{file}", "{older}", "{newer}"),')
    return 0


if __name__ == "__main__":
    sys.exit(main())
