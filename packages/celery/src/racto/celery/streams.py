"""Readers of streamed replies, in both voices; they end whatever becomes of the task."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any, Protocol

from racto.core.deadlines import Deadline
from racto.core.errors import DeadlineExceededError, JobError

from .connections import RedisConnection
from .partials import PartialAssembler, PartialOutput
from .results import TaskResult, TaskStatus
from .streaming import PREFIX

_BLOCK_S = 0.25
_MOST_ENTRIES = 200


class ResultSource(Protocol):
    """Whatever knows how tasks are, such as a :class:`~racto.celery.RactoCeleryWorker`."""

    def get_result(self, task_id: str) -> TaskResult:
        """The task as it is now."""
        ...


class StreamReader:
    """Reads what a :class:`~racto.celery.streaming.StreamLayer` writes.

    Any number of readers may read one task's stream, each from its beginning.

    Args:
        url: The Redis that the layer writes to.
        worker: Tells how tasks are, so that a reader of a task that failed does not wait for ever.
        prefix: The layer's.

    Raises:
        ConfigurationError: If the URL is none of Redis.
    """

    def __init__(self, url: str, *, worker: ResultSource, prefix: str = PREFIX) -> None:
        self._redis = RedisConnection(url)
        self._worker, self._prefix = worker, prefix

    def read(self, task_id: str, *, timeout_s: float | None = None) -> Iterator[PartialOutput]:
        """Yield the steps of a reply as they come; the last one has ``is_final``.

        Args:
            task_id: The task.
            timeout_s: Seconds that the whole reply may take; None waits as long as it takes.

        Raises:
            JobError: If the task fails or is cancelled.
            DeadlineExceededError: If the time is up; the task goes on.
            APIConnectionError: If Redis or the result back end cannot be reached.
        """
        reading, deadline = _Reading(self, task_id), Deadline.after(timeout_s)
        while not reading.is_over:
            yield from reading.next(deadline)

    async def aread(
        self, task_id: str, *, timeout_s: float | None = None
    ) -> AsyncIterator[PartialOutput]:
        """Async twin of :meth:`read`; each look is made in a worker thread."""
        reading, deadline = _Reading(self, task_id), Deadline.after(timeout_s)
        while not reading.is_over:
            for step in await asyncio.to_thread(reading.next, deadline):
                yield step

    def entries(self, task_id: str, cursor: bytes, wait_s: float) -> list[tuple[bytes, Any]]:
        """Entries after a place in a task's stream, with their places; waits for the first.

        Raises:
            APIConnectionError: If Redis cannot be reached.
        """
        key = f"{self._prefix}:{task_id}"
        found = self._redis.call(
            f"reading the stream of task {task_id}",
            lambda redis: redis.xread(
                {key: cursor}, count=_MOST_ENTRIES, block=max(1, int(wait_s * 1000))
            ),
        )
        pairs = found.items() if isinstance(found, dict) else found or ()
        return [_pair(each) for _, listed in pairs for each in _flat(listed)]

    def result(self, task_id: str) -> TaskResult:
        """The task as it is now."""
        return self._worker.get_result(task_id)


class _Reading:
    """One reader's place in one stream."""

    def __init__(self, reader: StreamReader, task_id: str) -> None:
        self._reader, self._task_id = reader, task_id
        self._assembler = PartialAssembler()
        self._cursor = b"0-0"
        self._is_final = self._is_late = False

    @property
    def is_over(self) -> bool:
        return self._assembler.is_over

    def next(self, deadline: Deadline) -> list[PartialOutput]:
        """The next steps, or none if nothing came for a moment."""
        if self._is_late:
            raise self._late()
        found = self._reader.entries(
            self._task_id, self._cursor, min(_BLOCK_S, deadline.remaining())
        )
        if found:
            self._cursor = found[-1][0]
            # What has come is shown before the time is up, even while more comes.
            self._is_late = deadline.expired
            return self._assembler.take(fields for _, fields in found)
        if self._is_final:
            # Done, and nothing more comes: the stream was cut short or never written.
            self._assembler.is_over = True
            return [PartialOutput(is_final=True, is_cut=True)]
        self._look()
        if deadline.expired and not self._is_final:
            raise self._late()
        return []

    def _late(self) -> DeadlineExceededError:
        return DeadlineExceededError(
            f"task {self._task_id} was not done in time; it goes on, and can be read again"
        )

    def _look(self) -> None:
        now = self._reader.result(self._task_id)
        if now.status in (TaskStatus.FAILURE, TaskStatus.REVOKED):
            raise JobError(f"task {self._task_id}: {now.error or now.status.value}")
        # Looked at once more after this: the end may have been written in between.
        self._is_final = now.status is TaskStatus.SUCCESS


def _flat(listed: Any) -> list[Any]:
    # The newer protocol of Redis answers with one more list around the entries.
    return list(listed[0]) if listed and isinstance(listed[0], list) else list(listed)


def _pair(each: Any) -> tuple[bytes, Any]:
    place, fields = each
    return place, fields or {}
