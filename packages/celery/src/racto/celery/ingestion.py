"""A folder's ingestion that fans out over workers, and goes on where it was after any interruption."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from celery.result import allow_join_result  # type: ignore[import-untyped]
from pydantic_core import to_json

from racto.core.deadlines import Deadline
from racto.core.errors import ConfigurationError
from racto.core.flows import Flow, arun, run, step, threaded
from racto.core.records import plain

from .folders import EVERYTHING, FoundFile, walk
from .ledger import Ledger, LedgerEntry
from .results import TaskResult, TaskStatus
from .settings import Delivery, check_app
from .waiting import waiting
from .worker import RactoCeleryWorker

_STALE_S = 60.0
_LISTED = 100
_PAUSE_S = 0.2
_MOST_LOOKS = 20


@dataclass(frozen=True, kw_only=True, slots=True)
class FolderReport:
    """How far the ingestion of a folder is.

    Attributes:
        files: Files that it knows, those that are gone left out.
        waiting: Files to be sent.
        running: Files that workers have or will get.
        done: Files that are ingested as they are now.
        failed: Files that could not be ingested.
        chunks: Chunks of those that are done.
        failures: The first hundred that failed, each with the reason.
        gone: The first hundred files that were there before; their chunks are in the store still.
        timed_out: Whether the time to wait was up first.
    """

    files: int = 0
    waiting: int = 0
    running: int = 0
    done: int = 0
    failed: int = 0
    chunks: int = 0
    failures: tuple[tuple[str, str], ...] = ()
    gone: tuple[str, ...] = ()
    timed_out: bool = False

    @property
    def is_over(self) -> bool:
        """Whether nothing is waiting and nothing is running."""
        return not (self.waiting or self.running)


ReportCallback: TypeAlias = Callable[[FolderReport], None]
"""Called in the waiting thread or loop after each look; must be quick and must not raise."""


class FolderIngestion:
    """Ingests the files of folders as one task each.

    What was sent and what became of it is in a ledger on disk. When the process that drives the
    ingestion ends, workers go on with what they have; another process with the same ledger sends
    the rest, and no file that is done is done again unless it has changed. A file is sent under an
    id made of its path, size and time of change, so that with an
    :class:`~racto.celery.idempotency.IdempotencyLayer` even a task that is sent twice runs once.

    Args:
        worker: Sends the tasks; its workers must see the files under the same paths.
        ledger: File of the ledger; made when it is not there. Several folders may share one.
        include: Patterns of the files to take, see :func:`racto.celery.folders.walk`.
        metadata: Facts kept in every chunk; others make all files run again.
        in_flight: Most files that are with the workers at a time.
        settle_s: Seconds for which a file must not have changed, so that none is read half
            written.
        lost_s: Seconds after which a task that was never heard of is sent again.
        queue: Queue to send to; the app's own when None.

    Raises:
        ConfigurationError: If a number is out of range, the metadata are no JSON, or the ledger
            cannot be one.
    """

    def __init__(
        self,
        worker: RactoCeleryWorker,
        ledger: str | Path,
        *,
        include: Sequence[str] = EVERYTHING,
        metadata: Mapping[str, Any] | None = None,
        in_flight: int = 100,
        settle_s: float = 1.0,
        lost_s: float = 3600.0,
        queue: str | None = None,
    ) -> None:
        if in_flight < 1 or not (settle_s >= 0 and lost_s > 0):
            raise ConfigurationError(
                "in_flight must be at least 1, settle_s 0 or more and lost_s above 0, not "
                f"{in_flight}, {settle_s!r} and {lost_s!r}"
            )
        if isinstance(include, str):
            raise ConfigurationError(f"include takes several patterns: write ({include!r},)")
        if worker.app.tasks[f"{worker.name}.ingest"].workshop.rag is None:
            raise ConfigurationError("an ingestion needs a pipeline: make the worker with rag=...")
        self._worker, self._ledger, self._queue = worker, Ledger(ledger), queue
        self._include, self._in_flight = tuple(include), in_flight
        self._settle_s, self._lost_s = settle_s, lost_s
        self._metadata = plain(dict(metadata or {}), "the metadata of the ingestion")
        # In its order: the same facts written in another order make the same tasks.
        facts = to_json(sorted(self._metadata.items()))
        self._extra = hashlib.sha256(facts).hexdigest()[:12]

    def sweep(self, folder: str | Path) -> FolderReport:
        """Look through a folder, note what has ended, and send what is new; never waits.

        Args:
            folder: The folder.

        Returns:
            How far everything in the ledger is.

        Raises:
            ConfigurationError: If there is no such folder, or the worker has no pipeline.
            APIConnectionError: If the broker or the result back end cannot be reached; the ledger
                is right, and the next sweep goes on.
            JobError: If the ledger cannot be written.
        """
        self._look(folder)
        self._move()
        return self.report()

    asweep = threaded(sweep)

    def ingest(
        self,
        folder: str | Path,
        *,
        timeout_s: float | None = None,
        retry_failed: bool = False,
        progress: ReportCallback | None = None,
    ) -> FolderReport:
        """Ingest a folder and wait until all its files have ended, or the time is up.

        Args:
            folder: The folder.
            timeout_s: Seconds to wait at most; the tasks go on after that.
            retry_failed: Whether files that failed before are tried once more.
            progress: Told now and then how far it is.

        Raises:
            ConfigurationError: As :meth:`sweep` does.
            APIConnectionError: As :meth:`sweep` does; call again to go on.
        """
        return run(self._ingesting(folder, timeout_s, retry_failed, progress))

    async def aingest(
        self,
        folder: str | Path,
        *,
        timeout_s: float | None = None,
        retry_failed: bool = False,
        progress: ReportCallback | None = None,
    ) -> FolderReport:
        """Async twin of :meth:`ingest`."""
        return await arun(self._ingesting(folder, timeout_s, retry_failed, progress))

    def report(self, *, timed_out: bool = False) -> FolderReport:
        """How far everything in the ledger is, without a look at folders and workers.

        Args:
            timed_out: What the report says of itself.

        Raises:
            JobError: If the ledger cannot be read.
        """
        counts = self._ledger.counts()
        known = sum(counts.values()) - counts["chunks"] - counts.get("gone", 0)
        return FolderReport(
            files=known,
            waiting=counts.get("waiting", 0),
            running=counts.get("sending", 0) + counts.get("sent", 0),
            done=counts.get("done", 0),
            failed=counts.get("failed", 0),
            chunks=counts["chunks"],
            failures=tuple((e.path, e.error) for e in self._ledger.failures(_LISTED)),
            gone=tuple(self._ledger.gone(_LISTED)),
            timed_out=timed_out,
        )

    areport = threaded(report)

    def _ingesting(
        self,
        folder: str | Path,
        timeout_s: float | None,
        retry_failed: bool,
        progress: ReportCallback | None,
    ) -> Flow[FolderReport]:
        deadline, looks = Deadline.after(timeout_s), _MOST_LOOKS
        if retry_failed:
            yield from step(self._ledger.revive_failed, threaded_call(self._ledger.revive_failed))
        unsettled = yield from step(self._look, threaded_call(self._look), folder)
        while True:
            yield from step(self._move, threaded_call(self._move))
            found = yield from step(self.report, self.areport)
            if progress is not None:
                progress(found)
            if found.is_over and not unsettled:
                return found
            if deadline.expired:
                return (yield from step(self.report, self.areport, timed_out=True))
            pause = max(_PAUSE_S, self._settle_s / 2) if unsettled else _PAUSE_S
            yield from step(_slept, _aslept, min(pause, deadline.remaining()))
            if unsettled:
                looks -= 1
                again = yield from step(self._look, threaded_call(self._look), folder)
                # A log that is written to all the time is left to the next ingestion.
                unsettled = again if looks else 0

    def _look(self, folder: str | Path) -> int:
        """Take in the files of a folder; returns how many have changed a moment ago."""
        place = Path(folder)
        if not place.is_dir():
            raise ConfigurationError(f"{folder} is no folder, or cannot be reached from here")
        check_app(self._worker.app)
        number, unsettled, problems = self._ledger.next_walk(), 0, 0

        def settled(file: FoundFile) -> bool:
            nonlocal unsettled, problems
            # A time in the future is a wrong clock's, and would be waited for in vain.
            is_fresh = 0 <= time.time() - file.changed_at < self._settle_s
            unsettled, problems = unsettled + is_fresh, problems + bool(file.problem)
            return not is_fresh

        files = (file for file in walk(place, self._include) if settled(file))
        self._ledger.meet(files, walk=number, extra=self._extra)
        # What could not be looked at now is not gone for that.
        if not unsettled and not problems:
            self._ledger.leave(place, number)
        return unsettled

    def _move(self) -> None:
        """Note what has ended, and send what there is room for."""
        running = self._ledger.running()
        if running:
            self._harvest(running)
        room = self._in_flight - self._ledger.counts().get("sent", 0)
        if room > 0:
            self._send(self._ledger.claim(room, stale_s=_STALE_S, lost_s=self._lost_s))

    def _harvest(self, running: Sequence[LedgerEntry]) -> None:
        ids = [entry.task_id for entry in running]
        # One look without waiting, which is fine inside a task too.
        with allow_join_result():
            found = run(waiting(self._worker.app, ids, 0.0))
        heard = [r.task_id for r in found if r.status not in (TaskStatus.PENDING, *_FINAL)]
        self._ledger.touch(heard)
        ended = [result for result in found if result.status.is_final]
        self._ledger.done([(r.task_id, _count(r)) for r in ended if r.ok])
        self._ledger.failed(
            [(r.task_id, r.error or r.status.value) for r in ended if not r.ok],
        )

    def _send(self, entries: Sequence[LedgerEntry]) -> None:
        sent: list[LedgerEntry] = []
        try:
            for entry in entries:
                task_id = self._submitted(entry)
                if task_id:
                    sent.append(LedgerEntry(path=entry.path, stamp=entry.stamp, task_id=task_id))
        finally:
            self._ledger.sent(sent)
            # Those that the broker did not take; what was refused has failed by now.
            self._ledger.unsent(entries)

    def _submitted(self, entry: LedgerEntry) -> str:
        key = f"{self._ledger.salt}\0{entry.path}\0{entry.stamp}\0{entry.attempt}"
        # Bytes that are no UTF-8 come as surrogates, which a hash of text refuses.
        digest = hashlib.sha256(key.encode("utf-8", "surrogateescape")).hexdigest()
        delivery = Delivery(idempotency_key=digest, queue=self._queue)
        try:
            result = self._worker.submit_document(
                entry.path, metadata=self._metadata, delivery=delivery
            )
        except ConfigurationError as error:
            self._ledger.refused(entry, str(error))
            return ""
        return str(result.id)


_FINAL = tuple(status for status in TaskStatus if status.is_final)


def threaded_call(function: Callable[..., Any]) -> Callable[..., Any]:
    """The same call as a coroutine function, run in a worker thread."""

    async def call(*args: Any, **kwargs: Any) -> Any:
        return await asyncio.to_thread(function, *args, **kwargs)

    return call


def _slept(seconds: float) -> None:
    time.sleep(seconds)


async def _aslept(seconds: float) -> None:
    await asyncio.sleep(seconds)


def _count(result: TaskResult) -> int:
    listed = result.result if isinstance(result.result, list) else []
    end = listed[-1] if listed and isinstance(listed[-1], Mapping) else {}
    omitted = end.get("omitted", 0)
    return len(listed) - ("trimmed" in end) + (omitted if isinstance(omitted, int) else 0)
