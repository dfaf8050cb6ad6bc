"""Lists of jobs, page by page: the latest ones, and the one that a tag or a count tells apart."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from racto.core.deadlines import Deadline
from racto.core.errors import JobError
from racto.core.flows import Flow

from .hosts import RemoteJob
from .jobs import BatchStatus

PAGE = 100
"""Jobs of a page; no provider shows more."""

SLACK_SECONDS = 24 * 3600.0
"""How far behind ours a clock may be: a job that is overlooked would be paid for twice."""

_MOST_PAGES = 100
_GIVEN_UP = frozenset({BatchStatus.CANCELLING, BatchStatus.CANCELLED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page of a list.

    Attributes:
        jobs: Its jobs, newest first.
        next: Where the next one begins; None after the last.
    """

    jobs: Sequence[RemoteJob]
    next: str | None


Turn: TypeAlias = Callable[[str | None, int, Deadline], Flow[Page]]
"""Asks for the page that begins there, of so many jobs."""


def latest(turn: Turn, limit: int, *, deadline: Deadline) -> Flow[list[RemoteJob]]:
    """The latest jobs, newest first.

    Args:
        turn: Asks for a page.
        limit: Most jobs.
        deadline: When to give up.
    """
    found: list[RemoteJob] = []
    start: str | None = None
    while len(found) < limit:
        page = yield from turn(start, min(PAGE, limit - len(found)), deadline)
        found += page.jobs
        # A page of nothing that promises more would be asked for without end.
        if page.next is None or page.next == start or not page.jobs:
            break
        start = page.next
    return found[:limit]


def created_since(
    turn: Turn, moment: float, *, slack: float = SLACK_SECONDS, deadline: Deadline
) -> Flow[list[RemoteJob]]:
    """The jobs that were created since a moment, and perhaps a few before it.

    Args:
        turn: Asks for a page.
        moment: Unix time in seconds.
        slack: Seconds that their clock may be behind ours.
        deadline: When to give up.
    """
    found: list[RemoteJob] = []
    start: str | None = None
    for _ in range(_MOST_PAGES):
        page = yield from turn(start, PAGE, deadline)
        young = [job for job in page.jobs if job.created_at >= moment - slack]
        found += young
        # A whole page of old ones: what comes is older still.
        if page.next is None or page.next == start or not young:
            break
        start = page.next
    return found


def tagged(
    turn: Turn,
    tag: str,
    *,
    since: float,
    known: Collection[str],
    provider: str,
    deadline: Deadline,
) -> Flow[RemoteJob | None]:
    """The job that was ordered with a tag.

    Args:
        turn: Asks for a page.
        tag: The tag.
        since: Unix time in seconds before which it cannot have been created.
        known: Ids of jobs that belong to other orders.
        provider: Name of the provider, for the error.
        deadline: When to give up.

    Raises:
        JobError: If several jobs have the tag.
    """
    jobs = yield from created_since(turn, since, deadline=deadline)
    return only([job for job in jobs if job.tag == tag], known, provider=provider, what=tag)


def only(
    jobs: Sequence[RemoteJob], known: Collection[str], *, provider: str, what: str
) -> RemoteJob | None:
    """The one job of several that belongs to no other order; None when there is none.

    Args:
        jobs: The jobs that could be it.
        known: Ids of jobs that belong to other orders.
        provider: Name of the provider.
        what: What they have in common.

    Raises:
        JobError: If several could be it.
    """
    left = {job.job_id: job for job in jobs if job.job_id not in known}
    if len(left) > 1:
        # How a person settles it: the superfluous ones are cancelled, and stay in the list.
        left = {name: job for name, job in left.items() if job.status not in _GIVEN_UP} or left
    if len(left) > 1:
        raise JobError(
            f"{provider}: {len(left)} jobs could be the one of order {what!r}: "
            f"{', '.join(list(left)[:5])}. If they are yours, cancel the superfluous ones at the "
            "provider and resume; if not, cancel() the order here and submit its items again",
            provider=provider,
        )
    return next(iter(left.values()), None)
