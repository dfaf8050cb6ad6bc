"""Brings up worker processes that have imported everything before: real ones, started in a moment.

Most of the time that a worker needs to start goes into imports. This process does them once, and
forks a worker for each line on standard input, an object of JSON with ``arguments`` of the command
``celery``, ``environment``, ``log`` (file of its output) and ``status`` (file that its exit status
is written to). It answers with the worker's process id. Whoever is left is killed when standard
input ends.
"""

from __future__ import annotations

import ctypes
import json
import os
import select
import signal
import sys
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any

_DEATH_SIGNAL = 1
"""``PR_SET_PDEATHSIG`` of Linux."""
ROOMS = """
celery.__main__ celery.bin.celery celery.apps.worker celery.apps.beat celery.backends.redis
celery.concurrency.prefork celery.worker.consumer celery.worker.autoscale celery.events.state
kombu.transport.redis kombu.transport.pyamqp redis
racto.celery.chords racto.celery.idempotency racto.celery.ingestion racto.celery.jobs
racto.celery.rates racto.celery.schedules racto.celery.streaming racto.celery.telemetry
racto.celery.worker racto.core.documents racto.core.telemetry racto.core.testing.fakes.jobs
racto.core.testing.fakes.kits racto.core.testing.fakes.limiters
"""


def serve() -> dict[str, Any] | None:
    """Fork workers until standard input ends; returns what to do in a worker, and None here."""
    living: dict[int, str] = {}
    rest = b""
    while True:
        # Woken now and then to see who has ended.
        readable, _, _ = select.select([0], [], [], 0.02)
        data = os.read(0, 65536) if readable else b""
        if readable and not data:
            break
        rest += data
        while b"\n" in rest:
            line, _, rest = rest.partition(b"\n")
            order: dict[str, Any] = json.loads(line)
            pid = os.fork()
            if not pid:
                return order
            living[pid] = order["status"]
            os.write(1, f"{pid}\n".encode())
        _reap(living)
    for pid in living:
        with suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGKILL)
    return None


def _reap(living: dict[int, str]) -> None:
    for pid, status in tuple(living.items()):
        ended, code = os.waitpid(pid, os.WNOHANG)
        if ended:
            del living[pid]
            # Whole or not at all: somebody waits for the file.
            part = Path(f"{status}.part")
            part.write_text(str(os.waitstatus_to_exitcode(code)))
            part.rename(status)


def become(order: dict[str, Any]) -> None:
    """Be a worker, as if its command had been started."""
    os.setsid()
    _end_with_parent()
    out = os.open(order["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    for descriptor, source in ((0, os.open(os.devnull, os.O_RDONLY)), (1, out), (2, out)):
        os.dup2(source, descriptor)
    os.environ.clear()
    os.environ.update(order["environment"])
    sys.argv = ["celery", *order["arguments"]]
    import_module("celery.__main__").main()


def _end_with_parent() -> None:
    """Let the kernel ask the worker to end when the nursery was killed; on Linux alone."""
    prctl = getattr(ctypes.CDLL(None), "prctl", None)
    if prctl is not None:
        prctl(_DEATH_SIGNAL, signal.SIGTERM)


if __name__ == "__main__":
    for room in ROOMS.split():
        import_module(room)
    work = serve()
    if work is not None:
        become(work)
