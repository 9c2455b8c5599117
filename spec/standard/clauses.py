"""The rules that matter to a split virtqueue and to receiving, by number, in this project's words.

A number is the section of VIRTIO 1.4 (Committee Specification 01) and the place of the
rule among the key words of that section.  Rules that the text states without a key word
have numbers that begin with P.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Clause:
    """One rule.  who: device, driver, or both; level: the key word, or RULE where there is none."""

    id: str
    who: str
    level: str
    text: str


_DEVICE = """
2.1.2-1 MUST NOT | before DRIVER_OK it takes no buffer and sends no used-buffer notification
2.4.1-2 MUST NOT | after a reset, until set up again, it neither notifies nor uses queues
2.6.1.1.1-1 MUST NOT | a queue that was reset executes nothing more and notifies nobody
2.6.1.1.1-2 MUST | a queue reset puts every part of the queue back to its initial state
2.7.4.1-1 MUST NOT | it makes no assumption about how a buffer is divided into descriptors
2.7.5.1-1 MUST NOT | it does not write to a buffer that it may only read
2.7.5.1-4 MUST NOT | it does not change the descriptor table
2.7.5.3.2-1 MUST | it ignores WRITE on a descriptor that refers to an indirect table
2.7.5.3.2-2 MUST | it handles a chain that ends in one indirect descriptor
2.7.7.2-1 MUST | without EVENT_IDX it ignores used_event
2.7.7.2-2 SHOULD NOT | without EVENT_IDX it does not notify while avail.flags is 1
2.7.7.2-3 MUST | without EVENT_IDX it notifies after it used a buffer while avail.flags is 0
2.7.7.2-4 MUST | with EVENT_IDX it ignores the low bit of avail.flags
2.7.7.2-5 MUST | with EVENT_IDX it notifies when the used entry at position used_event is published
2.7.7.2-6 SHOULD NOT | with EVENT_IDX it does not notify when used_event was not passed
2.7.8.2-1 MUST | len (and id) of a used entry are written before used.idx moves over it
2.7.8.2-2 MUST | what len announces is in the buffer before used.idx moves over the entry
2.7.8.2-3 MAY | it may have written more than len says
2.7.10.2-1 MUST | without EVENT_IDX used.flags is 0 or 1
2.7.10.2-2 MAY | without EVENT_IDX it may set used.flags to 1, a hint that kicks are not needed
2.7.10.2-3 MUST | with EVENT_IDX used.flags stays 0
2.7.10.2-4 MAY | with EVENT_IDX it may name in avail_event the position whose available entry shall bring a kick
2.7.10.2-5 MUST | it handles a kick that announces nothing new
2.7.13.3-1 MAY | it may use an available buffer as soon as avail.idx has moved over it
2.7.13.4-1 MAY | it may suppress kicks that it does not need
2.8.12-1 MUST | packed: it begins to process available descriptors in the order of the ring
2.8.12-2 MUST | packed: it begins to write used descriptors in the order in which it completes buffers
2.8.12-3 MAY | packed: used descriptors, once begun, may become visible in another order
2.8.15-1 MUST NOT | packed: it does not write to a buffer that it may only read
2.8.15-3 MUST NOT | packed: it does not change a descriptor before it has seen AVAIL change
2.8.15-4 MUST NOT | packed: it does not change a descriptor after it has changed USED
2.8.18-1 MUST | packed: it uses the descriptors of a list in the order in which they were made available
2.8.18-2 MAY | packed: it may limit the length of lists
2.8.21.1-2 MAY | packed: it may use a buffer as soon as the flags of its first descriptor have changed
2.8.21.2-1 MAY | packed: it may suppress kicks by its event suppression structure
3.4.2-3 MUST NOT | while suspended it sends no queue notification and uses no queue
4.2.2.1-4 MUST NOT | MMIO: it does not touch a queue whose QueueReady is 0
5.1.4.1-5 MUST NOT | with MTU it passes no frame larger than the MTU and the Ethernet header, GSO aside
5.1.9.3.2-1 MUST | num_buffers is the number of buffers that the packet occupies
5.1.9.3.2-2 MUST | without MRG_RXBUF a packet occupies one buffer
5.1.9.4.1-1 MUST | without MRG_RXBUF num_buffers is 1
5.1.9.4.1-2 MUST | with MRG_RXBUF num_buffers counts the buffers of header and packet
5.1.9.4.1-3 MUST | all buffers of a packet but the last are filled completely
5.1.9.4.1-4 MUST | a packet's buffers become visible together
5.1.9.4.1-5 MUST | without GUEST_CSUM the header's flags are 0
5.1.9.4.1-6 SHOULD | without GUEST_CSUM packets come with complete checksums
5.1.9.4.1-7 MUST NOT | gso_type TCPV4 only with GUEST_TSO4
5.1.9.4.1-8 MUST NOT | gso_type UDP only with GUEST_UFO
5.1.9.4.1-9 MUST NOT | gso_type TCPV6 only with GUEST_TSO6
5.1.9.4.1-10 MUST NOT | gso_type UDP_L4 only with GUEST_USO4 or GUEST_USO6
5.1.9.4.1-17 MAY | with GUEST_CSUM it may set NEEDS_CSUM
5.1.9.4.1-19 MUST | NEEDS_CSUM: the checksum field holds the sum of the pseudo header
5.1.9.4.1-20 MUST | NEEDS_CSUM: summing from csum_start and storing at csum_offset completes the packet
5.1.9.4.1-26 MUST | without any guest GSO feature gso_type is NONE
5.1.9.4.1-27 MUST | a gso_type other than NONE comes with NEEDS_CSUM
5.1.9.4.1-28 MUST | a gso_type other than NONE comes with a gso_size
5.1.9.4.1-32 MAY | with GUEST_CSUM it may set DATA_VALID
5.1.9.4.1-33 MUST | DATA_VALID: it has checked the (outermost) checksum
6.2-5 MUST | with IN_ORDER buffers are used in the order in which they were made available
P-2.7.8-1 RULE | a used entry names the head of a buffer that is available and not yet used
P-2.7.8-2 RULE | len is the number of bytes written into the writable part: no more than it holds
P-2.7.8-3 RULE | used.idx starts at 0, counts freely, and never goes back
P-2.7.9-1 RULE | IN_ORDER: one used entry, with the last head, may stand for a batch; used.idx counts all of it
P-2.7.9-2 RULE | IN_ORDER: the entry of a batch stands where the batch begins
P-2.7.9-3 RULE | IN_ORDER: the buffers of a batch that have no entry were used completely
P-2.8.1-3 RULE | packed: it flips its wrap counter after using the last slot
P-2.8.1-5 RULE | packed: USED and AVAIL equal its wrap counter in a used descriptor
P-2.8.3-1 RULE | packed: WRITE in a used descriptor says whether anything was written
P-2.8.4-1 RULE | packed: len of a used descriptor is the length that was written
P-2.8.6-4 RULE | packed: one used descriptor for a list; it skips the length of the list
P-2.8.8-1 RULE | packed, IN_ORDER: one used descriptor, with the last ID, in the first slot of the batch
P-2.8.8-2 RULE | packed, IN_ORDER: skipped buffers were used completely
P-2.8.9-1 RULE | packed: the first used descriptor of a packet is published last
P-2.6-1 RULE | it reports the used length of each buffer
P-2.6-2 RULE | without IN_ORDER buffers may come back in any order
P-5.1.9-1 RULE | every packet is preceded by a header, in its first buffer
P-5.1.9.4-2 RULE | num_buffers counts the first buffer too; the others have no header
P-5.1.9.4-3 RULE | when the first buffer of a packet can be seen, all of its num_buffers can
P-5.1.9.4-4 RULE | num_buffers 1: the whole packet follows the header in that buffer
"""

_WHOLE_DEVICE = """
2.1.2-2 SHOULD | it sets DEVICE_NEEDS_RESET when it cannot go on
2.1.2-3 MUST | when it sets DEVICE_NEEDS_RESET after DRIVER_OK it announces a configuration change
2.2.2-1 MUST NOT | it offers no feature without the feature that this one needs
2.2.2-2 SHOULD | it accepts every valid subset of the features that it offers
2.2.2-5 SHOULD NOT | it refuses no set of features that it accepted before a reset
2.2.2-4 MUST NOT | it offers no feature that it could not provide
2.4.1-1 MUST | a reset makes the status 0
2.6.1.2.1-1 MUST | a queue that is enabled again is as the driver has set it up then
4.1.4.3.1-1 MUST | PCI: a write of 0 to device_status resets it, and then reads 0
4.1.4.3.1-2 MUST | PCI: after a reset queue_enable of every queue is 0
4.1.4.3.1-3 MUST | PCI, RING_RESET: after a reset queue_reset of every queue is 0
4.1.4.3.1-4 MUST | PCI, RING_RESET: queue_reset of a queue that is enabled again is 0
4.1.4.3.1-5 MUST | PCI, RING_RESET: a write of 1 to queue_reset resets the queue
4.1.4.3.1-7 MUST | PCI, RING_RESET: after a queue's reset its queue_reset and queue_enable are 0
4.1.4.3.1-8 MUST | PCI: queue_size of a queue that is not there is 0
4.1.4.3.1-9 MUST | PCI: queue_size of a split queue is 0 or a power of two
4.2.2.1-1 MUST | MMIO: a bit of InterruptStatus stays set until it is acknowledged
4.2.2.1-2 MUST | MMIO: a bit of InterruptStatus whose event did not happen is 0
4.2.2.1-3 MUST | MMIO: a reset clears InterruptStatus and QueueReady of every queue
4.2.2.1-7 MUST | MMIO, RING_RESET: a write of 1 to QueueReset resets the queue
5.1.4.1-1 MUST | with MQ max_virtqueue_pairs is 1 to 32768
5.1.4.1-2 MUST | with MTU mtu is 68 to 65535
5.1.4.1-4 MUST NOT | it does not change mtu
5.1.4.1-7 MUST | with RSS or HASH_REPORT rss_max_key_size is 40 or more
5.1.4.1-8 MUST | with RSS rss_max_indirection_table_length is 128 or more
5.1.4.1-10 MUST | with SPEED_DUPLEX speed is in Mbit/s, or unknown
5.1.4.1-11 MUST | with SPEED_DUPLEX duplex is full, half or unknown
5.1.4.1-14 SHOULD NOT | it does not offer CTRL_RX_EXTRA without CTRL_VQ
5.1.9.5.1.1-1 MUST | with CTRL_RX it has the commands PROMISC and ALLMULTI
5.1.9.5.1.1-2 SHOULD | promiscuous: it passes every packet
5.1.9.5.1.1-3 SHOULD | promiscuous overrides the other modes
5.1.9.5.1.1-4 SHOULD | all-multicast: it passes every multicast packet
5.1.9.5.1.1-5 MUST | with CTRL_RX_EXTRA it has the commands ALLUNI, NOMULTI, NOUNI and NOBCAST
5.1.9.5.1.1-6 SHOULD | all-unicast: it passes every unicast packet
5.1.9.5.1.1-7 SHOULD NOT | no-multicast: it passes no multicast packet
5.1.9.5.1.1-8 SHOULD | no-multicast overrides all-multicast
5.1.9.5.1.1-9 SHOULD NOT | no-multicast holds no broadcast back
5.1.9.5.1.1-10 SHOULD NOT | no-unicast: it passes no unicast packet
5.1.9.5.1.1-11 SHOULD | no-unicast overrides all-unicast
5.1.9.5.1.1-12 SHOULD NOT | no-broadcast: it passes no broadcast packet
5.1.9.5.1.1-13 SHOULD | no-broadcast overrides all-multicast
5.1.9.5.2.1-1 MUST | after a reset the MAC table is empty
5.1.9.5.2.1-2 MUST | a new MAC table is in force before its command is answered
5.1.9.5.2.1-3 MUST | a new MAC address is in the configuration before its command is answered
5.1.9.5.2.1-4 SHOULD | it drops packets for addresses that are neither its own nor in the table
5.1.9.5.3.1-1 MUST | without CTRL_VLAN it passes packets of every VLAN
5.1.9.5.3.1-2 MUST | with CTRL_VLAN it passes packets of the VLANs in its table
5.1.9.5.3.1-3 SHOULD | with CTRL_VLAN it drops packets of other VLANs
6.2-1 MUST | it offers VERSION_1
"""
"""About the registers, the configuration and the filters around the receive queue: what checks of a target look at."""

_DRIVER = """
2.7.1-1 MUST | the parts of a queue are aligned: descriptors 16, available ring 2, used ring 4
2.7.4.2-1 MUST | in a buffer what the device reads comes before what it writes
2.7.5.2-1 MUST NOT | a chain is no longer than 2^32 bytes, so it has no loop
2.7.5.3.1-1 MUST NOT | INDIRECT only with INDIRECT_DESC
2.7.5.3.1-2 MUST NOT | no indirect table within an indirect table
2.7.5.3.1-3 MUST NOT | a chain has no more descriptors than the queue
2.7.5.3.1-4 MUST NOT | INDIRECT and NEXT not in one descriptor
2.7.6.1-1 MUST NOT | avail.idx never goes back: what is available cannot be taken back
2.7.7.1-1 MUST | without EVENT_IDX avail.flags is 0 or 1
2.7.7.1-2 MAY | without EVENT_IDX it may set avail.flags to 1, a hint that interrupts are not needed
2.7.7.1-3 MUST | with EVENT_IDX avail.flags stays 0
2.7.7.1-4 MAY | with EVENT_IDX it may name in used_event the position whose used entry shall bring an interrupt
2.7.7.1-5 MUST | it handles an interrupt that announces nothing new
2.7.8.3-1 MUST NOT | it relies on nothing in a buffer beyond len
2.7.8.3-2 SHOULD | it ignores what is in a buffer beyond len
2.7.10.1-1 MUST | it sets used.flags to 0 when it sets the ring up
2.7.10.1-2 MUST | without EVENT_IDX it ignores avail_event
2.7.10.1-3 SHOULD NOT | without EVENT_IDX it does not kick while used.flags is 1
2.7.10.1-4 MUST | without EVENT_IDX it kicks after it made a buffer available while used.flags is 0
2.7.10.1-5 MUST | with EVENT_IDX it ignores the low bit of used.flags
2.7.10.1-6 MUST | with EVENT_IDX it kicks when the available entry at position avail_event is published
2.7.10.1-7 SHOULD NOT | with EVENT_IDX it does not kick when avail_event was not passed
2.7.13-1 MAY | it may place several buffers before it moves the index once
2.7.13.2-2 MAY | it may add several heads before it moves the index: only that makes them visible
2.7.13.3.1-1 MUST | a barrier separates descriptors and entries from the move of avail.idx
2.7.13.4.1-1 MUST | a full barrier separates the move of avail.idx from the look at used.flags or avail_event
2.7.14-1 MAY | it may disable interrupts while it drains, if it minds the moment of enabling them
2.8.11-1 MUST | packed: the parts of a queue are aligned: descriptors 16, event suppression structures 4
2.8.16-1 MUST NOT | packed: it does not change a descriptor before it has seen USED change
2.8.16-2 MUST NOT | packed: it does not change a descriptor after it has changed AVAIL
2.8.16-3 MUST | NOTIFICATION_DATA: a kick carries where the driver will publish next
2.8.16-4 MAY | kicks may be repeated without new buffers
2.8.17-1 MUST NOT | packed: a list is no longer than the device allows
2.8.17-2 MUST NOT | packed: a list has no more descriptors than the queue
2.8.17-3 MUST | packed: in a list what the device reads comes before what it writes
2.8.17-4 MUST NOT | packed: a list does not wait for the device to free descriptors
2.8.17-5 MUST | packed: there is room for a whole list before its first descriptor is made available
2.8.17-6 MUST NOT | packed: the first descriptor of a list is not made available before the others
2.8.19-1 MUST NOT | packed: INDIRECT only with INDIRECT_DESC
2.8.19-2 MUST NOT | packed: no flag but WRITE in an indirect table
2.8.19-3 MUST NOT | packed: an indirect table is no longer than the device allows
2.8.19-4 MUST NOT | packed: INDIRECT not in a list
2.8.21.1-1 MAY | packed: it may make the first descriptor of a list available when the others are
2.8.21.1.1-1 MUST | packed: a barrier separates a descriptor from the change of its flags
2.8.21.3.1-1 MUST | packed: a full barrier separates publication from the look at the event structure
2.8.22-1 MAY | packed: it may disable interrupts while it drains, if it minds the moment of enabling them
3.1.1-7 MUST NOT | it does not kick before DRIVER_OK
3.3.1-1 MUST NOT | on a live queue it does not touch the entries of a buffer that is available and not used
3.3.1-2 MUST | it resets the device before it takes available buffers away
3.4.1-3 MUST NOT | after SUSPEND it makes no more buffers available
3.4.1-4 MUST NOT | after SUSPEND it kicks no queue
5.1.4.2-8 MUST | with MTU it posts enough buffers for one frame of that size
5.1.9.3.1-1 SHOULD | without MRG_RXBUF, with guest GSO: buffers of at least 65601 bytes (65609 with HASH_REPORT)
5.1.9.3.1-2 SHOULD | without MRG_RXBUF, without guest GSO: buffers of at least 1526 bytes (1534 with HASH_REPORT)
5.1.9.3.1-3 MUST | with MRG_RXBUF every buffer holds at least a header
5.1.9.3.1-4 MUST | the size of the header follows from the features: 12, 20, 24 or 32 bytes
5.1.9.4.2-1 MUST | it ignores flags of the header that it does not know
5.1.9.4.2-4 MUST NOT | it uses csum_start and csum_offset only with NEEDS_CSUM and without RSC_INFO
5.1.9.4.2-6 MUST NOT | it does not rely on hdr_len
5.1.9.4.2-7 MUST NOT | without NEEDS_CSUM and DATA_VALID it does not rely on the checksum
6.1-8 MUST | with ORDER_PLATFORM its barriers are strong enough for hardware
P-2.7-1 RULE | the size of a split queue is a power of two up to 32768, and a head is less than it
P-2.7.6-1 RULE | avail.idx starts at 0 and counts freely; the entry of a position is position modulo size
P-2.7.13-1 RULE | order of making available: descriptors, entry, barrier, index, barrier, look, kick
P-2.7.13-2 RULE | the available ring cannot overflow: free descriptors run out first
P-2.7.13.3-1 RULE | once avail.idx has moved, chain and contents are the device's
P-2.7.14-1 RULE | after it has enabled interrupts it looks at the used ring once more, with a barrier between
P-2.8.1-2 RULE | packed: it flips its wrap counter after making the last slot available
P-2.8.1-4 RULE | packed: AVAIL equals its wrap counter, USED does not, in an available descriptor
P-2.8.6-1 RULE | packed: the last descriptor of a list carries the buffer ID
P-2.8.6-2 RULE | packed: the first descriptor of a list is published last
P-2.8.6-3 RULE | packed: every descriptor of a list carries correct flags
P-2.8.6-5 RULE | packed: it ignores NEXT in a used descriptor
P-2.8.7-1 RULE | packed: the entries of an indirect table follow each other, only WRITE has a meaning
P-2.8.7-2 RULE | packed: WRITE on a descriptor that refers to an indirect table has no meaning
P-2.8.13-1 RULE | packed: the descriptor ring starts as zeros
P-2.8.21.1-1 RULE | packed: address, length and id, then a barrier, then flags
P-2.8.21.1-2 RULE | packed: an ID is less than the size of the queue (the printed example asserts it, no rule says it)
P-2.8.22-1 RULE | packed: after it has enabled interrupts it looks once more, with a barrier between
P-2.9-1 RULE | NOTIFICATION_DATA on a split queue: a kick carries avail.idx
P-2.9-2 RULE | kicks repeated with nothing new available carry the same data
P-3.3-1 RULE | with DRIVER_OK all configured queues are live, after a reset none is
P-5.1.9.3-1 RULE | the largest frame is 65589 bytes with guest GSO, else 1514
P-5.1.9.4-1 RULE | the usual loop: disable interrupts, drain, enable
"""

_BOTH = """
P-2.8.1-1 RULE | packed: each side has a wrap counter that starts at 1
P-2.8.1-6 RULE | packed: AVAIL differs from USED in an available descriptor, but not only there
P-2.8.2-1 RULE | packed: each side looks at one slot, the next one
P-2.8.2-2 RULE | packed: one used descriptor may stand for several; both sides skip them
P-2.8.10-1 RULE | packed: event flags are 0 enable, 1 disable, 2 at one position (EVENT_IDX), 3 reserved
P-2.8.10-2 RULE | packed: with flags 2 the event is the named slot under the named wrap counter
P-2.8.10-3 RULE | packed: who has published is expected to look at the other's event structure
P-2.8.10.1-1 RULE | packed: the size is any number up to 32768
P-6-1 RULE | without ORDER_PLATFORM barriers among processors suffice
"""


def _read(who: str, lines: str) -> dict[str, Clause]:
    rules = {}
    for line in lines.strip().splitlines():
        head, _, text = line.partition(" | ")
        number, _, level = head.partition(" ")
        rules[number] = Clause(number, who, level, text)
    return rules


CLAUSES: dict[str, Clause] = {
    **_read("device", _DEVICE),
    **_read("device", _WHOLE_DEVICE),
    **_read("driver", _DRIVER),
    **_read("both", _BOTH),
}
"""Every rule, by its number."""
