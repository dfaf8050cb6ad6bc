"""Ignores SIGTERM and the end of its input, and has children that do the same."""

import os
import signal
import time

from wire import SILENCE, note, serve

for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
    signal.signal(number, signal.SIG_IGN)
for _ in range(2):
    if os.fork() == 0:
        time.sleep(600)
        os._exit(0)
    note({"child": True})

serve({"hang": lambda message: SILENCE})
time.sleep(600)
