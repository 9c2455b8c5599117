"""Faults to plant in virtio_ring.c: one operator, statement or barrier of its split functions each."""

from __future__ import annotations

from typing import Final

from vrx.models.conformance.targets.linux_vring.mutant import BARRIER, INTERRUPT, Mutant

ADD: Final = "static inline int virtqueue_add_split("
DESC: Final = "static inline unsigned int virtqueue_add_desc_split("
KICK: Final = "static bool virtqueue_kick_prepare_split("
DETACH: Final = "static void detach_buf_split("
MORE: Final = "static inline bool more_used_split("
GET: Final = "static void *virtqueue_get_buf_ctx_split("
DISABLE: Final = "static void virtqueue_disable_cb_split("
PREPARE: Final = "static unsigned int virtqueue_enable_cb_prepare_split("
POLL: Final = "static bool virtqueue_poll_split("
DELAYED: Final = "static bool virtqueue_enable_cb_delayed_split("
UNUSED: Final = "static void *virtqueue_detach_unused_buf_split("

SPLIT: Final = (
    # Indices.
    Mutant("avail-idx-twice", "index", ADD, "vq->split.avail_idx_shadow++", "vq->split.avail_idx_shadow += 2"),
    Mutant("avail-idx-late", "index", ADD, "vq->split.avail_idx_shadow++;", ";"),
    Mutant("avail-slot-next", "index", ADD, "avail = vq->split.avail_idx_shadow &", "avail = (vq->split.avail_idx_shadow + 1) &"),
    Mutant("avail-slot-unmasked", "index", ADD, "& (vq->split.vring.num - 1);", "% (vq->split.vring.num + 1);"),
    Mutant("num-added-kept", "index", KICK, "vq->num_added = 0;", ";"),
    Mutant("num-added-missing", "index", ADD, "vq->num_added++;", ";"),
    Mutant("last-used-twice", "index", GET, "vq->last_used_idx++;", "vq->last_used_idx += 2;"),
    Mutant("last-used-kept", "index", GET, "vq->last_used_idx++;", ";"),
    Mutant("used-slot-next", "index", GET, "(vq->last_used_idx & ", "((vq->last_used_idx + 1) & "),
    Mutant("used-id-for-len", "index", GET, "vq->split.vring.used->ring[last_used].len", "vq->split.vring.used->ring[last_used].id"),
    # Flags.
    Mutant("in-segment-readable", "flag", ADD, "VRING_DESC_F_NEXT |\n\t\t\t\t\t\t     VRING_DESC_F_WRITE", "VRING_DESC_F_NEXT"),
    Mutant("out-segment-writable", "flag", ADD, "VRING_DESC_F_NEXT,", "VRING_DESC_F_NEXT | VRING_DESC_F_WRITE,"),
    Mutant("last-continues", "flag", ADD, "desc[prev].flags &= cpu_to_virtio16(_vq->vdev, ~VRING_DESC_F_NEXT);", ";"),
    Mutant("table-not-marked", "flag", ADD, "VRING_DESC_F_INDIRECT,", "0,"),
    Mutant("table-continues", "flag", ADD, "VRING_DESC_F_INDIRECT,", "VRING_DESC_F_INDIRECT | VRING_DESC_F_NEXT,"),
    Mutant("table-one-short", "flag", ADD, "total_sg * sizeof(struct vring_desc),\n\t\t\t\t\t VRING", "(total_sg - 1) * sizeof(struct vring_desc),\n\t\t\t\t\t VRING"),
    Mutant("len-one-more", "flag", DESC, "cpu_to_virtio32(vq->vdev, len)", "cpu_to_virtio32(vq->vdev, len + 1)"),
    Mutant("next-wrong", "flag", DESC, "desc[i].next = cpu_to_virtio16(vq->vdev, next)", "desc[i].next = cpu_to_virtio16(vq->vdev, next + 1)"),
    Mutant("disable-by-flag-with-event", "flag", DISABLE, "if (vq->event)", "if (0)"),
    Mutant("disable-not-written", "flag", DISABLE, "vq->split.vring.avail->flags =\n\t\t\t\tcpu_to_virtio16(_vq->vdev,\n\t\t\t\t\t\tvq->split.avail_flags_shadow);", ";"),
    Mutant("enable-not-written", "flag", PREPARE, "vq->split.vring.avail->flags =\n\t\t\t\tcpu_to_virtio16(_vq->vdev,\n\t\t\t\t\t\tvq->split.avail_flags_shadow);", ";"),
    Mutant("enable-shadow-kept", "flag", PREPARE, "vq->split.avail_flags_shadow &= ~VRING_AVAIL_F_NO_INTERRUPT;", ";"),
    Mutant("delayed-not-written", "flag", DELAYED, "vq->split.vring.avail->flags =\n\t\t\t\tcpu_to_virtio16(_vq->vdev,\n\t\t\t\t\t\tvq->split.avail_flags_shadow);", ";"),
    Mutant("kick-flag-inverted", "flag", KICK, "needs_kick = !(vq", "needs_kick = !!(vq"),
    Mutant("kick-flag-with-event", "flag", KICK, "needs_kick = vring_need_event(", "needs_kick = !(vq->split.vring.used->flags & cpu_to_virtio16(_vq->vdev, VRING_USED_F_NO_NOTIFY)) && vring_need_event("),
    Mutant("hint-without-event", "flag", INTERRUPT, "if (vq->event)", "if (1)"),
    # Comparisons.
    Mutant("room-off-by-one", "comparison", ADD, "vq->vq.num_free < descs_used", "vq->vq.num_free <= descs_used"),
    Mutant("room-one-too-many", "comparison", ADD, "vq->vq.num_free < descs_used", "vq->vq.num_free + 1 < descs_used"),
    Mutant("more-used-less-than", "comparison", MORE, "vq->last_used_idx != virtio16_to_cpu", "vq->last_used_idx < virtio16_to_cpu"),
    Mutant("more-used-inverted", "comparison", MORE, "vq->last_used_idx != virtio16_to_cpu", "vq->last_used_idx == virtio16_to_cpu"),
    Mutant("poll-less-than", "comparison", POLL, "(u16)last_used_idx != virtio16_to_cpu", "(u16)last_used_idx < virtio16_to_cpu"),
    Mutant("poll-inverted", "comparison", POLL, "(u16)last_used_idx != virtio16_to_cpu", "(u16)last_used_idx == virtio16_to_cpu"),
    Mutant("id-off-by-one", "comparison", GET, "i >= vq->split.vring.num", "i > vq->split.vring.num"),
    Mutant("id-not-checked", "comparison", GET, "unlikely(i >= vq->split.vring.num)", "0"),
    Mutant("head-not-checked", "comparison", GET, "unlikely(!vq->split.desc_state[i].data)", "0"),
    Mutant("delayed-off-by-many", "comparison", DELAYED, "> bufs", "> bufs + 0x8000"),
    Mutant("interrupt-ignored", "comparison", INTERRUPT, "!more_used(vq)", "more_used(vq)"),
    # The free list.
    Mutant("free-link-lost", "free list", DETACH, "vq->split.desc_extra[i].next = vq->free_head;", ";"),
    Mutant("free-head-is-last", "free list", DETACH, "vq->free_head = head;", "vq->free_head = i;"),
    Mutant("free-only-last", "free list", DETACH, "i = vq->split.desc_extra[i].next;\n\t\tvq->vq.num_free++;", "i = vq->split.desc_extra[i].next;"),
    Mutant("free-count-kept", "free list", DETACH, "/* Plus final descriptor */\n\tvq->vq.num_free++;", ";"),
    Mutant("free-head-kept", "free list", ADD, "\t\tvq->free_head = i;", "\t\t;"),
    Mutant("free-head-kept-indirect", "free list", ADD, "vq->free_head = vq->split.desc_extra[head].next;", ";"),
    Mutant("taken-counts-one", "free list", ADD, "vq->vq.num_free -= descs_used;", "vq->vq.num_free -= 1;"),
    Mutant("token-kept", "free list", DETACH, "vq->split.desc_state[head].data = NULL;", ";"),
    Mutant("table-not-freed", "free list", DETACH, "kfree(indir_desc);", ";"),
    Mutant("table-freed-early", "free list", ADD, "vq->split.desc_state[head].indir_desc = desc;", "{ vq->split.desc_state[head].indir_desc = desc; kfree(desc); }"),
    Mutant("context-lost", "free list", DETACH, "*ctx = vq->split.desc_state[head].indir_desc;", "*ctx = NULL;"),
    Mutant("unused-not-freed", "free list", UNUSED, "detach_buf_split(vq, i, NULL);", "vq->split.desc_state[i].data = NULL;"),
    # Event indices.
    Mutant("kick-event-old-new", "event index", KICK, "new, old);", "old, new);"),
    Mutant("kick-event-old-late", "event index", KICK, "old = vq->split.avail_idx_shadow - vq->num_added;", "old = vq->split.avail_idx_shadow - vq->num_added + 1;"),
    Mutant("kick-event-old-early", "event index", KICK, "old = vq->split.avail_idx_shadow - vq->num_added;", "old = vq->split.avail_idx_shadow - vq->num_added - 1;"),
    Mutant("kick-event-new-early", "event index", KICK, "new = vq->split.avail_idx_shadow;", "new = vq->split.avail_idx_shadow - 1;"),
    Mutant("kick-event-ignored", "event index", KICK, "if (vq->event)", "if (0)"),
    Mutant("kick-event-unasked", "event index", KICK, "if (vq->event)", "if (1)"),
    Mutant("get-event-late", "event index", GET, "cpu_to_virtio16(_vq->vdev, vq->last_used_idx));", "cpu_to_virtio16(_vq->vdev, vq->last_used_idx + 1));"),
    Mutant("get-event-inverted", "event index", GET, "if (!(vq->split.avail_flags_shadow & VRING_AVAIL_F_NO_INTERRUPT))", "if (vq->split.avail_flags_shadow & VRING_AVAIL_F_NO_INTERRUPT)"),
    Mutant("enable-event-early", "event index", PREPARE, "last_used_idx = vq->last_used_idx);", "(last_used_idx = vq->last_used_idx) - 1);"),
    Mutant("enable-event-late", "event index", PREPARE, "last_used_idx = vq->last_used_idx);", "(last_used_idx = vq->last_used_idx) + 1);"),
    Mutant("enable-event-missing", "event index", PREPARE, "vring_used_event(&vq->split.vring) = cpu_to_virtio16(_vq->vdev,", "(void)cpu_to_virtio16(_vq->vdev,"),
    Mutant("delayed-event-behind", "event index", DELAYED, "vq->last_used_idx + bufs));", "vq->last_used_idx - 1));"),
    Mutant("disable-event-missing", "event index", DISABLE, "vring_used_event(&vq->split.vring) = 0x0;", ";",
           "used_event is a hint: a driver may leave it where it is and be interrupted needlessly"),
    Mutant("hint-kept", "event index", "unsigned int virtqueue_enable_cb_prepare(", "vq->event_triggered = false;", ";",
           "with the hint left on, disabling writes nothing: needless interrupts, which a driver may have"),
    # Barriers.
    Mutant("add-wmb", "barrier", ADD, "virtio_wmb(vq->weak_barriers);", ";", BARRIER),
    Mutant("kick-mb", "barrier", KICK, "virtio_mb(vq->weak_barriers);", ";", BARRIER),
    Mutant("get-rmb", "barrier", GET, "virtio_rmb(vq->weak_barriers);", ";", BARRIER),
    Mutant("get-store-mb", "barrier", GET, "virtio_store_mb(vq->weak_barriers,\n\t\t\t\t&vring_used_event(&vq->split.vring),\n\t\t\t\tcpu_to_virtio16(_vq->vdev, vq->last_used_idx));",
           "vring_used_event(&vq->split.vring) = cpu_to_virtio16(_vq->vdev, vq->last_used_idx);", BARRIER),
    Mutant("poll-mb", "barrier", "bool virtqueue_poll(struct virtqueue *_vq, unsigned int last_used_idx)", "virtio_mb(vq->weak_barriers);", ";", BARRIER),
    Mutant("idx-before-entry", "barrier", ADD, "vq->split.vring.avail->ring[avail] = cpu_to_virtio16(_vq->vdev, head);",
           "vq->split.vring.avail->idx = cpu_to_virtio16(_vq->vdev, vq->split.avail_idx_shadow + 1); vq->split.vring.avail->ring[avail] = cpu_to_virtio16(_vq->vdev, head);",
           BARRIER + ", and nobody looks between two of its stores"),
)  # fmt: skip
