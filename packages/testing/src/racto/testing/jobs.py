"""Long jobs of a server, such as batches, and the clock that moves them: polls, or a test's own hand."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Generic, Protocol, TypeVar

from .interjections import Interjections


class Job(Protocol):
    """Something that takes hours at a real provider."""

    @property
    def id(self) -> str:
        """The id under which clients ask for it."""
        ...

    def step(self) -> None:
        """Go on to the next state; nothing once it has ended."""
        ...


class BatchJob(Job, Protocol):
    """A job that answers many requests, and may end before all of them were answered."""

    def work(self, requests: int, /) -> None:
        """Answer the next requests and leave the others waiting."""
        ...

    def expire(self) -> None:
        """End as after the time that a provider takes at most."""
        ...


JobT = TypeVar("JobT", bound=Job)
BatchT = TypeVar("BatchT", bound=BatchJob)


class Jobs(Interjections, Generic[JobT]):
    """The jobs of one kind that a server keeps, and their clock.

    A job goes on by one state when a client has asked for it ``polls_per_step`` times, before it
    is shown; a listing does not count. A test that wants to see each state sets
    ``polls_per_step`` to None and calls :meth:`advance`.

    Attributes:
        polls_per_step: Polls that move a job on; None leaves it to :meth:`advance`.
    """

    def __init__(self) -> None:
        super().__init__()
        # Polls and not seconds: a test then waits for nothing, and sees the same each time.
        self.polls_per_step: int | None = 1
        # A test advances jobs on its own thread, clients poll them on the server's.
        self._lock = threading.RLock()
        self._jobs: dict[str, JobT] = {}
        self._polls: dict[str, int] = {}

    def advance(self, steps: int = 1, *, id: str | None = None) -> None:
        """Move jobs on.

        Args:
            steps: States to go on by.
            id: The job to move; all of them when None.

        Raises:
            LookupError: If there is no such job.
        """
        with self._lock:
            for job in self._meant(id):
                for _ in range(steps):
                    job.step()

    def _meant(self, id: str | None) -> Sequence[JobT]:
        if id is None:
            return list(self._jobs.values())
        if id not in self._jobs:
            known = ", ".join(self._jobs) or "none"
            raise LookupError(f"there is no job {id!r}; known are {known}")
        return [self._jobs[id]]

    def _newest_first(self) -> list[JobT]:
        return list(reversed(self._jobs.values()))

    def _add(self, job: JobT) -> None:
        self._jobs[job.id] = job

    def _remove(self, job: JobT) -> None:
        del self._jobs[job.id]
        self._polls.pop(job.id, None)

    def _poll(self, job: JobT) -> None:
        polls = self._polls[job.id] = self._polls.get(job.id, 0) + 1
        if self.polls_per_step and polls % self.polls_per_step == 0:
            job.step()


class Batches(Jobs[BatchT]):
    """Jobs that a test can also stop halfway, to see what becomes of the rest."""

    def work(self, requests: int, *, id: str | None = None) -> None:
        """Answer some requests of batches at work, and leave the others waiting.

        Args:
            requests: How many, of each batch.
            id: The batch; all of them when None.

        Raises:
            LookupError: If there is no such batch.
        """
        with self._lock:
            for batch in self._meant(id):
                batch.work(requests)

    def expire(self, *, id: str | None = None) -> None:
        """Let the time pass that the provider gives to batches: what waits has expired.

        Args:
            id: The batch; all of them when None.

        Raises:
            LookupError: If there is no such batch.
        """
        with self._lock:
            for batch in self._meant(id):
                batch.expire()
