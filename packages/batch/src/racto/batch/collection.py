"""Collection: the result files of an ended job, fetched once and laid beside its items."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NoReturn

from racto.core.deadlines import NO_DEADLINE, Deadline
from racto.core.errors import JobError, NotFoundError
from racto.core.flows import Flow

from .folders import Claim
from .hosts import BatchHost, Outcome, RemoteJob
from .jobs import BatchStatus
from .ledger import JobRecord, PartRecord, Stage
from .shelf import Shelf
from .standing import info_of
from .terms import Terms
from .threads import offloaded, pause

_log = logging.getLogger("racto.batch")
_TURN_S = 0.05


class Collection:
    """Brings results back from a provider.

    Args:
        host: The provider.
        shelf: State on disk.
        model: Model to assume of jobs that were not submitted from here.
    """

    def __init__(self, host: BatchHost, shelf: Shelf, *, model: str) -> None:
        self._host = host
        self._shelf = shelf
        self._model = model

    def looks(
        self, job: JobRecord, *, deadline: Deadline = NO_DEADLINE
    ) -> Flow[dict[int, RemoteJob]]:
        """What the provider says of each part that was submitted, by number."""
        found: dict[int, RemoteJob] = {}
        for part in job.parts:
            if part.remote_id is None:
                continue
            remote = yield from self._host.look(part.remote_id, deadline=deadline)
            found[part.number] = remote
            # Most looks find nothing new, and need not write.
            if (remote.status, remote.counts) != (part.status, part.counts):
                yield from offloaded(self._shelf.ledger.seen, remote)
        return found

    def collect(self, job: JobRecord, *, deadline: Deadline = NO_DEADLINE) -> Flow[JobRecord]:
        """Fetch and keep all results, unless that was done before.

        Raises:
            JobError: If the job has not ended, or is not the one that was submitted.
        """
        if job.stage is Stage.COLLECTED:
            return job
        remotes = yield from self.looks(job, deadline=deadline)
        _check_ended(job, remotes)
        claim = yield from self._turn(job.tag, deadline)
        try:
            # Another one may have had its turn before.
            now = (yield from offloaded(self._shelf.ledger.find, job.tag)) or job
            if now.stage is not Stage.COLLECTED:
                yield from self._fetch_all(job, remotes, deadline)
        finally:
            claim.end()
        return (yield from offloaded(self._shelf.ledger.find, job.tag)) or job

    def _fetch_all(
        self, job: JobRecord, remotes: Mapping[int, RemoteJob], deadline: Deadline
    ) -> Flow[None]:
        count = 0
        for part in job.parts:
            remote = remotes.get(part.number)
            if remote is not None:
                count += yield from self._fetched(job, part, remote, deadline)
        known = count if job.is_foreign else None
        yield from offloaded(self._shelf.ledger.staged, job.tag, Stage.COLLECTED, count=known)
        yield from offloaded(self._shelf.clear_results, job)

    def _turn(self, tag: str, deadline: Deadline) -> Flow[Claim]:
        """Wait until nobody else fetches the results of the job."""
        while True:
            try:
                return (yield from offloaded(self._shelf.claim, tag))
            except JobError as error:
                if not error.retryable or deadline.expired:
                    raise
            yield from pause(_TURN_S)

    def _fetched(
        self, job: JobRecord, part: PartRecord, remote: RemoteJob, deadline: Deadline
    ) -> Flow[int]:
        """Fetch the files of one part; returns how many lines belong to items."""
        folder = self._shelf.results_folder(job.tag, part.number)
        paths: list[Path] = []
        try:
            paths = yield from self._host.fetch(remote, folder, deadline=deadline)
        except NotFoundError as error:
            if len(job.parts) == 1:
                raise
            # One part's results are gone for good; those of the others must not go with them.
            _log.warning("job %s: part %d: %s", job.job_id, part.number, error)
        return (yield from offloaded(self._taken, job, part, remote, paths))

    def _taken(
        self, job: JobRecord, part: PartRecord, remote: RemoteJob, paths: Sequence[Path]
    ) -> int:
        terms = Terms(path=part.path, model=part.model or self._model)
        named = 0

        def outcomes() -> Iterator[Outcome]:
            nonlocal named
            for outcome in self._host.outcomes(paths):
                named += outcome.custom_id is not None
                yield outcome

        matched, end = self._shelf.manifest(job.tag).take(
            part.number,
            outcomes(),
            status=remote.status,
            errors=remote.errors,
            adopt=terms if job.is_foreign else None,
        )
        # Two jobs may share ids like "1"; but ours has all of ours, and nobody else's.
        if part.is_adopted and named > matched and matched < part.count:
            self._disown(job, part, remote)
        if end.strays:
            _log.warning(
                "job %s: %d lines of the results belong to no item: %s",
                job.job_id,
                end.strays,
                end.notes[0],
            )
        return matched

    def _disown(self, job: JobRecord, part: PartRecord, remote: RemoteJob) -> NoReturn:
        self._shelf.ledger.disowned(job.tag, part.number, remote.job_id)
        raise JobError(
            f"{remote.job_id} was taken for part {part.number} of job {job.tag}, whose creation "
            "was not answered, but holds items that are none of its; it is somebody else's. "
            "resume() looks for the right one, or submits the part again"
        )


def unsent_parts(job: JobRecord) -> list[PartRecord]:
    """Parts that wait to be submitted."""
    return [
        part
        for part in job.parts
        if part.remote_id is None and part.status is not BatchStatus.CANCELLED
    ]


def _check_ended(job: JobRecord, remotes: dict[int, RemoteJob]) -> None:
    if unsent := unsent_parts(job):
        raise JobError(
            f"{len(unsent)} of {len(job.parts)} parts of job {job.job_id} were never submitted; "
            "resume() submits them, cancel() drops them",
            provider=job.provider,
        )
    info = info_of(job, remotes)
    if not info.status.is_final:
        raise JobError(
            f"job {job.job_id} has not ended: {info.status}, {info.counts.done} of "
            f"{info.counts.total} requests done; wait for it with wait_for()",
            retryable=True,
            provider=job.provider,
        )
