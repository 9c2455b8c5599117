"""What every test starts from."""

from __future__ import annotations

import signal

# A shell that starts the tests in the background has SIGINT ignored, programs inherit that, and Python then leaves
# Ctrl-C alone: the tests of Ctrl-C would wait for ever.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
