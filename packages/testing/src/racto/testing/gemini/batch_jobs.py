"""One batch: its requests, its states, and what it leaves behind."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, TypeAlias

from racto.testing.payloads import line

from .moments import moment

Run: TypeAlias = Callable[[str, Mapping[str, Any]], tuple[int, dict[str, Any]]]
"""Answers one request of a batch: path and body give a status and a body."""

_TYPE = "type.googleapis.com/google.ai.generativelanguage.v1main."
# Terminal states without results, and the gRPC code that each of them ends with.
_FRUITLESS = {"FAILED": 13, "CANCELLED": 1, "EXPIRED": 4}
_ENDED = (*_FRUITLESS, "SUCCEEDED", "PARTIALLY_SUCCEEDED")
_CODES = {
    "INVALID_ARGUMENT": 3,
    "DEADLINE_EXCEEDED": 4,
    "NOT_FOUND": 5,
    "ALREADY_EXISTS": 6,
    "PERMISSION_DENIED": 7,
    "RESOURCE_EXHAUSTED": 8,
    "INTERNAL": 13,
    "UNAVAILABLE": 14,
    "UNAUTHENTICATED": 16,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One request of a batch.

    Attributes:
        request: Its body.
        mark: What comes back with the result: the metadata of an inline request, or the key of a
            line.
    """

    request: Mapping[str, Any]
    mark: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What a client orders with a batch.

    Attributes:
        model: Name of the model.
        method: What each request asks the model for, for example ``generateContent``.
        label: The ``displayName``.
        entries: The requests.
        fault: Why the input cannot be read; the batch fails then.
        keep: Keeps the results as a file and gives its name; None leaves them in the batch.
    """

    model: str
    method: str
    label: str = ""
    entries: Sequence[Entry] = ()
    fault: str | None = None
    keep: Callable[[bytes], str] | None = None


class Batch:
    """A batch and its requests.

    It is pending, then running, and has succeeded when its requests are answered, with whatever
    result; it fails when its input cannot be read.

    Args:
        id: Its name.
        order: What it shall do.
        run: Answers its requests.

    Attributes:
        id: Its name, for example ``batches/batch-1``.
        state: The state on the wire.
    """

    def __init__(self, id: str, order: Order, *, run: Run) -> None:
        self.id = id
        self.state = "BATCH_STATE_PENDING"
        self._order = order
        self._run = run
        self._results: list[dict[str, Any]] = []
        self._output: dict[str, Any] | None = None
        self._created = self._updated = moment()

    @property
    def has_ended(self) -> bool:
        """Whether it goes no further."""
        return self._ending in _ENDED

    def step(self) -> None:
        """Go on to the next state."""
        # An input file is read when the batch begins, and not when it is ordered.
        if self._order.fault and not self.has_ended:
            self.enter("BATCH_STATE_FAILED")
        elif self._ending == "PENDING":
            self.enter("BATCH_STATE_RUNNING")
        elif self._ending == "RUNNING":
            self.enter("BATCH_STATE_SUCCEEDED")

    def work(self, requests: int) -> None:
        """Answer the next requests and leave the others waiting."""
        done = len(self._results)
        for entry in self._order.entries[done : done + requests]:
            self._results.append(self._result(entry))

    def expire(self) -> None:
        """End without results, as after two days."""
        if not self.has_ended:
            self.enter("BATCH_STATE_EXPIRED")

    def enter(self, state: str) -> None:
        """Go to a state at once; one that has results answers what waits.

        Args:
            state: The state, as it is on the wire.
        """
        self.state, self._updated = state, moment()
        if self.has_ended and self._ending not in _FRUITLESS:
            self.work(len(self._order.entries))
            self._output = self._left()

    def shown(self) -> dict[str, Any]:
        """The batch as the API shows it: an operation."""
        kind = (
            "GenerateContentBatch"
            if self._order.method == "generateContent"
            else "EmbedContentBatch"
        )
        told: dict[str, Any] = {
            "@type": f"{_TYPE}{kind}",
            "model": self._order.model,
            "displayName": self._order.label,
            "name": self.id,
            "state": self.state,
            "createTime": self._created,
            "updateTime": self._updated,
            "batchStats": self._stats(),
        }
        shown: dict[str, Any] = {"name": self.id, "metadata": told}
        if self.has_ended:
            told["endTime"] = self._updated
            shown["done"] = True
        if self._ending in _FRUITLESS:
            message = self._order.fault or f"The batch is {self._ending.lower()}."
            shown["error"] = {"code": _FRUITLESS[self._ending], "message": message}
        if self._output is not None:
            told["output"] = self._output
            shown["response"] = {"@type": f"{_TYPE}{kind}Output", **self._output}
        return shown

    @property
    def _ending(self) -> str:
        # BATCH_STATE_RUNNING and JOB_STATE_RUNNING mean the same.
        return self.state.partition("_STATE_")[2]

    def _result(self, entry: Entry) -> dict[str, Any]:
        # A request of a batch passes the same rules as one that is sent alone.
        path = f"/v1beta/{self._order.model}:{self._order.method}"
        status, body = self._run(path, entry.request)
        if status < HTTPStatus.BAD_REQUEST:
            return {**entry.mark, "response": body}
        told = body["error"]
        error = {"code": _CODES.get(told["status"], 2), "message": told["message"]}
        return {**entry.mark, "error": error}

    def _left(self) -> dict[str, Any]:
        if self._order.keep is None:
            return {"inlinedResponses": {"inlinedResponses": self._results}}
        return {"responsesFile": self._order.keep(b"".join(map(line, self._results)))}

    def _stats(self) -> dict[str, str]:
        failed = sum("error" in each for each in self._results)
        # Counts are 64-bit numbers, which proto-JSON tells as text, and not when they are 0.
        counts = {
            "requestCount": len(self._order.entries),
            "successfulRequestCount": len(self._results) - failed,
            "failedRequestCount": failed,
            "pendingRequestCount": len(self._order.entries) - len(self._results),
        }
        return {name: str(number) for name, number in counts.items() if number}


def read_lines(data: bytes) -> Iterator[Entry]:
    """The requests of an input file.

    Args:
        data: Lines of JSON, each with a ``request`` and perhaps a ``key``.

    Raises:
        ValueError: If a line is no such thing.
    """
    for number, text in enumerate(data.splitlines(), 1):
        if not text.strip():
            continue
        try:
            entry = json.loads(text)
        except ValueError as error:
            raise ValueError(f"Line {number} of the input file is not JSON.") from error
        if not isinstance(entry, dict) or not isinstance(entry.get("request"), dict):
            raise ValueError(f"Line {number} of the input file has no request.")
        mark = {"key": entry["key"]} if "key" in entry else {}
        yield Entry(request=entry["request"], mark=mark)
