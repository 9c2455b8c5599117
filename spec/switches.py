"""The switches of a configuration, and why a question that needs one has no meaning where it stands otherwise."""

from __future__ import annotations

from collections.abc import Callable

from vrx.spec.config import Config
from vrx.spec.standard.config import PeerConfig, StandardConfig
from vrx.spec.switch import Reason, Switch


def _switch(
    name: str, on: Callable[[Config], bool], off: Reason | None = None, *, where_on: Reason | None = None
) -> Switch:
    return Switch(name, on, off, where_on)


NOTIFY = _switch(
    "notify",
    lambda c: c.notify,
    Reason(
        "each side may look at any time (notify=False): nobody waits for a kick or an interrupt, and nothing "
        "ever comes to rest"
    ),
)
EVENTS = _switch(
    "events",
    lambda c: c.events,
    Reason("no event index is written on a ring of this layout, or none without event_idx=True"),
)
EVENT_IDX = _switch(
    "event_idx",
    lambda c: c.event_idx,
    Reason("the driver asks for quiet by a flag, not by a position", ("event_idx=True",)),
    where_on=Reason("the event index is negotiated, so whatever is written as one is allowed", ("event_idx=False",)),
)
DATA = _switch(
    "data",
    lambda c: c.data,
    Reason("descriptors, contents and lengths are not part of the state", ("data=True",)),
)
INDIRECT_DESC = _switch("indirect", lambda c: c.indirect)
CHAINS = _switch("chains", lambda c: c.data and c.segments > 1)
MERGEABLE = _switch(
    "mergeable",
    lambda c: c.mergeable,
    Reason("buffers do not merge, and QEMU writes no num_buffers", ("mergeable=True",)),
)
IN_ORDER = _switch(
    "in_order",
    lambda c: isinstance(c, (StandardConfig, PeerConfig)) and c.in_order,
    Reason("buffers may come back in any order", ("standard(in_order=True)",)),
)
LENGTHS = _switch(
    "lengths",
    lambda c: isinstance(c, StandardConfig) and c.lengths,
    Reason("capacities and used lengths are not part of the state", ("standard(lengths=True)",)),
)
WATCH = _switch("watch", lambda c: c.watch)
PACKETS = _switch(
    "packets",
    lambda c: c.packets,
    Reason("no packet can be told from another", ("watch=True", "data=True")),
)
POSITIONS = _switch(
    "positions", lambda c: c.positions, Reason("no buffer can be told from another", ("positions=True",))
)
SYMMETRY = _switch(
    "symmetry",
    lambda c: c.symmetry,
    Reason("every buffer keeps the number that the driver gives it", ("symmetry=True",)),
)
DECISIONS = _switch(
    "decisions",
    lambda c: c.decisions,
    Reason(
        "what a side saw when it decided to notify, or to drop a packet, is not part of the state",
        ("decisions=True",),
    ),
)
FITS = _switch(
    "fits",
    lambda c: c.fits,
    Reason(
        "a packet may be too large for what the driver posts, and is dropped then",
        ("max_packet=1, mergeable=True or larger buffers",),
    ),
    where_on=Reason("every packet that comes fits", ("a larger max_packet",)),
)
FILTER = _switch(
    "filter",
    lambda c: c.filter,
    Reason("no filter refuses a packet", ("filter=True",)),
    where_on=Reason("the device's receive filter may refuse any packet", ("filter=False",)),
)
STOPS = _switch(
    "stops",
    lambda c: c.stops,
    Reason("nobody stops the machine", ("stops=True",)),
    where_on=Reason("a machine that is stopped loses what comes meanwhile", ("stops=False",)),
)
GENERAL = _switch(
    "general",
    lambda c: c.general,
    where_on=Reason(
        "the most general caller (caller=any) has no packets, and puts off as long as it likes what it owes"
    ),
)
LIAR = _switch(
    "liar",
    lambda c: c.liar,
    Reason("neither side lies", ("hostile=device", "hostile=driver")),
    where_on=Reason(
        "a side that lies (hostile=device, hostile=driver) breaks it, and the other side cannot help that"
    ),
)
DEVICE_LIES = _switch(
    "device_lies",
    lambda c: c.device_lies,
    Reason("no device lies here", ("hostile=device",)),
    where_on=Reason("a device that lies (hostile=device) stands in the place of QEMU"),
)
DRIVER_LIES = _switch(
    "driver_lies",
    lambda c: c.driver_lies,
    Reason("no driver lies here", ("hostile=driver",)),
    where_on=Reason("a driver that lies (hostile=driver) stands in the place of Linux"),
)
DELAYED = _switch("delayed", lambda c: c.delayed)
ASKS_LATE = _switch(
    "asks_late",
    lambda c: c.asks_late,
    Reason("the driver asks to hear of the next used entry", ("enable_cb=delayed with event_idx=True",)),
    where_on=Reason(
        "with enable_cb=delayed and the event index the driver asks to hear only when most of what is out is used",
        ("enable_cb=prepare",),
    ),
)
BUSY_POLLS = _switch("busy_polls", lambda c: c.busy_polls)
NETPOLLS = _switch("netpolls", lambda c: c.netpolls)
OTHERS_POLL = _switch("others_poll", lambda c: c.others_poll)
GRO_FLUSH_TIMEOUT = _switch("gro_flush_timeout", lambda c: c.gro_flush_timeout)
