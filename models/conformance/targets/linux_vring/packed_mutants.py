"""Faults to plant in virtio_ring.c: one operator, statement or barrier of its packed functions each."""

from __future__ import annotations

from typing import Final

from vrx.models.conformance.targets.linux_vring.mutant import BARRIER, Mutant

ADD: Final = "static inline int virtqueue_add_packed("
TABLE: Final = "static int virtqueue_add_indirect_packed("
KICK: Final = "static bool virtqueue_kick_prepare_packed("
DETACH: Final = "static void detach_buf_packed("
IS_USED: Final = "static inline bool is_used_desc_packed("
MORE: Final = "static inline bool more_used_packed("
GET: Final = "static void *virtqueue_get_buf_ctx_packed("
DISABLE: Final = "static void virtqueue_disable_cb_packed("
PREPARE: Final = "static unsigned int virtqueue_enable_cb_prepare_packed("
POLL: Final = "static bool virtqueue_poll_packed("
DELAYED: Final = "static bool virtqueue_enable_cb_delayed_packed("
UNUSED: Final = "static void *virtqueue_detach_unused_buf_packed("
COUNTER: Final = "static inline bool packed_used_wrap_counter("

NEEDLESS: Final = "kicks that nobody asked for, against which the packed chapter has no word"

PACKED: Final = (
    # Positions and wrap counters.
    Mutant("packed-end-late", "position", ADD, "if ((unlikely(++i >= vq->packed.vring.num)))", "if ((unlikely(++i > vq->packed.vring.num)))"),
    Mutant("packed-end-masked", "position", ADD, "vq->packed.next_avail_idx = i;", "vq->packed.next_avail_idx = i & (vq->packed.vring.num - 1);"),
    Mutant("packed-flags-keep-their-lap", "position", ADD, "vq->packed.avail_used_flags ^=\n\t\t\t\t\t1 << VRING_PACKED_DESC_F_AVAIL |\n\t\t\t\t\t1 << VRING_PACKED_DESC_F_USED;", ";"),
    Mutant("packed-counter-keeps-its-lap", "position", ADD, "vq->packed.avail_wrap_counter ^= 1;", ";"),
    Mutant("packed-full-list-keeps-its-lap", "position", ADD, "if (i <= head)", "if (i < head)"),
    Mutant("packed-head-in-the-lap-of-the-end", "position", ADD, "vq->packed.vring.desc[head].flags = head_flags;",
           "vq->packed.vring.desc[head].flags = (head_flags & cpu_to_le16(VRING_DESC_F_NEXT | VRING_DESC_F_WRITE)) | cpu_to_le16(vq->packed.avail_used_flags);"),
    Mutant("packed-table-end-late", "position", TABLE, "if (n >= vq->packed.vring.num) {", "if (n > vq->packed.vring.num) {"),
    Mutant("packed-table-keeps-its-lap", "position", TABLE, "vq->packed.avail_used_flags ^=\n\t\t\t\t1 << VRING_PACKED_DESC_F_AVAIL |\n\t\t\t\t1 << VRING_PACKED_DESC_F_USED;", ";"),
    Mutant("packed-table-counter-keeps-its-lap", "position", TABLE, "vq->packed.avail_wrap_counter ^= 1;", ";"),
    Mutant("packed-used-goes-one", "position", GET, "last_used += vq->packed.desc_state[id].num;", "last_used += 1;"),
    Mutant("packed-used-end-late", "position", GET, "if (unlikely(last_used >= vq->packed.vring.num)) {", "if (unlikely(last_used > vq->packed.vring.num)) {"),
    Mutant("packed-used-begins-at-0", "position", GET, "last_used -= vq->packed.vring.num;", "last_used = 0;"),
    Mutant("packed-used-keeps-its-lap", "position", GET, "used_wrap_counter ^= 1;", ";"),
    Mutant("packed-used-kept", "position", GET, "WRITE_ONCE(vq->last_used_idx, last_used);", ";"),
    Mutant("packed-counter-inverted", "position", COUNTER, "return !!(", "return !("),
    Mutant("packed-num-added-kept", "position", KICK, "vq->num_added = 0;", ";", NEEDLESS),
    Mutant("packed-num-added-one", "position", ADD, "vq->num_added += descs_used;", "vq->num_added += 1;"),
    Mutant("packed-table-num-added-missing", "position", TABLE, "vq->num_added += 1;", ";"),
    # Descriptors.
    Mutant("packed-in-segment-readable", "flag", ADD, "(n < out_sgs ? 0 : VRING_DESC_F_WRITE)", "0"),
    Mutant("packed-out-segment-writable", "flag", ADD, "(n < out_sgs ? 0 : VRING_DESC_F_WRITE)", "VRING_DESC_F_WRITE"),
    Mutant("packed-last-continues", "flag", ADD, "(++c == total_sg ? 0 : VRING_DESC_F_NEXT)", "(++c > total_sg ? 0 : VRING_DESC_F_NEXT)"),
    Mutant("packed-list-ends-early", "flag", ADD, "(++c == total_sg ? 0 : VRING_DESC_F_NEXT)", "(++c + 1 >= total_sg ? 0 : VRING_DESC_F_NEXT)"),
    Mutant("packed-id-of-each", "flag", ADD, "desc[i].id = cpu_to_le16(id);", "desc[i].id = cpu_to_le16(curr);"),
    Mutant("packed-id-in-head-alone", "flag", ADD, "desc[i].id = cpu_to_le16(id);", "if (i == head) desc[i].id = cpu_to_le16(id);"),
    Mutant("packed-id-is-the-slot", "flag", ADD, "desc[i].id = cpu_to_le16(id);", "desc[i].id = cpu_to_le16(head);"),
    Mutant("packed-len-one-more", "flag", ADD, "desc[i].len = cpu_to_le32(sg->length);", "desc[i].len = cpu_to_le32(sg->length + 1);"),
    Mutant("packed-table-not-marked", "flag", TABLE, "flags = cpu_to_le16(VRING_DESC_F_INDIRECT |", "flags = cpu_to_le16(0 |"),
    Mutant("packed-table-continues", "flag", TABLE, "flags = cpu_to_le16(VRING_DESC_F_INDIRECT |", "flags = cpu_to_le16(VRING_DESC_F_NEXT | VRING_DESC_F_INDIRECT |"),
    Mutant("packed-table-one-short", "flag", TABLE, "desc[head].len = cpu_to_le32(total_sg *", "desc[head].len = cpu_to_le32((total_sg - 1) *"),
    Mutant("packed-table-entry-readable", "flag", TABLE, "0 : VRING_DESC_F_WRITE);", "0 : 0);"),
    Mutant("packed-table-id-missing", "flag", TABLE, "vq->packed.vring.desc[head].id = cpu_to_le16(id);", ";"),
    Mutant("packed-used-by-one-flag", "flag", IS_USED, "return avail == used && used == used_wrap_counter;", "return used == used_wrap_counter;"),
    Mutant("packed-used-by-the-other-flag", "flag", IS_USED, "return avail == used && used == used_wrap_counter;", "return avail == used_wrap_counter;"),
    Mutant("packed-used-in-either-lap", "flag", IS_USED, "return avail == used && used == used_wrap_counter;", "return avail == used;"),
    Mutant("packed-len-is-the-id", "flag", GET, "le32_to_cpu(vq->packed.vring.desc[last_used].len)", "le16_to_cpu(vq->packed.vring.desc[last_used].id)"),
    Mutant("packed-disable-not-written", "flag", DISABLE, "vq->packed.vring.driver->flags =\n\t\t\tcpu_to_le16(vq->packed.event_flags_shadow);", ";"),
    Mutant("packed-disable-by-what-is-unknown", "flag", DISABLE, "cpu_to_le16(vq->packed.event_flags_shadow);", "cpu_to_le16(3);"),
    Mutant("packed-enable-not-written", "flag", PREPARE, "vq->packed.vring.driver->flags =\n\t\t\t\tcpu_to_le16(vq->packed.event_flags_shadow);", ";"),
    Mutant("packed-enable-shadow-kept", "flag", PREPARE, "vq->packed.event_flags_shadow = vq->event ?\n\t\t\t\tVRING_PACKED_EVENT_FLAG_DESC :\n\t\t\t\tVRING_PACKED_EVENT_FLAG_ENABLE;", ";"),
    Mutant("packed-enable-position-without-event", "flag", PREPARE, "VRING_PACKED_EVENT_FLAG_ENABLE;", "VRING_PACKED_EVENT_FLAG_DESC;"),
    Mutant("packed-delayed-not-written", "flag", DELAYED, "vq->packed.vring.driver->flags =\n\t\t\t\tcpu_to_le16(vq->packed.event_flags_shadow);", ";"),
    Mutant("packed-kick-flag-inverted", "flag", KICK, "(flags != VRING_PACKED_EVENT_FLAG_DISABLE)", "(flags == VRING_PACKED_EVENT_FLAG_DISABLE)"),
    # Comparisons.
    Mutant("packed-room-off-by-one", "comparison", ADD, "vq->vq.num_free < descs_used", "vq->vq.num_free <= descs_used"),
    Mutant("packed-room-one-too-many", "comparison", ADD, "vq->vq.num_free < descs_used", "vq->vq.num_free + 1 < descs_used"),
    Mutant("packed-table-room-not-checked", "comparison", TABLE, "unlikely(vq->vq.num_free < 1)", "0",
           "virtqueue_use_indirect() has asked before: without a free descriptor no table is made"),
    Mutant("packed-more-used-inverted", "comparison", MORE, "return is_used_desc_packed(", "return !is_used_desc_packed("),
    Mutant("packed-poll-inverted", "comparison", POLL, "return is_used_desc_packed(", "return !is_used_desc_packed("),
    Mutant("packed-poll-in-the-other-lap", "comparison", POLL, "return is_used_desc_packed(vq, used_idx, wrap_counter);", "return is_used_desc_packed(vq, used_idx, !wrap_counter);"),
    Mutant("packed-id-off-by-one", "comparison", GET, "id >= vq->packed.vring.num", "id > vq->packed.vring.num"),
    Mutant("packed-id-not-checked", "comparison", GET, "unlikely(id >= vq->packed.vring.num)", "0"),
    Mutant("packed-head-not-checked", "comparison", GET, "unlikely(!vq->packed.desc_state[id].data)", "0"),
    Mutant("packed-delayed-does-not-look", "comparison", DELAYED, "if (is_used_desc_packed(vq, used_idx, wrap_counter)) {", "if (0) {"),
    # Free IDs.
    Mutant("packed-free-link-lost", "free list", DETACH, "vq->packed.desc_extra[state->last].next = vq->free_head;", ";"),
    Mutant("packed-free-link-of-the-first", "free list", DETACH, "vq->packed.desc_extra[state->last].next = vq->free_head;", "vq->packed.desc_extra[id].next = vq->free_head;"),
    Mutant("packed-free-head-is-last", "free list", DETACH, "vq->free_head = id;", "vq->free_head = state->last;"),
    Mutant("packed-free-counts-one", "free list", DETACH, "vq->vq.num_free += state->num;", "vq->vq.num_free += 1;"),
    Mutant("packed-free-head-kept", "free list", ADD, "vq->free_head = curr;", ";"),
    Mutant("packed-table-free-head-kept", "free list", TABLE, "vq->free_head = vq->packed.desc_extra[id].next;", ";"),
    Mutant("packed-last-is-behind", "free list", ADD, "vq->packed.desc_state[id].last = prev;", "vq->packed.desc_state[id].last = curr;"),
    Mutant("packed-taken-counts-one", "free list", ADD, "vq->vq.num_free -= descs_used;", "vq->vq.num_free -= 1;"),
    Mutant("packed-table-takes-none", "free list", TABLE, "vq->vq.num_free -= 1;", ";"),
    Mutant("packed-state-counts-one", "free list", ADD, "vq->packed.desc_state[id].num = descs_used;", "vq->packed.desc_state[id].num = 1;"),
    Mutant("packed-token-kept", "free list", DETACH, "state->data = NULL;", ";"),
    Mutant("packed-table-not-freed", "free list", DETACH, "kfree(desc);", ";"),
    Mutant("packed-table-freed-early", "free list", TABLE, "vq->packed.desc_state[id].indir_desc = desc;", "{ vq->packed.desc_state[id].indir_desc = desc; kfree(desc); }"),
    Mutant("packed-context-lost", "free list", DETACH, "*ctx = state->indir_desc;", "*ctx = NULL;"),
    Mutant("packed-unused-not-freed", "free list", UNUSED, "detach_buf_packed(vq, i, NULL);", "vq->packed.desc_state[i].data = NULL;"),
    # Event positions.
    Mutant("packed-kick-old-new", "event index", KICK, "vring_need_event(event_idx, new, old)", "vring_need_event(event_idx, old, new)"),
    Mutant("packed-kick-old-late", "event index", KICK, "old = vq->packed.next_avail_idx - vq->num_added;", "old = vq->packed.next_avail_idx - vq->num_added + 1;"),
    Mutant("packed-kick-old-early", "event index", KICK, "old = vq->packed.next_avail_idx - vq->num_added;", "old = vq->packed.next_avail_idx - vq->num_added - 1;", NEEDLESS),
    Mutant("packed-kick-lap-ignored", "event index", KICK, "event_idx -= vq->packed.vring.num;", ";"),
    Mutant("packed-kick-lap-inverted", "event index", KICK, "if (wrap_counter != vq->packed.avail_wrap_counter)", "if (wrap_counter == vq->packed.avail_wrap_counter)"),
    Mutant("packed-kick-position-ignored", "event index", KICK, "flags != VRING_PACKED_EVENT_FLAG_DESC", "1", NEEDLESS),
    Mutant("packed-get-position-late", "event index", GET, "cpu_to_le16(vq->last_used_idx));", "cpu_to_le16(vq->last_used_idx + 1));"),
    Mutant("packed-get-position-kept", "event index", GET, "event_flags_shadow == VRING_PACKED_EVENT_FLAG_DESC", "event_flags_shadow == VRING_PACKED_EVENT_FLAG_DISABLE"),
    Mutant("packed-enable-position-late", "event index", PREPARE, "cpu_to_le16(vq->last_used_idx);", "cpu_to_le16(vq->last_used_idx + 1);"),
    Mutant("packed-enable-position-without-its-lap", "event index", PREPARE, "cpu_to_le16(vq->last_used_idx);", "cpu_to_le16(packed_last_used(vq->last_used_idx));"),
    Mutant("packed-enable-position-missing", "event index", PREPARE, "vq->packed.vring.driver->off_wrap =", "(void)"),
    Mutant("packed-delayed-keeps-its-lap", "event index", DELAYED, "wrap_counter ^= 1;", ";"),
    Mutant("packed-delayed-over-the-end", "event index", DELAYED, "used_idx -= vq->packed.vring.num;", ";"),
    # Barriers.
    Mutant("packed-add-wmb", "barrier", ADD, "virtio_wmb(vq->weak_barriers);", ";", BARRIER),
    Mutant("packed-table-wmb", "barrier", TABLE, "virtio_wmb(vq->weak_barriers);", ";", BARRIER),
    Mutant("packed-kick-mb", "barrier", KICK, "virtio_mb(vq->weak_barriers);", ";", BARRIER),
    Mutant("packed-get-rmb", "barrier", GET, "virtio_rmb(vq->weak_barriers);", ";", BARRIER),
    Mutant("packed-get-store-mb", "barrier", GET, "virtio_store_mb(vq->weak_barriers,\n\t\t\t\t&vq->packed.vring.driver->off_wrap,\n\t\t\t\tcpu_to_le16(vq->last_used_idx));",
           "vq->packed.vring.driver->off_wrap = cpu_to_le16(vq->last_used_idx);", BARRIER),
    Mutant("packed-enable-wmb", "barrier", PREPARE, "virtio_wmb(vq->weak_barriers);", ";", BARRIER),
    Mutant("packed-head-first", "barrier", ADD, "if (i == head)\n\t\t\t\thead_flags = flags;\n\t\t\telse\n\t\t\t\tdesc[i].flags = flags;",
           "if (i == head)\n\t\t\t\thead_flags = flags;\n\t\t\tdesc[i].flags = flags;", BARRIER + ", and nobody looks between two of its stores"),
    Mutant("packed-kick-two-loads", "barrier", KICK, "snapshot.u32 = *(u32 *)vq->packed.vring.device;",
           "snapshot.flags = vq->packed.vring.device->flags; snapshot.off_wrap = vq->packed.vring.device->off_wrap;", BARRIER),
)  # fmt: skip
