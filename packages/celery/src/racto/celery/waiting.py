"""Waiting for tasks by asking again and again, ever more seldom, in both voices and for all back ends.

Each pause is a fixed share of the time that was waited before, so that waiting adds that share at
most to a task's own time, and long tasks are asked for a few times a second.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from functools import partial
from typing import Any

from celery.backends.base import BaseKeyValueStoreBackend  # type: ignore[import-untyped]
from celery.result import assert_will_not_block  # type: ignore[import-untyped]

from racto.core.deadlines import Deadline
from racto.core.errors import APIConnectionError
from racto.core.flows import Flow, step

from .addresses import result_host_of
from .backends import backend_of, impatient
from .failures import translated
from .results import TaskResult, read, result_of

FIRST_PAUSE_S = 0.002
LONGEST_PAUSE_S = 0.25
SHARE = 0.1
"""Share of the time waited so far that the next pause has."""
PATIENCE_S = 15.0
"""Seconds for which a back end may be away while somebody waits."""
_MOST_AT_ONCE = 500


def waiting(app: Any, task_ids: Sequence[str], timeout_s: float | None) -> Flow[list[TaskResult]]:
    """Wait until all tasks have ended or the time is up; results in the order of the ids.

    Args:
        app: The Celery app.
        task_ids: The tasks.
        timeout_s: Seconds to wait at most; None waits as long as it takes.

    Raises:
        APIConnectionError: If the back end cannot be reached for 15 seconds, or until the time is
            up.
        RuntimeError: Inside a task, where waiting for another one could block all workers.
    """
    assert_will_not_block()
    deadline, begun = Deadline.after(timeout_s, clock=time.monotonic), time.monotonic()
    known: dict[str, TaskResult] = {}
    # An id given twice is asked for once.
    open_ids = list(dict.fromkeys(task_ids))
    away_since: float | None = None
    while True:
        try:
            found = yield from step(_read, _aread, app, open_ids)
        except APIConnectionError:
            # A back end that restarts takes some seconds; the tasks do not notice.
            away_since = away_since or time.monotonic()
            if deadline.expired or time.monotonic() - away_since > PATIENCE_S:
                raise
        else:
            away_since = None
            known.update(found)
            open_ids = [task_id for task_id in open_ids if not known[task_id].status.is_final]
        if not open_ids or deadline.expired:
            return [_told(known[task_id]) for task_id in task_ids]
        pause = max(FIRST_PAUSE_S, min(LONGEST_PAUSE_S, SHARE * (time.monotonic() - begun)))
        yield from step(time.sleep, _asleep, min(pause, deadline.remaining()))


def _told(found: TaskResult) -> TaskResult:
    return found if found.status.is_final else found.model_copy(update={"timed_out": True})


def _read(app: Any, task_ids: Sequence[str]) -> dict[str, TaskResult]:
    backend = impatient(backend_of(app))
    # The root of them all: Redis is no subclass of the one without "Base".
    if len(task_ids) == 1 or not isinstance(backend, BaseKeyValueStoreBackend):
        return {task_id: read(app, task_id) for task_id in task_ids}
    found: dict[str, TaskResult] = {}
    for at in range(0, len(task_ids), _MOST_AT_ONCE):
        some = task_ids[at : at + _MOST_AT_ONCE]
        keys = [backend.get_key_for_task(task_id) for task_id in some]
        where = partial(result_host_of, app)
        with translated(f"reading {len(some)} tasks", service="result back end", at=where):
            try:
                # One round trip for hundreds of tasks.
                values = backend.mget(keys)
            except NotImplementedError:
                return found | {task_id: read(app, task_id) for task_id in task_ids[at:]}
            by_key = values if hasattr(values, "items") else dict(zip(keys, values, strict=True))
            for task_id, key in zip(some, keys, strict=True):
                value = by_key.get(key)
                meta = backend.decode_result(value) if value else {"status": "PENDING"}
                found[task_id] = result_of(task_id, meta)
    return found


async def _aread(app: Any, task_ids: Sequence[str]) -> dict[str, TaskResult]:
    return await asyncio.to_thread(_read, app, task_ids)


async def _asleep(seconds: float) -> None:
    await asyncio.sleep(seconds)
