"""Idempotency: a task that is delivered twice runs once, and both deliveries have one result."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from racto.core.errors import JobError
from racto.core.flows import threaded

from .claims import Claims
from .deferrals import defer
from .tasks import Call, Kind, TaskRun

_SHORTEST_WAIT_S = 0.5


class IdempotencyLayer:
    """Lets each task run once, however often it is delivered.

    Brokers deliver a task again when its worker was killed, when it takes longer than the
    visibility timeout, and when it was sent twice under one idempotency key. With this layer

    - a delivery of a task that is done returns the result that it has;
    - a delivery of a task that is running waits until that run has ended, without taking up a
      process: it is sent again for later;
    - a task whose process was killed runs again once its claim has ended, after ``lease_s``.

    A task that failed is free to run again: failures are not remembered. What a run did outside
    before its process was killed is done twice; nobody can promise more.

    Args:
        url: The Redis that all workers share.
        prefix: What its keys begin with.
        lease_s: Seconds after which a killed process's task may run again. A living one renews
            its claim three times as often.
        keep_s: Seconds that a result is remembered, a day by default; longer than a broker may
            keep a task back.

    Raises:
        ConfigurationError: If a time is not positive, or the URL is none of Redis.
    """

    def __init__(
        self,
        url: str,
        *,
        prefix: str = "racto:celery:once",
        lease_s: float = 60.0,
        keep_s: float = 86_400.0,
    ) -> None:
        self._claims = Claims(url, prefix=prefix, lease_s=lease_s, keep_s=keep_s)

    def outgoing(self, kind: Kind, task_id: str) -> Mapping[str, str]:
        """No headers: the task's id is all that is needed."""
        return {}

    def around(self, run: TaskRun, call: Call) -> Any:
        """Run the task if nobody does and nobody did.

        Raises:
            APIConnectionError: If Redis cannot be reached before the run; it is retried.
            Ignore: If the task runs elsewhere now; this delivery is sent again for later.
        """
        claim = self._claims.take(run.task_id)
        if claim.is_done:
            return claim.result
        if not claim.owner:
            busy = JobError(f"task {run.task_id} is running elsewhere", retryable=True)
            defer(run, max(_SHORTEST_WAIT_S, claim.busy_s), error=busy)
        with self._claims.kept(claim):
            result = call()
        return self._claims.finish(claim, result)

    def forget(self, task_id: str) -> None:
        """Forget a task, so that it runs anew when it is sent again.

        Args:
            task_id: The task.

        Raises:
            APIConnectionError: If Redis cannot be reached.
        """
        self._claims.forget(task_id)

    aforget = threaded(forget)
