"""OpenAI's files and tuning jobs as flows: upload, create, look, list, order."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from itertools import count
from pathlib import Path
from typing import Any, TypeVar

from racto.core.deadlines import NO_DEADLINE, Deadline
from racto.core.errors import BadRequestError, ConfigurationError, NotFoundError
from racto.core.flows import Flow, step
from racto.core.retries import RetryPolicy
from racto.finetune.calls import UPLOAD_SECONDS, Calls
from racto.finetune.jobs import TuningCheckpoint, TuningEvent, TuningJob, TuningState
from racto.finetune.sleeping import asleep, sleep
from racto.finetune.submissions import MARK, new_mark, submitted

from .records import checkpoint_of, event_of, identified, job_of

T = TypeVar("T")

LARGEST_FILE = 512 * 1024 * 1024
"""Most bytes of a training file."""

_PURPOSE = "fine-tune"
_PAGE = 100
_MOST_NOTES = 16
_FIRST_NEWS = 200
_ID = re.compile(r"[\w.:-]+")
_AFTER = {
    "cancel": TuningState.CANCELLED,
    "pause": TuningState.PAUSED,
    "resume": TuningState.RUNNING,
}
# A new file is checked for some seconds before a job may use it.
_UNREADY = ("not ready", "still being processed")
_UNTIL_READY = RetryPolicy(attempts=8, base=2.0, multiplier=1.5, maximum=15.0, jitter="none")


class OpenAIWire:
    """What there is to ask of OpenAI about tuning.

    Args:
        calls: Calls to it.
        patience: How long to wait for a new file to be usable.
    """

    def __init__(self, calls: Calls, *, patience: RetryPolicy = _UNTIL_READY) -> None:
        self._calls = calls
        self._patience = patience

    def upload(self, path: Path, name: str) -> Flow[str]:
        """Upload a file of examples, piece by piece.

        Args:
            path: The file, as JSON lines.
            name: What it is called at OpenAI.

        Returns:
            The file's id.

        Raises:
            ConfigurationError: If it is larger than OpenAI takes.
        """
        size = path.stat().st_size
        if not 0 < size <= LARGEST_FILE:
            raise ConfigurationError(
                f"{name} has {size} bytes; OpenAI takes files of 1 to {LARGEST_FILE}. "
                "Take fewer examples."
            )

        # Opened for each attempt, so that a second one begins at the beginning.
        def use(client: Any, seconds: float) -> Any:
            with path.open("rb") as file:
                return client.files.create(file=(name, file), purpose=_PURPOSE)

        async def ause(client: Any, seconds: float) -> Any:
            with path.open("rb") as file:
                return await client.files.create(file=(name, file), purpose=_PURPOSE)

        answer = yield from self._calls.ask(use, ause=ause, seconds=UPLOAD_SECONDS)
        return str(self._calls.read(identified, answer)["id"])

    def delete_file(self, file_id: str) -> Flow[None]:
        """Delete a file; fine if it is gone."""
        try:
            yield from self._calls.ask(lambda client, _: client.files.delete(file_id))
        except NotFoundError:
            # Gone is what was asked for; the answer to a first deletion may have got lost.
            return

    def create(self, wanted: Mapping[str, Any]) -> Flow[TuningJob]:
        """Make a job, once, whatever happens on the way.

        Args:
            wanted: The job as the API takes it.
        """
        notes = dict(wanted.get("metadata") or {})
        if len(notes) >= _MOST_NOTES:
            return (yield from self._submitted(wanted, None))
        # Told among the notes, which the list of jobs can be searched by.
        mark = new_mark()
        try:
            marked = {**wanted, "metadata": {**notes, MARK: mark}}
            return (yield from self._submitted(marked, mark))
        except BadRequestError as error:
            # Some servers that speak the protocol know no notes.
            if notes or "metadata" not in error.message:
                raise
        return (yield from self._submitted(wanted, None))

    def _submitted(self, wanted: Mapping[str, Any], mark: str | None) -> Flow[TuningJob]:
        def find() -> Flow[TuningJob | None]:
            return self._with_mark(str(mark))

        return submitted(lambda: self._create(wanted), find if mark else None, self._calls.retries)

    def _create(self, wanted: Mapping[str, Any]) -> Flow[TuningJob]:
        for attempt in count(1):
            try:
                answer = yield from self._calls.once(
                    lambda client, _: client.fine_tuning.jobs.create(**wanted)
                )
                break
            except BadRequestError as error:
                is_early = any(words in error.message for words in _UNREADY)
                if not is_early or attempt >= self._patience.attempts:
                    raise
            yield from step(sleep, asleep, self._patience.delay(attempt))
        return self._calls.read(job_of, answer)

    def _with_mark(self, mark: str) -> Flow[TuningJob | None]:
        answer = yield from self._calls.once(
            lambda client, _: client.fine_tuning.jobs.list(limit=_PAGE, metadata={MARK: mark})
        )
        jobs = self._calls.read(_page_of(job_of), answer)[0]
        # Not every server heeds the filter, so that the mark is compared here, too.
        return next((job for job in jobs if job.metadata.get(MARK) == mark), None)

    def look(self, job_id: str, deadline: Deadline) -> Flow[TuningJob]:
        """The job now, asked for once."""
        known = checked_id(job_id)
        answer = yield from self._calls.once(
            lambda client, _: client.fine_tuning.jobs.retrieve(known), deadline=deadline
        )
        return self._calls.read(job_of, answer)

    def get(self, job_id: str) -> Flow[TuningJob]:
        """The job now."""
        known = checked_id(job_id)
        answer = yield from self._calls.ask(
            lambda client, _: client.fine_tuning.jobs.retrieve(known)
        )
        return self._calls.read(job_of, answer)

    def order(self, job_id: str, what: str) -> Flow[TuningJob]:
        """Let a job be cancelled, paused or resumed; fine if it is so already.

        Args:
            job_id: The job.
            what: ``cancel``, ``pause`` or ``resume``.
        """
        known = checked_id(job_id)
        try:
            answer = yield from self._calls.ask(
                lambda client, _: getattr(client.fine_tuning.jobs, what)(known)
            )
        except BadRequestError:
            # An order whose answer got lost is refused when it is given again.
            job = yield from self.get(known)
            if job.state is not _AFTER[what]:
                raise
            return job
        return self._calls.read(job_of, answer)

    def cancel(self, job_id: str) -> Flow[TuningJob]:
        """Ask for the job's end."""
        return self.order(job_id, "cancel")

    def jobs(self, limit: int | None) -> Flow[list[TuningJob]]:
        """The latest jobs, the newest first."""
        return self._paged(
            lambda client, query: client.fine_tuning.jobs.list(**query), job_of, limit
        )

    def events(self, job_id: str, limit: int | None) -> Flow[list[TuningEvent]]:
        """The latest events of a job, the newest first."""
        known = checked_id(job_id)
        return self._paged(
            lambda client, query: client.fine_tuning.jobs.list_events(known, **query),
            event_of,
            limit,
        )

    def checkpoints(self, job_id: str) -> Flow[list[TuningCheckpoint]]:
        """The checkpoints of a job, the newest first."""
        known = checked_id(job_id)
        return self._paged(
            lambda client, query: client.fine_tuning.jobs.checkpoints.list(known, **query),
            checkpoint_of,
            None,
        )

    def news(self, job_id: str, seen: set[str], deadline: Deadline) -> Flow[Sequence[TuningEvent]]:
        """The events of a job that were not seen before, the oldest first.

        Args:
            job_id: The job.
            seen: Ids of events that are known; the new ones are added.
            deadline: When they must be here.
        """
        events = yield from self._paged(
            lambda client, query: client.fine_tuning.jobs.list_events(job_id, **query),
            event_of,
            # A wait that is taken up again late need not hear of every step again.
            None if seen else _FIRST_NEWS,
            until=lambda event: event.event_id in seen,
            deadline=deadline,
        )
        # Only once all pages are here: after a failure they are asked for again.
        seen.update(event.event_id for event in events)
        return events[::-1]

    def _paged(
        self,
        page: Callable[[Any, Mapping[str, Any]], Any],
        decode: Callable[[Any], T],
        limit: int | None,
        *,
        until: Callable[[T], bool] = lambda record: False,
        deadline: Deadline = NO_DEADLINE,
    ) -> Flow[list[T]]:
        found: list[T] = []
        after: str | None = None
        while limit is None or len(found) < limit:
            query: dict[str, Any] = {"limit": _PAGE if limit is None else min(_PAGE, limit)}
            if after is not None:
                query["after"] = after
            # A list is read again from the start of its page only: the pages before are here.
            use = _asking(page, query)
            answer = yield from (
                self._calls.ask(use)
                if deadline is NO_DEADLINE
                else self._calls.once(use, deadline=deadline)
            )
            records, last, has_more = self._calls.read(_page_of(decode), answer)
            # A server that gives the same page for ever must not be asked for ever.
            if last is not None and last == after:
                break
            for record in records:
                if until(record):
                    return found
                found.append(record)
            if not has_more or last is None:
                break
            after = last
        return found if limit is None else found[:limit]


def checked_id(job_id: str) -> str:
    """The id of a job, which goes into a path.

    Raises:
        ConfigurationError: If it cannot be one.
    """
    if not _ID.fullmatch(job_id):
        raise ConfigurationError(
            f"{job_id!r} is no id of a job: give what create_job() or list_jobs() told, such as "
            "'ftjob-abc123'"
        )
    return job_id


def _asking(
    page: Callable[[Any, Mapping[str, Any]], Any], query: Mapping[str, Any]
) -> Callable[[Any, float], Any]:
    return lambda client, _: page(client, query)


def _page_of(decode: Callable[[Any], T]) -> Callable[[Any], tuple[list[T], str | None, bool]]:
    """A decoder for a page: its records, the id of the last one, and whether there are more."""

    def read(answer: Any) -> tuple[list[T], str | None, bool]:
        data = getattr(answer, "data", None)
        if not isinstance(data, list):
            raise ValueError(f"a list was expected, and it begins {str(answer)[:80]!r}")
        last = identified(data[-1])["id"] if data else None
        return [decode(one) for one in data], last, bool(getattr(answer, "has_more", False))

    return read
