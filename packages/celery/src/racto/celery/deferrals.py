"""Putting a task off: the same task sent again for later, without counting as a failed run."""

from __future__ import annotations

import random
import time
from typing import Any, NoReturn

from celery.exceptions import Ignore  # type: ignore[import-untyped]

from racto.core.errors import RactoGatewayError

from .failures import translated
from .tasks import TaskRun

SINCE = "racto-deferred-since"
"""Header with the Unix time at which the task was first put off."""


def defer(
    run: TaskRun, wait_s: float, *, error: RactoGatewayError, patience_s: float | None = None
) -> NoReturn:
    """Send the task again for later, with the same id, and end this delivery without a result.

    It is sent before this delivery is acknowledged: a process that dies in between leaves two
    copies rather than none.

    Args:
        run: The run.
        wait_s: Seconds to wait; up to a tenth more, so that not all come back at once.
        error: Why; raised instead where the task cannot wait.
        patience_s: Seconds after which a task that was put off again and again fails; None for no
            end.

    Raises:
        RactoGatewayError: ``error``, when the patience is over or the task runs eagerly, where
            there is no queue.
        Ignore: Otherwise; Celery's sign that the delivery is done with.
        APIConnectionError: If the broker cannot be reached.
    """
    since, now = waiting_since(run), time.time()
    if run.task.request.is_eager:
        raise error
    if patience_s is not None and now + wait_s - since > patience_s:
        # Not again by RetryConfig: it was patient already.
        error.retryable = False
        error.add_note(f"put off since {now - since:.0f} s, the limit is {patience_s:g} s")
        raise error
    headers = {**run.headers, SINCE: f"{since:.3f}"}
    # Jitter, no secret: a queue of waiting tasks should not come back as one wave.
    wait = wait_s * (1.0 + 0.1 * random.random())  # noqa: S311
    with translated(f"putting off task {run.task_id}", service="broker"):
        _again(run, headers, wait).apply_async()
    raise Ignore


def waiting_since(run: TaskRun) -> float:
    """Unix time at which a task was first put off; now when it was not."""
    now = time.time()
    try:
        since = float(run.headers.get(SINCE, now))
    except (TypeError, ValueError):
        return now
    # A header can say anything, and a clock elsewhere can be ahead.
    return since if 0 < since <= now else now


def _again(run: TaskRun, headers: dict[str, Any], wait_s: float) -> Any:
    task = run.task
    # In a chord, group or chain as before; ``retries`` as before, unlike Celery's own retry.
    return task.signature_from_request(headers=headers, countdown=wait_s, retries=run.attempt - 1)
