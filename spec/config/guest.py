"""The guest: its CPUs, and who polls beside the softirq."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from vrx.spec.config.group import Within
from vrx.spec.config.machine import Machine
from vrx.spec.linux.state import L


@dataclass(frozen=True)
class Guest(Machine):
    """Where Linux runs, and what of it polls.

    guest          "smp": atomic instructions of the guest drain its store buffer; "up": they do not
    irq            "same": one CPU takes the interrupt and polls; "other": CPU 1 takes the interrupt,
                   CPU 0 polls (threaded NAPI); "any": either CPU, and the one that schedules polls
    busy_poll      "same": a task on CPU 0 may poll the NAPI itself, when it likes and as often as it likes; "other":
                   on CPU 1, which takes interrupts where `irq` says so, and polls what is listed there
    netpoll        likewise who sends through netpoll (a console) and polls with a budget of 0 meanwhile
    gro_flush_timeout  the NAPI has a timer, which polls when it fires; a poll that holds packets back starts it
    defer_hard_irqs  so many polls that find nothing, one after the other, and those that leave the timer to poll
                   behind it, leave interrupts off and start the timer, so many in all
    enable_cb      with which function of the ring a completed NAPI asks for interrupts again: "prepare", as virtio_net
                   does for receive queues; "delayed": virtqueue_enable_cb_delayed(), which with the event index asks to
                   hear only when three quarters of what is out are used, as drivers may
    opens          who runs virtnet_open(): "softirq", as if nothing could come in between; "task", as in the C:
                   an interrupt and its poll may come in between once the NAPI is enabled
    """

    guest: Literal["smp", "up"] = "smp"
    irq: Literal["same", "other", "any"] = "same"
    busy_poll: Literal["no", "same", "other"] = "no"
    netpoll: Literal["no", "same", "other"] = "no"
    gro_flush_timeout: bool = False
    defer_hard_irqs: Annotated[int, Within(0, 15)] = 0
    enable_cb: Literal["prepare", "delayed"] = "prepare"
    opens: Literal["softirq", "task"] = "softirq"

    def wrong(self) -> Iterator[str]:
        yield from super().wrong()
        if not self.notify and (self.event_idx or self.irq != "same" or self.general):
            yield (
                "no notify: there is no event index, no interrupt and no general caller; use event_idx=False, irq=same"
            )
        yield from self._wrong_polls()
        if self.driver_lies and (self.busy_polls or self.netpolls or self.gro_flush_timeout or self.opens == "task"):
            yield (
                "hostile=driver with busy_poll, netpoll, gro_flush_timeout or opens=task: nothing of Linux is left; "
                "use none of them"
            )
        if self.delayed and (self.irq != "same" or self.busy_polls or self.netpolls or self.gro_flush_timeout):
            yield (
                "enable_cb=delayed with irq=other or any, busy_poll, netpoll or gro_flush_timeout: not modelled; "
                "use irq=same and none of them"
            )
        if self.delayed and (not self.notify or self.driver_lies):
            yield (
                "enable_cb=delayed with no notify or hostile=driver: nobody asks for interrupts there; "
                "use enable_cb=prepare"
            )
        if self.guest == "up" and self.irq != "same":
            yield f"guest=up with irq={self.irq}: a uniprocessor guest has one CPU; use irq=same"

    def _wrong_polls(self) -> Iterator[str]:
        """What goes together of all that polls beside the softirq."""
        if self.defer_hard_irqs and not self.gro_flush_timeout:
            yield (
                "defer_hard_irqs without gro_flush_timeout: interrupts are put off where a timer polls instead; "
                "use gro_flush_timeout=True with it"
            )
        if not self.notify and (self.busy_polls or self.netpolls or self.gro_flush_timeout):
            yield (
                "no notify with busy_poll, netpoll or gro_flush_timeout: a poll may begin at any time already; use none"
            )
        if self.netpolls and (self.busy_polls or self.gro_flush_timeout):
            yield "netpoll with busy_poll or gro_flush_timeout: not modelled; use one of them"
        if self.opens == "task" and (self.busy_polls or self.netpolls or not self.notify):
            yield "opens=task with busy_poll, netpoll or no notify: not modelled; use opens=softirq"
        if self.guest == "up" and "other" in (self.busy_poll, self.netpoll):
            yield "guest=up with a task on another CPU: a uniprocessor guest has one; use same"

    @property
    def delayed(self) -> bool:
        """Does a NAPI complete first, and ask for interrupts then, with delay?"""
        return self.enable_cb == "delayed"

    @property
    def asks_late(self) -> bool:
        """May the driver sleep beside a used entry that it did not ask to hear of?"""
        return self.delayed and self.size != 1

    @property
    def busy_polls(self) -> bool:
        """Does a task poll?"""
        return self.busy_poll != "no"

    @property
    def netpolls(self) -> bool:
        """Does somebody send through netpoll?"""
        return self.netpoll != "no"

    @property
    def others_poll(self) -> bool:
        """May napi_complete_done() find somebody who polls beside its caller, a task or netpoll?"""
        return self.busy_polls or self.netpolls

    @property
    def guest_cpus(self) -> int:
        """How many CPUs of the guest there are."""
        return 1 if self.irq == "same" and "other" not in (self.busy_poll, self.netpoll) else 2

    @property
    def last_point(self) -> int:
        """The last program point of Linux's contexts: those of other ways to poll stand behind the usual ones."""
        extra = self.busy_polls or self.netpolls or self.gro_flush_timeout
        own: list[Any] = [*self.layout.hardirq.points[1:], *self.layout.softirq.points[1:]]
        return int(max([max(L) if extra else L.VIRTQUEUE_POLL, *(max(points) for points in own)]))

    @property
    def last_device_point(self) -> int:
        """The last program point of QEMU's main loop."""
        return int(max(max(points) for points in self.layout.main.points))
