"""Hugging Face's inference servers as one protocol: keys, routes, and the endpoints behind them."""

from __future__ import annotations

from http import HTTPStatus
from typing import Protocol

from racto.testing.exchange import Incoming, Outgoing, Script
from racto.testing.refusals import Refusal
from racto.testing.replies import Failure

from .chat import ChatEndpoint
from .embeddings import EmbeddingsEndpoint
from .failures import failure_answer, refusal
from .hub import HubEndpoint


class Endpoint(Protocol):
    """A part of the API, which knows its paths."""

    def takes(self, request: Incoming) -> bool:
        """Whether the request is for this part."""
        ...

    def answer(self, request: Incoming, script: Script) -> Outgoing:
        """The answer.

        Raises:
            Refusal: If the API would not take the request.
        """
        ...


class HuggingFaceProtocol:
    """Speaks as the router, a text-generation server (TGI) and an embedding server (TEI) do.

    ``InferenceClient(base_url=...)`` takes the server's ``url``; OpenAI's clients add ``/v1``.

    Args:
        key: The token that clients must send; None takes any, and none.
    """

    name = "huggingface"
    root = ""

    def __init__(self, *, key: str | None = None) -> None:
        self._key = key
        self._endpoints: tuple[Endpoint, ...] = (
            ChatEndpoint(),
            EmbeddingsEndpoint(),
            HubEndpoint(),
        )

    def answer(self, request: Incoming, script: Script) -> Outgoing:
        """The answer to one request, errors included."""
        try:
            self._authorize(request)
            for endpoint in self._endpoints:
                if endpoint.takes(request):
                    return endpoint.answer(request, script)
            raise refusal("Not Found", kind=None, status=HTTPStatus.NOT_FOUND)
        except Refusal as refused:
            return refused.answer

    def _authorize(self, request: Incoming) -> None:
        # A server says to anybody whether it is well.
        if self._key is None or request.path == "/health":
            return
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            words = "Invalid username or password."
            raise refusal(words, kind=None, status=HTTPStatus.UNAUTHORIZED)
        if token != self._key:
            raise Refusal(failure_answer(Failure(kind="unauthorized")))
