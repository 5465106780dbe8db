"""What all tests need of the process that they run in."""

from __future__ import annotations

import signal
import threading

if threading.current_thread() is threading.main_thread():
    # Started behind `&` or by nohup, a process ignores Ctrl-C, and so do all that it starts.
    signal.signal(signal.SIGINT, signal.default_int_handler)
