"""Cancelling a job, which may have ended a moment before."""

from __future__ import annotations

from collections.abc import Callable

from racto.core.errors import RactoGatewayAPIError, RactoGatewayError
from racto.core.flows import Flow

from .hosts import RemoteJob


def cancelled(
    cancel: Callable[[], Flow[RemoteJob]], look: Callable[[], Flow[RemoteJob]]
) -> Flow[RemoteJob]:
    """Ask for a job's end; one that has ended already is returned as it is.

    Args:
        cancel: Asks for the end.
        look: Shows the job.

    Raises:
        RactoGatewayError: What the server answered, if the job goes on.
    """
    try:
        return (yield from cancel())
    except RactoGatewayError as error:
        if not _is_for_its_state(error):
            raise
        job = yield from look()
        if not job.status.is_final:
            raise
        return job


def _is_for_its_state(error: RactoGatewayError) -> bool:
    """Whether a server refused what does not fit what the job has become meanwhile."""
    return isinstance(error, RactoGatewayAPIError) and error.status_code in (400, 409, 422)
