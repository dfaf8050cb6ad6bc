"""The process that does one side's work and times it, driven by JSON lines.

Runs in the environment of a peer, so it uses nothing but the standard library. Requests come on
standard input, one object a line; each is answered by one object on standard output:

    {"do": "load", "file": ..., "function": ..., "given": {...}}  ->  {"ok": true}
    {"do": "run", "seconds": 0.3}  ->  {"calls": 12, "work": 12.0, "wall": 0.31, "cpu": 0.30}

A failure is answered with {"error": "..."} and the worker goes on listening.
"""

from __future__ import annotations

import gc
import json
import os
import sys
import time
import traceback
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any


def load(file: str, function: str, given: dict[str, Any]) -> Callable[[], float | None]:
    """Import the file by its path, call its function, and return the callable that it prepared."""
    path = Path(file)
    # In place of the harness's folder: its neighbours are the other files of the room.
    sys.path[0] = str(path.parent)
    prepared: Callable[[], float | None] = getattr(import_module(path.stem), function)(**given)
    return prepared


def run(call: Callable[[], float | None], seconds: float) -> dict[str, float]:
    """Call again and again until the seconds are over, at least once, and add up what it did."""
    gc.collect()
    calls, work = 0, 0.0
    wall, cpu = time.perf_counter(), time.process_time()
    while True:
        done = call()
        calls += 1
        work += 1.0 if done is None else float(done)
        spent = time.perf_counter() - wall
        if spent >= seconds:
            return {"calls": calls, "work": work, "wall": spent, "cpu": time.process_time() - cpu}


def serve() -> None:
    """Answer requests until standard input ends."""
    # What a library prints must not land among the answers.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    call: Callable[[], float | None] | None = None
    answer: dict[str, Any]
    for line in sys.stdin:
        request = json.loads(line)
        try:
            if request["do"] == "load":
                call = load(request["file"], request["function"], request["given"])
                answer = {"ok": True}
            else:
                assert call is not None, "run before load"
                answer = run(call, request["seconds"])
        except Exception as error:
            traceback.print_exc()
            answer = {"error": f"{type(error).__name__}: {error}"}
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


if __name__ == "__main__":
    serve()
