"""Batches of requests: inline or in a file, for words or for vectors."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from http import HTTPStatus
from itertools import count
from typing import Any, TypeAlias

from racto.testing.exchange import Incoming, Outgoing, Script
from racto.testing.jobs import Batches
from racto.testing.payloads import encoded

from .batch_jobs import Batch, Entry, Order, read_lines
from .failures import failure_answer, refusal
from .files import FilesEndpoint
from .requests import BATCH, EMBEDDINGS_BATCH, read
from .routes import Route
from .shelves import paged

Run: TypeAlias = Callable[[Script, str, Mapping[str, Any]], tuple[int, dict[str, Any]]]
"""Answers one request of a batch: script, path and body give a status and a body."""

_ACTIONS = ("list", "get", "delete", "cancel")
_METHODS = {
    "batchGenerateContent": (BATCH, "generateContent"),
    "asyncBatchEmbedContent": (EMBEDDINGS_BATCH, "embedContent"),
}


class BatchesEndpoint(Batches[Batch]):
    """The batches of a server; each poll of one moves it on by a state.

    Args:
        files: Where batches read and write.
        run: Answers one request of a batch.
    """

    def __init__(self, files: FilesEndpoint, run: Run) -> None:
        super().__init__()
        self._files = files
        self._run = run
        self._numbers = count(1)

    def enter(self, state: str, *, id: str | None = None) -> None:
        """Bring batches to a state, such as ``BATCH_STATE_PAUSED``.

        Args:
            state: The state, as it is on the wire.
            id: Name of the batch; all of them when None.

        Raises:
            LookupError: If there is no such batch.
        """
        with self._lock:
            for batch in self._meant(id):
                batch.enter(state)

    def takes(self, route: Route, request: Incoming) -> bool:
        """Whether the request is about batches."""
        actions = {"models": tuple(_METHODS), "batches": _ACTIONS}.get(route.collection, ())
        return route.action(request.method) in actions

    def answer(self, route: Route, request: Incoming, script: Script) -> Outgoing:
        """The answer.

        Raises:
            Refusal: If the real API would refuse the request.
        """
        with self._lock:
            return self._interrupted(
                lambda: Outgoing(body=encoded(self._answer(route, request, script))),
                failure_answer,
            )

    def _answer(self, route: Route, request: Incoming, script: Script) -> dict[str, Any]:
        if route.collection == "models":
            order = self._order(route, request)
            name = f"batches/batch-{next(self._numbers)}"
            # The replies are taken from the script when the batch works, not when it is ordered.
            batch = Batch(name, order, run=partial(self._run, script))
            self._add(batch)
            return batch.shown()
        action = route.action(request.method)
        if action == "list":
            return paged(self._newest_first(), request.query, "operations", Batch.shown)
        batch = self._known(route.name)
        if action == "cancel":
            if not batch.has_ended:
                batch.enter("BATCH_STATE_CANCELLED")
            return {}
        if action == "delete":
            self._remove(batch)
            return {}
        self._poll(batch)
        return batch.shown()

    def _order(self, route: Route, request: Incoming) -> Order:
        kind, method = _METHODS[route.method]
        asked = read(kind, request, vertex=route.vertex).get("batch", {})
        source = asked.get("inputConfig", {})
        order = partial(Order, model=route.name, method=method, label=asked.get("displayName", ""))
        if "fileName" in source:
            keep = partial(
                self._files.keep,
                host=request.headers.get("host", ""),
                mime_type="application/jsonl",
            )
            try:
                entries = list(read_lines(self._files.content(source["fileName"])))
            except ValueError as error:
                return order(fault=str(error), keep=keep)
            return order(entries=entries, keep=keep)
        inlined = source.get("requests", {}).get("requests", [])
        if not inlined:
            raise refusal("* BatchGenerateContentRequest.batch.input_config: must be specified\n")
        return order(entries=[_inline(each) for each in inlined])

    def _known(self, name: str) -> Batch:
        if name not in self._jobs:
            raise refusal("Requested entity was not found.", status=HTTPStatus.NOT_FOUND)
        return self._jobs[name]


def _inline(entry: Mapping[str, Any]) -> Entry:
    mark = {"metadata": entry["metadata"]} if "metadata" in entry else {}
    return Entry(request=entry.get("request", {}), mark=mark)
