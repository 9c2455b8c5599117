"""The locked instructions of a guest: each can be taken out of a system, as a barrier can."""

from __future__ import annotations

from typing import Any

from vrx.spec.config import Config
from vrx.spec.switches import BUSY_POLLS, GRO_FLUSH_TIMEOUT, NETPOLLS

LOCKS = ("napi_schedule_prep__lock", "napi_complete_done__lock", "napi_enable__lock", "wake_up_process__lock")
"""The locked instructions of every system."""
LOCKS_OF = {
    BUSY_POLLS: ("napi_busy_loop__lock", "busy_poll_stop__lock", "busy_poll_stop__in_busy_poll__lock"),
    GRO_FLUSH_TIMEOUT: ("hrtimer_start__lock", "hrtimer_interrupt__lock", "napi_watchdog__lock"),
    NETPOLLS: ("poll_napi__lock", "poll_one_napi__lock", "poll_one_napi__clear__lock", "netpoll_poll_lock__lock"),
}
"""Those of whoever polls beside the softirq, where it does."""


def locks(cfg: Any) -> tuple[str, ...]:
    """The locked instructions of systems with this configuration."""
    others = [names for where, names in LOCKS_OF.items() if isinstance(cfg, Config) and where.holds(cfg)]
    return (*LOCKS, *(name for names in others for name in names))
