"""One attempt at a task: what monitors see of it, and a retry or a verdict at its end."""

from __future__ import annotations

import logging
import traceback
from abc import abstractmethod
from typing import Any, ClassVar

from celery import Task  # type: ignore[import-untyped]
from celery.exceptions import Reject, TaskPredicate  # type: ignore[import-untyped]

from racto.core.secrets import redact

from .failures import LONGEST, portable
from .retry import RetryConfig
from .trimming import Veiled

_log = logging.getLogger("racto.celery")


class AttemptedTask(Task):  # type: ignore[misc]
    """Root of all tasks that come as one text of JSON; a subclass is made for each of an app."""

    abstract = True
    serializer = "json"
    typing = False
    ignore_result = False
    # A killed process must not take its task along.
    acks_late = True
    reject_on_worker_lost = True
    # The number of runs is RetryConfig's business.
    max_retries = None
    retry_config: ClassVar[RetryConfig]
    kind: ClassVar[str]

    @abstractmethod
    def work(self, text: str) -> Any:
        """The result of one attempt, as JSON data."""

    def apply_async(self, args: Any = None, kwargs: Any = None, *more: Any, **options: Any) -> Any:
        """Send the task; monitors see a summary instead of the payload, in each retry too."""
        if "argsrepr" not in options and args:
            options["argsrepr"] = self.summary(args[0])
        options.setdefault("kwargsrepr", "{}")
        return super().apply_async(args, kwargs, *more, **options)

    def summary(self, text: Any) -> str:
        """What monitors see instead of a payload: its size."""
        return f"('{self.kind} payload, {len(text) if isinstance(text, str) else 0} characters',)"

    def run(self, text: str) -> Any:
        """Run the task, and again after a while where that may help.

        Raises:
            RactoGatewayError: The verdict, when it failed for good.
            Retry: When it runs again; Celery's sign.
            Reject: When it should run again and the broker took no message about it: the message
                that came goes back to the queue.
        """
        problem: Exception
        try:
            found = self.work(text)
            # An eager caller gets the object itself and not its JSON.
            return found if self.request.is_eager else Veiled(found)
        except TaskPredicate:
            raise
        # Whatever happens is the task's result; the worker must survive it.
        except Exception as error:
            problem = error
            _log.info("%s[%s] failed: %s", self.name, self.request.id, _account(error))
        # Outside the except block, or the back end's stack would quote the original's causes.
        verdict = portable(problem)
        del problem
        wait = self.retry_config.wait(verdict, self.request.retries)
        if wait is None:
            raise verdict
        raise self._again(verdict, wait)

    def _again(self, verdict: Exception, wait_s: float) -> Any:
        """Send the task again for later, and return Celery's sign that this was done."""
        try:
            return self.retry(exc=verdict, countdown=wait_s, throw=False)
        except Reject as refused:
            # Celery would drop the task together with the message that could not be sent.
            reason = redact(str(refused.reason))
        return Reject(f"the broker took no retry of {self.name}: {reason}", requeue=True)


def _account(error: Exception) -> str:
    """The traceback of an error without secrets; of a very long one the end, which says what."""
    # Cut before as well: looking for secrets in millions of characters takes seconds.
    text = redact("".join(traceback.format_exception(error))[-8 * LONGEST :])
    return text if len(text) <= 2 * LONGEST else f"... {text[-2 * LONGEST :]}"
