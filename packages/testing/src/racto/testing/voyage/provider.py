"""Voyage's API as one protocol: keys, and the endpoints behind them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from http import HTTPStatus

from racto.testing.exchange import Incoming, Outgoing, Script
from racto.testing.payloads import whole
from racto.testing.refusals import Refusal
from racto.testing.replies import Failure

from .answers import Prepared
from .embeddings import embeddings, multimodal_embeddings
from .failures import WRONG_KEY, failure_answer, refusal
from .reranking import rerank

_ENDPOINTS: Mapping[str, Callable[[Incoming], Prepared]] = {
    "/v1/embeddings": embeddings,
    "/v1/multimodalembeddings": multimodal_embeddings,
    "/v1/rerank": rerank,
}


class VoyageProtocol:
    """Speaks Voyage's API: embeddings, of pictures too, and reranking.

    Args:
        key: The API key that clients must send; None takes any, and none.
    """

    name = "voyage"
    root = "/v1"

    def __init__(self, *, key: str | None = None) -> None:
        self._key = key

    def answer(self, request: Incoming, script: Script) -> Outgoing:
        """The answer to one request, errors included."""
        try:
            self._authorize(request)
            prepare = _ENDPOINTS.get(request.path)
            if prepare is None:
                raise refusal("Not Found", status=HTTPStatus.NOT_FOUND)
            if request.method != "POST":
                raise refusal("Method Not Allowed", status=HTTPStatus.METHOD_NOT_ALLOWED)
            prepared = prepare(request)
        except Refusal as refused:
            return refused.answer
        answer = script.outcome_of(request)
        if isinstance(answer, Failure):
            return failure_answer(answer, prepared.model)
        return whole(answer, prepared.render)

    def _authorize(self, request: Incoming) -> None:
        if self._key is None:
            return
        scheme, _, key = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or key != self._key:
            raise refusal(WRONG_KEY, status=HTTPStatus.UNAUTHORIZED)
