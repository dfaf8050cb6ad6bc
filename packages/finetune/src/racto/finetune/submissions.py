"""The making of a job, which costs money: never twice, also when an answer gets lost."""

from __future__ import annotations

from collections.abc import Callable
from uuid import uuid4

from racto.core.errors import RactoGatewayError, RateLimitError
from racto.core.flows import Flow, step
from racto.core.retries import RetryPolicy

from .jobs import TuningJob
from .sleeping import asleep, sleep

MARK = "racto_submission"
"""Under this key a job carries the id of its submission."""


def new_mark() -> str:
    """The id of a submission."""
    return uuid4().hex


def submitted(
    create: Callable[[], Flow[TuningJob]],
    find: Callable[[], Flow[TuningJob | None]] | None,
    policy: RetryPolicy,
) -> Flow[TuningJob]:
    """Make a job, and make it again only when it is certain that there is none.

    Args:
        create: Makes it; each call would make another.
        find: Looks among the provider's jobs for the one that ``create`` makes; None when
            nothing tells it apart.
        policy: How often, and how long to wait.

    Returns:
        The job.

    Raises:
        RactoGatewayError: What the last attempt raised; a note says when there may be a job all
            the same.
    """
    attempt = 1
    # Whether a job may have been made whose answer did not arrive.
    is_unclear = False
    while True:
        try:
            if is_unclear and find is not None:
                found = yield from find()
                if found is not None:
                    return found
                # The provider was asked, and has none: what follows is a first attempt again.
                is_unclear = False
            return (yield from create())
        except RactoGatewayError as error:
            is_unclear = is_unclear or _may_have_worked(error)
            # Without a mark another attempt could make another job, and cost as much again.
            is_stuck = is_unclear and find is None
            if not error.retryable or is_stuck or attempt >= policy.attempts:
                _explain(error, is_unclear)
                raise
            wait = policy.delay(attempt, retry_after=error.retry_after)
        # Outside the except block, so that a cancelled pause does not drag the error along.
        yield from step(sleep, asleep, wait)
        attempt += 1


def _may_have_worked(error: RactoGatewayError) -> bool:
    # A refusal for the pace is the only one of the errors that pass which is clear.
    return error.retryable and not isinstance(error, RateLimitError)


def _explain(error: RactoGatewayError, is_unclear: bool) -> None:
    if is_unclear:
        error.add_note(
            "the job may have been made all the same: look at list_jobs() before you make it again"
        )
