"""A provider in this process, with small limits, that breaks when a test says so."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from racto.batch.hosts import BatchLimits, Fate, JobOrder, Outcome, RemoteJob
from racto.batch.jobs import BatchStatus, RequestCounts
from racto.core.deadlines import NO_DEADLINE, Deadline
from racto.core.errors import NotFoundError
from racto.core.flows import Flow, step
from racto.core.requests import EncodedRequest

LIMITS = BatchLimits(
    requests=4, bytes=4000, line_bytes=1000, id_pattern=r"[A-Za-z0-9_-]+", id_length=12
)


@dataclass(kw_only=True)
class Job:
    """A job at the depot.

    Attributes:
        id: Its id.
        order: What was ordered.
        lines: The requests.
        status: Where it stands.
        files: The lines of its results.
        errors: Why it failed as a whole.
        created_at: Unix time in seconds.
    """

    id: str
    order: JobOrder
    lines: list[dict[str, Any]]
    status: BatchStatus = BatchStatus.IN_PROGRESS
    files: list[bytes] = field(default_factory=list)
    errors: tuple[str, ...] = ()
    created_at: float = field(default_factory=time.time)


class Depot:
    """Jobs, and what a test lets happen to them.

    Attributes:
        jobs: Jobs by id.
        keeps_tags: Whether the tag of an order is kept, as some providers do not.
        calls: Names of the calls that arrived.
        on_call: Called with the name of each call, before or after it is done ("start",
            "started", "look", ...); an error that it raises is the call's.
        steps: Looks after which a job is done by itself; None leaves it to the test.
    """

    def __init__(self, *, keeps_tags: bool = True, steps: int | None = None) -> None:
        self.jobs: dict[str, Job] = {}
        self.keeps_tags = keeps_tags
        self.calls: list[str] = []
        self.on_call: Callable[[str], None] = lambda name: None
        self.steps = steps

    def called(self, name: str) -> None:
        """Note a call, and let the test break it."""
        self.calls.append(name)
        self.on_call(name)

    def create(self, lines: list[dict[str, Any]], order: JobOrder) -> Job:
        """Take an order."""
        job = Job(id=f"job-{len(self.jobs) + 1}", order=order, lines=lines)
        self.jobs[job.id] = job
        return job

    def finish(
        self,
        job_id: str,
        status: BatchStatus = BatchStatus.COMPLETED,
        *,
        without: Collection[str] = (),
        instead: dict[str, dict[str, Any]] | None = None,
        strays: Sequence[bytes] = (),
        errors: tuple[str, ...] = (),
    ) -> None:
        """End a job; its answers stand in the order that is most unlike the requests'.

        Args:
            job_id: The job.
            status: How it ends.
            without: Ids that never come back.
            instead: Result lines by id, for those that are not answered.
            strays: Lines to write beside.
            errors: Why the job failed as a whole.
        """
        job, told = self.jobs[job_id], instead or {}
        job.status, job.errors = status, errors
        lines = [
            told.get(line["custom_id"], {"fate": "answered", "body": reply(_words(line["body"]))})
            | {"custom_id": line["custom_id"]}
            for line in job.lines
            if line["custom_id"] not in without
        ]
        job.files = [*(json.dumps(line).encode() for line in reversed(lines)), *strays]


class DepotHost:
    """Keeps :class:`~racto.batch.hosts.BatchHost` over a depot.

    Args:
        depot: The depot.
        limits: What a job may hold.
    """

    provider = "openai"

    def __init__(self, depot: Depot, limits: BatchLimits = LIMITS) -> None:
        self.depot = depot
        self.limits = limits
        self.is_closed = False

    def lane(self, request: EncodedRequest) -> str:
        """One path and one model a job."""
        return f"{request.path} {request.model}"

    def weight(self, request: EncodedRequest) -> int:
        """As many as there are texts."""
        texts = request.body.get("input")
        return len(texts) if isinstance(texts, list) else 1

    def line(self, custom_id: str, request: EncodedRequest) -> bytes:
        """Id and body."""
        return json.dumps({"custom_id": custom_id, "body": request.body}).encode()

    def start(
        self, spool: Path, order: JobOrder, *, deadline: Deadline = NO_DEADLINE
    ) -> Flow[RemoteJob]:
        """Read the lines and take the order."""

        def started() -> RemoteJob:
            self.depot.called("start")
            lines = [json.loads(line) for line in spool.read_bytes().splitlines()]
            assert len(lines) == order.count
            job = self.depot.create(lines, order)
            self.depot.called("started")
            return replace(self._shown(job), tag=order.tag)

        return self._call(started)

    def find(
        self,
        tag: str,
        *,
        count: int,
        since: float,
        known: Collection[str] = (),
        deadline: Deadline = NO_DEADLINE,
    ) -> Flow[RemoteJob | None]:
        """By the tag, or by the number of requests."""

        def found() -> RemoteJob | None:
            self.depot.called("find")
            for job in self.depot.jobs.values():
                is_it = job.order.tag == tag if self.depot.keeps_tags else len(job.lines) == count
                if is_it and job.id not in known and job.created_at >= since:
                    return self._shown(job)
            return None

        return self._call(found)

    def look(self, job_id: str, *, deadline: Deadline = NO_DEADLINE) -> Flow[RemoteJob]:
        """The job, one step further."""

        def seen() -> RemoteJob:
            deadline.check("a look")
            self.depot.called("look")
            job = self._job(job_id)
            is_due = self.depot.calls.count("look") >= (self.depot.steps or sys.maxsize)
            if is_due and not job.status.is_final:
                self.depot.finish(job_id)
            return self._shown(job)

        return self._call(seen)

    def cancel(self, job_id: str, *, deadline: Deadline = NO_DEADLINE) -> Flow[RemoteJob]:
        """From now on it is being cancelled."""

        def cancelled() -> RemoteJob:
            self.depot.called("cancel")
            job = self._job(job_id)
            if not job.status.is_final:
                job.status = BatchStatus.CANCELLING
            return self._shown(job)

        return self._call(cancelled)

    def jobs(self, limit: int, *, deadline: Deadline = NO_DEADLINE) -> Flow[list[RemoteJob]]:
        """Newest first."""
        return self._call(
            lambda: [self._shown(job) for job in reversed(self.depot.jobs.values())][:limit]
        )

    def fetch(
        self, job: RemoteJob, folder: Path, *, deadline: Deadline = NO_DEADLINE
    ) -> Flow[list[Path]]:
        """One file of lines."""

        def fetched() -> list[Path]:
            self.depot.called("fetch")
            path = folder / "results.jsonl"
            path.write_bytes(b"".join(line + b"\n" for line in self._job(job.job_id).files))
            return [path]

        return self._call(fetched)

    def outcomes(self, paths: Sequence[Path]) -> Iterator[Outcome]:
        """The lines; those that are no JSON are malformed."""
        for path in paths:
            for number, line in enumerate(path.read_bytes().splitlines(), 1):
                try:
                    told = json.loads(line)
                    body = json.dumps(told.get("body", {})).encode()
                    yield Outcome(
                        fate=Fate(told["fate"]),
                        custom_id=told.get("custom_id"),
                        body=body,
                        status=told.get("status"),
                        request_id=told.get("request_id"),
                        problem=told.get("problem", ""),
                    )
                except ValueError:
                    problem = f"{path.name}, line {number}: no JSON"
                    yield Outcome(fate=Fate.MALFORMED, problem=problem)

    def close(self) -> None:
        """Note it."""
        self.is_closed = True

    async def aclose(self) -> None:
        """Note it."""
        self.is_closed = True

    def _job(self, job_id: str) -> Job:
        if job_id not in self.depot.jobs:
            raise NotFoundError(f"no job {job_id}", provider=self.provider)
        return self.depot.jobs[job_id]

    def _shown(self, job: Job) -> RemoteJob:
        answered = sum(b'"answered"' in line for line in job.files)
        return RemoteJob(
            job_id=job.id,
            status=job.status,
            created_at=job.created_at,
            counts=RequestCounts(total=len(job.lines), succeeded=answered),
            errors=job.errors,
            outputs=("results",),
            tag=job.order.tag if self.depot.keeps_tags else "",
            raw={"id": job.id},
        )

    def _call(self, work: Callable[[], Any]) -> Flow[Any]:
        async def awaited() -> Any:
            return work()

        return step(work, awaited)


def reply(text: str, *, tokens: int = 3) -> dict[str, Any]:
    """A Chat Completions reply."""
    return {
        "choices": [{"message": {"role": "assistant", "content": text}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": tokens, "completion_tokens": tokens},
    }


def _words(body: dict[str, Any]) -> str:
    return f"re: {body['messages'][-1]['content']}" if "messages" in body else ""
