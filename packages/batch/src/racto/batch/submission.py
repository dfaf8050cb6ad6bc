"""Submission: items become files, files become jobs; whatever dies in between is found again."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from racto.core.deadlines import NO_DEADLINE, Deadline
from racto.core.errors import JobError, RactoGatewayError
from racto.core.flows import Flow

from .collection import unsent_parts
from .encoding import EncodedItem
from .folders import Claim
from .hosts import BatchHost, BatchLimits, RemoteJob
from .jobs import BatchJobInfo, BatchStatus
from .ledger import JobRecord, PartRecord, Stage
from .manifest import ItemRow
from .shelf import Shelf
from .spooling import Place, Spool, line_at, spool_path
from .standing import info_of
from .threads import offloaded

_log = logging.getLogger("racto.batch")
# Clocks of two machines differ; a job cannot have been made long before it was ordered.
_SKEW_S = 300.0


class Submission:
    """Brings jobs to a provider.

    Args:
        host: The provider.
        shelf: State on disk.
        provider: Whose API it is.
        site: Base URL that is asked; empty for the provider's own.
    """

    def __init__(self, host: BatchHost, shelf: Shelf, *, provider: str, site: str = "") -> None:
        self._host = host
        self._provider = provider
        self._shelf = shelf
        self._site = site

    def submit(
        self,
        encoded: Callable[[], Iterator[EncodedItem]],
        *,
        model: str,
        window: str | None = None,
        label: str = "",
        deadline: Deadline = NO_DEADLINE,
    ) -> Flow[BatchJobInfo]:
        """Write all lines, then upload them and create the jobs.

        Args:
            encoded: Makes the items, encoded and checked.
            model: Model of items that name none.
            window: Time that the provider may take.
            label: What people call the job.
            deadline: When to give up; what was begun can be resumed.
        """

        def rows(spool: Spool) -> Iterator[ItemRow]:
            for item in encoded():
                request = item.request
                place = spool.add(
                    item.line,
                    lane=item.lane,
                    path=request.path,
                    model=request.model,
                    weight=item.weight,
                    headers=request.headers,
                )
                yield ItemRow(item.custom_id, place, item.weight, item.terms, item.texts)

        job = self._new(model=model, window=window, label=label)
        return (yield from self._begun(job, rows, deadline))

    def again(
        self, job: JobRecord, custom_ids: list[str], *, deadline: Deadline = NO_DEADLINE
    ) -> Flow[BatchJobInfo]:
        """Submit some items of a job once more, exactly as they were.

        Args:
            job: The job that they were part of.
            custom_ids: Which ones, in the items' order.
            deadline: When to give up.

        Raises:
            JobError: If its lines are not on this machine.
        """
        folder = self._shelf.job_folder(job.tag)
        parts = {part.number: part for part in job.parts}

        def rows(spool: Spool) -> Iterator[ItemRow]:
            for row in self._shelf.manifest(job.tag).items(custom_ids):
                part = parts[row.place.part]
                place = spool.add(
                    _line(job, row.place, folder),
                    lane=part.lane,
                    path=part.path,
                    model=part.model,
                    weight=row.weight,
                    headers=part.headers,
                )
                yield row._replace(place=place)

        new = self._new(model=job.model, window=job.window, label=job.label)
        return (yield from self._begun(replace(new, origin=job.tag), rows, deadline))

    def finish(self, job: JobRecord, *, deadline: Deadline = NO_DEADLINE) -> Flow[JobRecord | None]:
        """Go on with a submission that a process left halfway.

        Returns:
            The job; None when it had not come as far as its upload, and is forgotten now.

        Raises:
            JobError: If another process is submitting it.
        """
        # Two that resume at once would submit the same part twice.
        claim = yield from offloaded(self._shelf.claim, job.tag)
        try:
            # Read again: the one who had the claim before may have finished.
            now = yield from offloaded(self._shelf.ledger.find, job.tag)
            if now is None or now.stage is Stage.WRITING:
                # Nobody was told of it, and nothing of it has left this machine.
                yield from offloaded(self._shelf.discard, job.tag)
                return None
            yield from self._send(now, deadline, is_new=False)
            return (yield from offloaded(self._shelf.ledger.find, job.tag))
        finally:
            claim.end()

    def drop_rest(self, job: JobRecord, *, deadline: Deadline = NO_DEADLINE) -> Flow[JobRecord]:
        """Give the parts up that were not submitted; one that was, unanswered, is found first.

        Raises:
            JobError: If another process is submitting it.
        """
        ledger = self._shelf.ledger
        claim = yield from offloaded(self._shelf.claim, job.tag)
        try:
            now = (yield from offloaded(ledger.find, job.tag)) or job
            for part in unsent_parts(now):
                found = yield from self._surely(now, part, deadline)
                if found is not None:
                    yield from offloaded(ledger.sent, now.tag, part.number, found)
                else:
                    yield from offloaded(ledger.dropped, now.tag, part.number)
            yield from offloaded(ledger.staged, now.tag, Stage.SUBMITTED)
            return (yield from offloaded(ledger.find, now.tag)) or now
        finally:
            claim.end()

    def _new(self, *, model: str, window: str | None, label: str) -> JobRecord:
        return JobRecord(
            tag=self._shelf.new_tag(),
            provider=self._provider,
            site=self._site,
            label=label,
            model=model,
            window=window,
            created_at=time.time(),
        )

    def _begun(
        self, job: JobRecord, rows: Callable[[Spool], Iterable[ItemRow]], deadline: Deadline
    ) -> Flow[BatchJobInfo]:
        writing = _Writing(self._shelf, job, self._host.limits)
        try:
            claim, job = yield from offloaded(writing.run, rows)
        except BaseException:
            # A worker thread goes on when the task that waits for it is cancelled.
            writing.abandon()
            raise
        try:
            yield from self._send(job, deadline, is_new=True)
        finally:
            claim.end()
        return info_of((yield from offloaded(self._shelf.ledger.find, job.tag)) or job)

    def _send(self, job: JobRecord, deadline: Deadline, *, is_new: bool) -> Flow[None]:
        """Submit the parts that were not, one after the other."""
        sent = [part for part in job.parts if part.remote_id]
        for part in job.parts:
            if part.remote_id or part.status is BatchStatus.CANCELLED:
                continue
            try:
                yield from self._send_part(job, part, deadline)
            except BaseException as error:
                if is_new and not sent and _is_no(error):
                    # The provider has said no, and nothing is left that could be resumed.
                    yield from offloaded(self._shelf.discard, job.tag)
                else:
                    error.add_note(
                        f"{len(sent)} of {len(job.parts)} parts of job {job.tag} were submitted; "
                        "resume() submits the others, cancel() with this id drops them"
                    )
                raise
            sent.append(part)
        yield from offloaded(self._shelf.ledger.staged, job.tag, Stage.SUBMITTED)

    def _send_part(self, job: JobRecord, part: PartRecord, deadline: Deadline) -> Flow[None]:
        ledger, order = self._shelf.ledger, job.order(part)
        remote: RemoteJob | None = None
        if part.started is not None:
            # It may have been created by a process that died before it heard of it.
            remote = yield from self._lost(job, part, deadline)
        else:
            # On the disk before the first byte leaves, or nobody would look for the job.
            yield from offloaded(ledger.started, job.tag, part.number, time.time())
        if remote is None:
            spool = spool_path(self._shelf.job_folder(job.tag), part.number)
            remote = yield from self._host.start(spool, order, deadline=deadline)
        # Who keeps tags, or has answered the creation, says himself that the job is this one.
        is_adopted = remote.tag != order.tag
        if is_adopted and remote.job_id in (yield from offloaded(ledger.known_ids, job.provider)):
            raise JobError(
                f"the creation of part {part.number} was not answered, and {remote.job_id}, which "
                "was taken for it, belongs to another job; resume() looks again",
                retryable=True,
            )
        yield from offloaded(ledger.sent, job.tag, part.number, remote, is_adopted=is_adopted)

    def _surely(
        self, job: JobRecord, part: PartRecord, deadline: Deadline
    ) -> Flow[RemoteJob | None]:
        """The job of such a part, if it is proved to be ours: no one else's may be cancelled."""
        if part.started is None:
            return None
        doubt: object = "it is known by its number of requests only"
        try:
            found = yield from self._lost(job, part, deadline)
        except RactoGatewayError as error:
            if error.retryable or isinstance(error, TimeoutError):
                raise
            found, doubt = None, error
        else:
            if found is None or found.tag == job.order(part).tag:
                return found
        name = found.job_id if found else "a job"
        # It costs money, and only its owner can tell.
        _log.warning("job %s: %s may go on at the provider: %s", job.job_id, name, doubt)
        return None

    def _lost(self, job: JobRecord, part: PartRecord, deadline: Deadline) -> Flow[RemoteJob | None]:
        """Look for the job of a part whose creation was begun, and not answered."""
        known = yield from offloaded(self._shelf.ledger.known_ids, job.provider)
        return (
            yield from self._host.find(
                job.order(part).tag,
                count=part.count,
                since=(part.started or 0.0) - _SKEW_S,
                known=known,
                deadline=deadline,
            )
        )


class _Writing:
    """Writes the lines of a new job; nothing stays on the disk when that does not end well."""

    def __init__(self, shelf: Shelf, job: JobRecord, limits: BatchLimits) -> None:
        self._shelf = shelf
        self._job = job
        self._limits = limits
        self._lock = threading.Lock()
        self._is_abandoned = False
        self._claim: Claim | None = None

    def run(self, rows: Callable[[Spool], Iterable[ItemRow]]) -> tuple[Claim, JobRecord]:
        """Write all lines and note the job."""
        tag, ledger = self._job.tag, self._shelf.ledger
        claim = self._shelf.claim(tag)
        try:
            ledger.begin(self._job)
            spool = Spool(self._shelf.job_folder(tag), self._limits)
            count = self._shelf.manifest(tag).fill(self._while_wanted(rows(spool)))
            parts = spool.finish()
            with self._lock:
                self._check()
                ledger.written(tag, count, parts)
                self._claim = claim
            found = ledger.find(tag)
            if found is None:
                raise JobError(f"job {tag} was forgotten while it was submitted")
        except BaseException:
            self._shelf.discard(tag)
            claim.end()
            raise
        return claim, found

    def abandon(self) -> None:
        """Leave nothing behind, whether the lines are written already or not."""
        with self._lock:
            self._is_abandoned = True
            if self._claim is not None:
                self._shelf.discard(self._job.tag)
                self._claim.end()

    def _while_wanted(self, rows: Iterable[ItemRow]) -> Iterator[ItemRow]:
        # Checked at each item: a long generator must not run on for nobody.
        for row in rows:
            self._check()
            yield row

    def _check(self) -> None:
        if self._is_abandoned:
            raise JobError(f"the submission of job {self._job.tag} was cancelled")


def _is_no(error: BaseException) -> bool:
    """Whether the provider has refused, so that no job can have come of it."""
    is_final = isinstance(error, RactoGatewayError) and not error.retryable
    return is_final and not isinstance(error, TimeoutError)


def _line(job: JobRecord, place: Place, folder: Path) -> bytes:
    if not place.length:
        raise JobError(
            f"job {job.job_id} was not submitted from this machine, so its items are not known "
            "here; submit them again yourself"
        )
    try:
        return line_at(folder, place)
    except OSError as error:
        raise JobError(
            f"the lines of job {job.job_id} are gone ({error}); submit the items again yourself"
        ) from error
