"""The life of the process: lock, load, say so, take one job, lock for good, run it, answer, end."""

from __future__ import annotations

import gc
import io
import json
import os
import sys
from types import ModuleType
from typing import Any, NamedTuple

from . import analysis, channel, libraries, limits

_JOB, _REPLY = 0, 1


class Plan(NamedTuple):
    """What the parent wants, from the command line."""

    engine: str
    locked: bool
    sites: list[str]
    readable: list[str]
    listable: list[str]
    timeout_s: float
    memory_bytes: int
    max_output_bytes: int


def main(text: str) -> None:
    """Live and end; nothing returns to the interpreter's own way out."""
    plan = Plan(**json.loads(text))
    try:
        told = _lock_for_loading(plan)
        sys.path.extend(plan.sites)
        # Nothing of what is imported is garbage, and looking for it takes a tenth of the time.
        gc.disable()
        ready = libraries.load(plan.engine)
        gc.freeze()
        gc.enable()
        analysis.remember_paths(plan.sites)
        told |= {"kind": "ready", "resident": limits.resident()}
    except (OSError, ImportError, KeyError) as error:
        _send(
            {
                "kind": "unavailable",
                "text": f"{type(error).__name__}: {error.strerror if isinstance(error, OSError) and error.strerror else error}",
            }
        )
        os._exit(0)
    _send(told)
    reader = os.fdopen(_JOB, "rb", buffering=1 << 20)
    job = channel.receive(reader.read)
    reader.close()
    # The end of the stream instead of a job: the parent needs no one here, or is gone.
    if job is not None:
        _work(plan, ready, *job)
    os._exit(0)


def _lock_for_loading(plan: Plan) -> dict[str, Any]:
    """Bind this thread before a library can start another, which would stay free."""
    limits.before_loading()
    if not plan.locked:
        return {"landlock": 0}
    from . import calls, filters, landlock, privileges

    privileges.renounce()
    version = landlock.restrict(plan.readable, plan.listable)
    filters.install(calls.while_loading(), filters.ALLOW, threads=False)
    return {"landlock": version}


def _lock_for_running(plan: Plan) -> None:
    """The second lock, on every thread, before a byte of the user's is looked at."""
    limits.before_running(plan.timeout_s, plan.memory_bytes)
    libraries.close()
    if not plan.locked:
        return
    from . import calls, filters, privileges

    # A grace past the parent's own clock, for the case that the parent is gone.
    limits.end_after(plan.timeout_s + 2.0)
    privileges.become_nobody()
    filters.install(calls.while_running(), filters.DENY, threads=True)


def _work(
    plan: Plan, ready: dict[str, ModuleType], head: dict[str, Any], blobs: list[bytes]
) -> None:
    try:
        _lock_for_running(plan)
    except OSError as error:
        _send({"kind": "unavailable", "text": error.strerror or str(error)})
        return
    _send({"kind": "started"})
    try:
        frame = _frame(plan.engine, ready, blobs.pop())
    except BaseException as error:
        _send(analysis.failure(error))
        return
    printable = int(head["printable"])
    reply, frames = analysis.carry_out(head["code"], frame, plan.engine, ready, printable)
    size = sum(map(len, frames)) + len(json.dumps(reply))
    if size > plan.max_output_bytes:
        _send({"kind": "large", "size": size})
        return
    _send(reply, frames)


def _frame(engine: str, ready: dict[str, ModuleType], data: bytes) -> Any:
    if engine == "polars":
        polars: Any = ready["pl"]
        return polars.read_ipc_stream(io.BytesIO(data))
    arrow: Any = sys.modules["pyarrow"]
    table = arrow.ipc.open_stream(data).read_all()
    # Days of a polars frame as pandas counts them; those of a pandas frame stay as they were.
    return table.to_pandas(date_as_object=table.schema.pandas_metadata is not None)


def _send(head: dict[str, Any], blobs: list[bytes] | None = None) -> None:
    for piece in channel.packed(head, blobs or []):
        left = memoryview(piece)
        while left:
            left = left[os.write(_REPLY, left) :]
