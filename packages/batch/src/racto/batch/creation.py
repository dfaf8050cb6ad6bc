"""Creating a job once: a creation that nobody answered is looked for before it is tried again."""

from __future__ import annotations

from collections.abc import Callable

from racto.core.deadlines import Deadline
from racto.core.errors import InvalidResponseError, RactoGatewayError
from racto.core.flows import Flow
from racto.core.retries import RetryPolicy, retrying

from .call_failures import is_undone
from .hosts import RemoteJob


def created_once(
    create: Callable[[], Flow[RemoteJob]],
    find: Callable[[], Flow[RemoteJob | None]],
    *,
    retries: RetryPolicy,
    deadline: Deadline,
) -> Flow[RemoteJob]:
    """Create a job, and no second one because an answer was lost: a job costs money.

    Args:
        create: Orders the job, in one call.
        find: Looks for it.
        retries: How often to try.
        deadline: When to give up.

    Raises:
        RactoGatewayError: What the last try raised; the job may exist when it is retryable.
    """
    in_doubt = False

    def attempt() -> Flow[RemoteJob]:
        nonlocal in_doubt
        # After the wait between two tries: the server may have needed a moment to show it.
        found = (yield from find()) if in_doubt else None
        if found is not None:
            return found
        try:
            return (yield from create())
        except InvalidResponseError:
            # It said yes, in words that nobody understands.
            in_doubt = True
            found = yield from find()
            if found is None:
                raise
            return found
        except RactoGatewayError as error:
            in_doubt = in_doubt or not is_undone(error)
            raise

    try:
        return (yield from retrying(attempt, retries, deadline=deadline))
    except RactoGatewayError as error:
        if in_doubt and not error.retryable:
            # Who hears a final error forgets the order, and the job may be there all the same.
            error.retryable = True
            error.add_note("an earlier try was not answered, so the job may exist")
        raise
