"""Message batches: each item is answered by the script, and a batch ends when its clock says so."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any, Literal, TypeAlias

from racto.testing.exchange import Outgoing
from racto.testing.jobs import Batches
from racto.testing.payloads import line

from .calls import Call
from .failures import failure_answer
from .pages import page
from .reading import read
from .requests import BatchItem, BatchRequest

PATH = "/v1/messages/batches"
_LARGEST_BODY = 256 * 1024 * 1024
_LIFETIME = timedelta(hours=24)

Run: TypeAlias = Callable[[Mapping[str, Any]], tuple[int, dict[str, Any]]]
"""Answers the body of one item: the status, and the message or the error."""


class MessageBatch:
    """One batch, from its items to their results.

    Its states are ``in_progress`` (items wait), ``in_progress`` (all are answered) and ``ended``;
    canceled, it is ``canceling`` and then ``ended``.

    Args:
        id: Its id.
        items: What it is asked.

    Attributes:
        id: Its id.
        status: The ``processing_status``.
    """

    def __init__(self, id: str, items: Sequence[BatchItem], *, run: Run) -> None:
        self.id = id
        self.status: Literal["in_progress", "canceling", "ended"] = "in_progress"
        self._items = items
        self._run = run
        self._results: list[dict[str, Any]] = []
        self._created = _now()
        self._canceled: datetime | None = None
        self._ended: datetime | None = None

    def step(self) -> None:
        """Answer what waits, or end when nothing does."""
        if self.status == "in_progress" and len(self._results) < len(self._items):
            self.work(len(self._items))
        elif self.status != "ended":
            self._end("canceled")

    def work(self, items: int) -> None:
        """Answer the next items and leave the others waiting."""
        if self.status == "in_progress":
            done = len(self._results)
            self._results += [
                _result(item, *self._run(item.params)) for item in self._items[done : done + items]
            ]

    def cancel(self) -> None:
        """Answer no more items."""
        if self.status == "in_progress":
            self.status, self._canceled = "canceling", _now()

    def expire(self) -> None:
        """End as after 24 hours: what waits has expired."""
        if self.status != "ended":
            self._end("expired")

    def shown(self, host: str) -> dict[str, Any]:
        """The batch as the API shows it."""
        # Absolute, as the SDK follows it; a client may know this machine by any name.
        results = f"http://{host}{PATH}/{self.id}/results"
        return {
            "id": self.id,
            "type": "message_batch",
            "processing_status": self.status,
            "request_counts": self._counts(),
            "created_at": _written(self._created),
            "expires_at": _written(self._created + _LIFETIME),
            "ended_at": _written(self._ended),
            "archived_at": None,
            "cancel_initiated_at": _written(self._canceled),
            "results_url": results if self.status == "ended" else None,
        }

    def results(self) -> bytes:
        """The results as JSON lines, the last item first: their order is not that of the items."""
        return b"".join(map(line, reversed(self._results)))

    def _end(self, waiting: str) -> None:
        # Results grow in the order of the items, so that what is left is the tail.
        for item in self._items[len(self._results) :]:
            self._results.append({"custom_id": item.custom_id, "result": {"type": waiting}})
        self.status, self._ended = "ended", _now()

    def _counts(self) -> dict[str, int]:
        counts = dict.fromkeys(("processing", "succeeded", "errored", "canceled", "expired"), 0)
        # As the real API does it, which counts nothing before the end.
        if self.status != "ended":
            return {**counts, "processing": len(self._items)}
        for result in self._results:
            counts[result["result"]["type"]] += 1
        return counts


class MessageBatches(Batches[MessageBatch]):
    """The batches of a server; the first poll of one answers its items, the second ends it.

    Args:
        run: Answers an item of a batch that a call has made.
    """

    def __init__(
        self, run: Callable[[Call, Mapping[str, Any]], tuple[int, dict[str, Any]]]
    ) -> None:
        super().__init__()
        self._run = run
        self._ids = count(1)

    def takes(self, path: str) -> bool:
        """Whether a path is one of this endpoint's."""
        return path == PATH or path.startswith(f"{PATH}/")

    def answer(self, call: Call) -> Outgoing:
        """Create, list, show, cancel or delete batches, and tell their results.

        Raises:
            Refusal: If the real API would refuse the request.
        """
        with self._lock:
            return self._interrupted(
                lambda: self._answer(call),
                lambda failure: failure_answer(failure, request_id=call.id),
            )

    def _answer(self, call: Call) -> Outgoing:
        parts = call.request.path.removeprefix(PATH).strip("/").split("/")
        if parts == [""]:
            return self._create(call) if call.request.method == "POST" else self._list(call)
        batch = self._jobs.get(parts[0])
        if batch is None or len(parts) > 2:
            raise call.refusal(f"Batch {parts[0]} not found", status=404)
        return self._of_one(call, batch, parts[1] if len(parts) == 2 else "")

    def _create(self, call: Call) -> Outgoing:
        wanted = read(BatchRequest, call.data(_LARGEST_BODY))
        if isinstance(wanted, str):
            raise call.refusal(wanted)
        seen = set[str]()
        for number, item in enumerate(wanted.requests):
            if item.custom_id in seen:
                raise call.refusal(f"requests.{number}.custom_id: custom_id must be unique")
            seen.add(item.custom_id)
        # The call stays with the batch: its script and its version are for the items, too.
        id = f"msgbatch_{next(self._ids):024d}"
        batch = MessageBatch(id, wanted.requests, run=lambda params: self._run(call, params))
        self._add(batch)
        return call.answer(batch.shown(_host(call)))

    def _list(self, call: Call) -> Outgoing:
        call.expect("GET")
        batches = [batch.shown(_host(call)) for batch in self._newest_first()]
        listed = page(batches, call.request.query)
        if isinstance(listed, str):
            raise call.refusal(listed)
        return call.answer(listed)

    def _of_one(self, call: Call, batch: MessageBatch, what: str) -> Outgoing:
        if what == "results":
            return self._results(call, batch)
        if what == "cancel":
            call.expect("POST")
            if batch.status == "ended":
                raise call.refusal(f"Batch {batch.id} has ended and cannot be canceled")
            batch.cancel()
        elif what:
            raise call.refusal("Not Found", status=404)
        elif call.request.method == "DELETE":
            return self._delete(call, batch)
        else:
            call.expect("GET")
            self._poll(batch)
        return call.answer(batch.shown(_host(call)))

    def _results(self, call: Call, batch: MessageBatch) -> Outgoing:
        call.expect("GET")
        if batch.status != "ended":
            raise call.refusal(f"Batch {batch.id} has not ended: its results are not available yet")
        headers = {**call.headers, "content-type": "application/x-jsonl"}
        return Outgoing(headers=headers, body=batch.results())

    def _delete(self, call: Call, batch: MessageBatch) -> Outgoing:
        if batch.status != "ended":
            raise call.refusal(f"Batch {batch.id} has not ended: cancel it before you delete it")
        self._remove(batch)
        return call.answer({"id": batch.id, "type": "message_batch_deleted"})


def _result(item: BatchItem, status: int, body: dict[str, Any]) -> dict[str, Any]:
    result = (
        {"type": "succeeded", "message": body}
        if status == 200
        else {"type": "errored", "error": body}
    )
    return {"custom_id": item.custom_id, "result": result}


def _host(call: Call) -> str:
    return call.request.headers.get("host", "127.0.0.1")


def _now() -> datetime:
    return datetime.now(UTC)


def _written(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat().replace("+00:00", "Z")
