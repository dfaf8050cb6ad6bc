"""Pinecone's API as one protocol: keys and versions, the control plane, and the indexes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from http import HTTPStatus
from typing import Any

from racto.testing.exchange import Incoming, Outgoing, Script
from racto.testing.payloads import encoded, whole
from racto.testing.refusals import Refusal
from racto.testing.replies import Failure

from . import vectors
from .failures import WRONG_KEY, failure_answer, refusal
from .indexes import Index, Indexes

_VERSION = "2026-07"
_ENDPOINTS: Mapping[tuple[str, str], Callable[[Incoming, Index], vectors.Prepared]] = {
    ("POST", "/vectors/upsert"): vectors.upsert,
    ("POST", "/query"): vectors.query,
    ("GET", "/vectors/fetch"): vectors.fetch,
    ("POST", "/vectors/fetch_by_metadata"): vectors.fetch_by_metadata,
    ("POST", "/vectors/delete"): vectors.delete,
    ("GET", "/vectors/list"): vectors.list_ids,
    ("POST", "/describe_index_stats"): vectors.stats,
}


class PineconeProtocol:
    """Speaks Pinecone's API of 2026-07, as far as dense vectors need it.

    Args:
        key: The API key that clients must send; None takes any, and none.
        lag: Seconds after which reads see a write.

    Attributes:
        indexes: The indexes of the project.
    """

    name = "pinecone"
    root = ""

    def __init__(self, *, key: str | None = None, lag: float = 0.0) -> None:
        self._key = key
        self.indexes = Indexes(lag)

    def answer(self, request: Incoming, script: Script) -> Outgoing:
        """The answer to one request, errors included."""
        control = not request.path.startswith("/data/")
        try:
            self._authorize(request, control=control)
            if control:
                return self._control(request, script)
            return self._data(request, script)
        except Refusal as refused:
            return refused.answer

    def _control(self, request: Incoming, script: Script) -> Outgoing:
        head, _, name = request.path.lstrip("/").partition("/")
        if head != "indexes" or "/" in name:
            raise refusal("Not Found", status=HTTPStatus.NOT_FOUND, control=True)
        outcome = script.outcome_of(request)
        if isinstance(outcome, Failure):
            return failure_answer(outcome, control=True)
        status, body = self.indexes.answer(request, name)
        return replace(whole(outcome, lambda: body), status=status)

    def _data(self, request: Incoming, script: Script) -> Outgoing:
        name, _, rest = request.path.removeprefix("/data/").partition("/")
        index = self.indexes.named(name, control=False)
        prepare = _ENDPOINTS.get((request.method, f"/{rest}"))
        if prepare is None:
            raise refusal("Not Found", status=HTTPStatus.NOT_FOUND)
        act, headers = prepare(request, index)
        outcome = script.outcome_of(request)
        if isinstance(outcome, Failure):
            return failure_answer(outcome, control=False)
        body: Any = encoded(act())
        answer = whole(outcome, lambda: body)
        return replace(answer, headers={**headers(), **answer.headers})

    def _authorize(self, request: Incoming, *, control: bool) -> None:
        if self._key is not None and request.headers.get("api-key") != self._key:
            raise refusal(WRONG_KEY, status=HTTPStatus.UNAUTHORIZED, control=control)
        version = request.headers.get("x-pinecone-api-version")
        if version != _VERSION:
            words = f"This API speaks version {_VERSION}, and was asked for {version!r:.40}"
            raise refusal(words, control=control)
