"""The Gemini API as one protocol: keys, routes, and the endpoints behind them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Protocol

from racto.testing.exchange import Incoming, Outgoing, Script
from racto.testing.payloads import encoded
from racto.testing.refusals import Refusal

from .batches import BatchesEndpoint
from .caches import CachesEndpoint
from .embeddings import EmbeddingEndpoint
from .failures import no_key, no_method, wrong_key, wrong_token
from .files import FilesEndpoint
from .generation import GenerationEndpoint
from .interactions.endpoint import InteractionsEndpoint
from .interactions.failures import reworded_answer
from .models import ModelsEndpoint
from .routes import Route, route
from .tunings import TuningEndpoint


class Endpoint(Protocol):
    """A part of the API, which knows its routes."""

    def takes(self, route: Route, request: Incoming) -> bool:
        """Whether the request is for this part."""
        ...

    def answer(self, route: Route, request: Incoming, script: Script) -> Outgoing:
        """The answer.

        Raises:
            Refusal: If the real API would refuse the request.
        """
        ...


class GeminiProtocol:
    """Speaks the Gemini API as the Developer API and as Vertex AI do, on whichever path is asked.

    The version (``v1``, ``v1beta``, ...) may stand in a client's base URL or be added by the
    client; both reach the same methods. A signature of a reply goes out as base64 of its text, and
    a tool call with the id ``""`` without an id, as older models make it.

    Args:
        key: The API key or token that clients must send; None takes any, and none.

    Attributes:
        files: Files that were uploaded, or that a batch left behind.
        caches: Cached beginnings of prompts.
        batches: Batches of requests.
        tunings: Tunings of models.
        interactions: Interactions that are kept.
    """

    name = "gemini"
    root = "/v1beta"

    def __init__(self, *, key: str | None = None) -> None:
        self._key = key
        self.files = FilesEndpoint()
        self.caches = CachesEndpoint()
        self.batches = BatchesEndpoint(self.files, self._run)
        self.tunings = TuningEndpoint()
        self.interactions = InteractionsEndpoint()
        self._endpoints: tuple[Endpoint, ...] = (
            GenerationEndpoint(self._check),
            EmbeddingEndpoint(),
            ModelsEndpoint(),
            self.files,
            self.caches,
            self.batches,
            self.tunings,
            self.interactions,
        )

    def answer(self, request: Incoming, script: Script) -> Outgoing:
        """The answer to one request, errors included."""
        found = route(request.path)
        try:
            if not (found.upload and self.files.is_upload(request)):
                self._authorize(request)
            answer = self._answer(found, request, script)
        except Refusal as refused:
            answer = refused.answer
        return reworded_answer(answer) if found.collection == "interactions" else answer

    def _answer(self, found: Route, request: Incoming, script: Script) -> Outgoing:
        for endpoint in self._endpoints:
            if endpoint.takes(found, request):
                return endpoint.answer(found, request, script)
        raise no_method(request.path)

    def _authorize(self, request: Incoming) -> None:
        if self._key is None:
            return
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            if token != self._key:
                raise wrong_token()
            return
        # The SDK sends a header, curl and older clients the query.
        key = request.headers.get("x-goog-api-key") or request.query.get("key")
        if not key:
            raise no_key()
        if key != self._key:
            raise wrong_key()

    def _check(self, asked: Mapping[str, Any], model: str) -> None:
        self.caches.check(asked, model)
        self.files.check(asked)

    def _run(
        self, script: Script, path: str, body: Mapping[str, Any]
    ) -> tuple[int, dict[str, Any]]:
        request = Incoming(method="POST", path=path, body=encoded(body))
        try:
            answer = self._answer(route(path), request, script)
        except Refusal as refused:
            answer = refused.answer
        return answer.status, json.loads(answer.body)
