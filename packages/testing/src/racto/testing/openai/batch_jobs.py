"""One batch of OpenAI's, from its validation to its files."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, TypeAlias

from .batch_files import BatchLine, Tally, answered, left_out, read_lines
from .batch_requests import BatchCreate
from .files import FilesEndpoint

Run: TypeAlias = Callable[[str, Mapping[str, Any]], tuple[int, dict[str, Any]]]
"""Answers one request of a batch: its path and body give a status and a body."""

Status: TypeAlias = Literal[
    "validating",
    "failed",
    "in_progress",
    "finalizing",
    "completed",
    "expired",
    "cancelling",
    "cancelled",
]
ENDED = frozenset[Status]({"failed", "completed", "expired", "cancelled"})
_DAY = 24 * 3600
_EXPIRED = "This request could not be executed before the completion window expired."
_CANCELLED = "This request was not executed because the batch was cancelled."
# A stream has no body that could stand in a line.
_NO_STREAM = {
    "message": "Streaming is not supported in a batch.",
    "type": "invalid_request_error",
    "param": "stream",
    "code": "unsupported_parameter",
}


class Batch:
    """One batch, from its file to its results.

    Its states are ``validating``, ``in_progress``, ``finalizing`` and ``completed``; the requests
    are answered when it leaves ``in_progress``. A file with a fault ends in ``failed``, a
    cancelled batch goes over ``cancelling`` to ``cancelled``.

    Args:
        id: Its id.
        wanted: What the client asked for.
        files: Where it reads and writes.
        run: Answers its requests.

    Attributes:
        id: Its id.
        status: The state that it is in.
    """

    def __init__(self, id: str, wanted: BatchCreate, *, files: FilesEndpoint, run: Run) -> None:
        self.id = id
        self.status: Status = "validating"
        self._wanted = wanted
        self._files = files
        self._run = run
        self._lines: Sequence[BatchLine] = ()
        self._faults: Sequence[Mapping[str, Any]] = ()
        self._good: list[bytes] = []
        self._bad: list[bytes] = []
        self._unmade: list[bytes] = []
        self._tally = Tally()
        self._written: dict[str, str | None] = {"output_file_id": None, "error_file_id": None}
        self._moments = {"created_at": int(time.time())}

    def step(self) -> None:
        """Go on to the next state."""
        if self.status == "validating":
            self._validate()
        elif self.status == "in_progress":
            self.work(len(self._lines))
            self._enter("finalizing")
        elif self.status == "finalizing":
            self._end("completed")
        elif self.status == "cancelling":
            self._leave("batch_cancelled", _CANCELLED)
            self._end("cancelled")

    def work(self, requests: int) -> None:
        """Answer the next requests and leave the others waiting."""
        if self.status == "in_progress":
            done = self._done
            for line in self._lines[done : done + requests]:
                self._answer(line)

    def cancel(self) -> None:
        """Answer no more requests."""
        if self.status not in ENDED:
            self._enter("cancelling")

    def expire(self) -> None:
        """End as after 24 hours: what was answered is kept, what waits has expired."""
        if self.status not in ENDED:
            self._leave("batch_expired", _EXPIRED)
            self._end("expired")

    @property
    def _done(self) -> int:
        return len(self._good) + len(self._bad)

    def _validate(self) -> None:
        # A file that is gone or of another kind fails the batch; it is not refused at once.
        file = self._files.find(self._wanted.input_file_id)
        if file is None or file.purpose != "batch":
            why = "was not found" if file is None else "was not uploaded with the purpose 'batch'"
            message = f"The input file '{self._wanted.input_file_id}' {why}."
            fault = {"code": "invalid_input_file", "line": None, "message": message}
            self._faults = [{**fault, "param": "input_file_id"}]
        else:
            self._lines, self._faults = read_lines(file.content, endpoint=self._wanted.endpoint)
        self._enter("failed" if self._faults else "in_progress")

    def _answer(self, line: BatchLine) -> None:
        if line.body.get("stream"):
            status, body = 400, {"error": _NO_STREAM}
        else:
            status, body = self._run(self._wanted.endpoint, line.body)
        written = answered(self._done + 1, line, status, body)
        if status < 400:
            self._good.append(written)
            self._tally.add(body)
        else:
            self._bad.append(written)

    def _leave(self, code: str, message: str) -> None:
        for number, line in enumerate(self._lines[self._done :], self._done + 1):
            self._unmade.append(left_out(number, line, code=code, message=message))

    def _end(self, status: Status) -> None:
        # The order of the results is not that of the requests.
        for field, lines in (
            ("output_file_id", self._good[::-1]),
            ("error_file_id", [*self._bad, *self._unmade][::-1]),
        ):
            # No lines, no file: a batch in which all failed is completed without an output.
            if lines:
                kind = field.removesuffix("_file_id")
                policy = self._wanted.output_expires_after
                self._written[field] = self._files.keep(
                    b"".join(lines),
                    filename=f"{self.id}_{kind}.jsonl",
                    purpose="batch_output",
                    seconds=policy.seconds if policy else None,
                ).id
        self._enter(status)

    def _enter(self, status: Status) -> None:
        self.status = status
        self._moments[f"{status}_at"] = int(time.time())

    def shown(self) -> dict[str, Any]:
        """The batch as the API shows it."""
        # What expired or was cancelled has neither completed nor failed.
        counts = {
            "total": len(self._lines),
            "completed": len(self._good),
            "failed": len(self._bad),
        }
        errors = {"object": "list", "data": self._faults} if self._faults else None
        return {
            "id": self.id,
            "object": "batch",
            "endpoint": self._wanted.endpoint,
            "model": self._lines[0].body.get("model") if self._lines else None,
            "errors": errors,
            "input_file_id": self._wanted.input_file_id,
            "completion_window": self._wanted.completion_window,
            "status": self.status,
            **self._written,
            "created_at": self._moments["created_at"],
            "in_progress_at": self._moments.get("in_progress_at"),
            "expires_at": self._moments["created_at"] + _DAY,
            "finalizing_at": self._moments.get("finalizing_at"),
            "completed_at": self._moments.get("completed_at"),
            "failed_at": self._moments.get("failed_at"),
            "expired_at": self._moments.get("expired_at"),
            "cancelling_at": self._moments.get("cancelling_at"),
            "cancelled_at": self._moments.get("cancelled_at"),
            "request_counts": counts,
            "usage": self._tally.shown(),
            "metadata": self._wanted.metadata,
        }
