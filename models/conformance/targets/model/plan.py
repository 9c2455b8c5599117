"""How `vrx conform` makes the targets `spec-driver` and `spec-device`, and the exhibits that are planted in them."""

from typing import Final

from vrx.models.conformance.protocol import Fault, Plan

BARRIER: Final = "a barrier: one thread runs both sides in turn"
OF_DRIVER: Final = (
    Fault("complete-without-poll", "museum"),
    Fault("skip-event-when-triggered", "museum"),
    Fault("free-before-used", "museum"),
    Fault("free-list-head-only", "museum"),
    Fault("chains-counted-as-descriptors", "museum"),
    Fault("kick-test-equality", "museum"),
    Fault("avail-wrap-off-by-one", "museum"),
    Fault("mask-on-odd-ring", "museum"),
    Fault("packed-frees-one-id", "museum"),
    Fault("mask-on-odd-ring-list", "museum"),
    Fault("avail-wrap-off-by-one-list", "museum"),
    Fault("complete-no-barrier", "museum", BARRIER),
    Fault("kick-no-barrier", "museum", BARRIER),
)
OF_DEVICE: Final = (
    Fault("park-no-recheck", "museum"),
    Fault("park-recheck-sufficiency", "museum"),
    Fault("park-recheck-nonempty", "museum"),
    Fault("cached-used-event", "museum"),
    Fault("drop-without-unpop", "museum"),
    Fault("used-id-of-last-descriptor", "museum"),
    Fault("used-len-of-last-descriptor", "museum"),
    Fault("header-counted-twice", "museum"),
    Fault("filled-past-its-end", "museum"),
    Fault("unpop-keeps-inuse", "museum"),
    Fault("used-index-before-entry", "museum"),
    Fault("event-test-equality", "museum"),
    Fault("signalled-used-modulo-n", "museum"),
    Fault("packed-head-not-last", "museum"),
    Fault("packed-length-behind-flags", "museum"),
    Fault("packed-list-counted-as-one", "museum"),
    Fault("park-no-barrier", "museum", BARRIER),
    Fault("notify-no-barrier", "museum", BARRIER),
)
PLANS = (
    Plan(
        name="spec-driver",
        make="vrx.models.conformance.targets.model.spec_driver:SpecDriver",
        side="driver",
        about="the model of Linux's virtqueue functions, on real ring bytes",
        model="linux",
        faults=OF_DRIVER,
        exhibits=True,
    ),
    Plan(
        name="spec-device",
        make="vrx.models.conformance.targets.model.spec_device:SpecDevice",
        side="device",
        about="the model of QEMU's receive path, on real ring bytes",
        model="qemu",
        faults=OF_DEVICE,
        exhibits=True,
    ),
)
