"""OpenAI's API as one protocol: keys, routes, and the endpoints behind them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

from racto.testing.exchange import Incoming, Outgoing, Script
from racto.testing.payloads import encoded
from racto.testing.refusals import Refusal
from racto.testing.scripts import ScriptedAnswers

from .chat import ChatEndpoint
from .embeddings import EmbeddingsEndpoint
from .failures import refusal
from .ids import Ids
from .models import ModelsEndpoint
from .quirks import Quirks
from .responses import ResponsesEndpoint

if TYPE_CHECKING:
    from .batches import BatchesEndpoint
    from .files import FilesEndpoint
    from .fine_tuning import FineTuningEndpoint


class Endpoint(Protocol):
    """A part of the API, which knows its paths."""

    def takes(self, request: Incoming) -> bool:
        """Whether the request is for this part."""
        ...

    def answer(self, request: Incoming, script: Script) -> Outgoing:
        """The answer.

        Raises:
            Refusal: If the real API would refuse the request.
        """
        ...


class OpenAIProtocol:
    """Speaks OpenAI's API.

    Args:
        key: The API key that clients must send; None takes any, and none.
        quirks: Habits of a compatible server; those of OpenAI itself by default.
    """

    name = "openai"
    root = "/v1"

    def __init__(self, *, key: str | None = None, quirks: Quirks | None = None) -> None:
        self._key = key
        self._ids = Ids()
        quirks = quirks or Quirks()
        self._endpoints: tuple[Endpoint, ...] = (
            ChatEndpoint(self._ids, quirks),
            ResponsesEndpoint(self._ids),
            EmbeddingsEndpoint(),
            ModelsEndpoint(),
        )
        # A batch is run by a poll, or by a test's own hand between two requests.
        self._script: Script = ScriptedAnswers()

    def answer(self, request: Incoming, script: Script) -> Outgoing:
        """The answer to one request, errors included."""
        self._script = script
        try:
            self._check_key(request)
            answer = self._route(request, script)
        except Refusal as refused:
            answer = refused.answer
        # A reply may bring an id of its own, for a test of what a client does with it.
        own = {"x-request-id": self._ids.make("req_"), "openai-version": "2020-10-01"}
        return replace(answer, headers={**own, **answer.headers})

    @cached_property
    def files(self) -> FilesEndpoint:
        """The files of the organisation."""
        # Most tests talk of no files and no jobs, and should not wait for them to load.
        from .files import FilesEndpoint

        return FilesEndpoint()

    @cached_property
    def batches(self) -> BatchesEndpoint:
        """The batches, to move them on by hand."""
        from .batches import BatchesEndpoint

        return BatchesEndpoint(self.files, self._run)

    @cached_property
    def fine_tuning(self) -> FineTuningEndpoint:
        """The fine-tuning jobs, to move them on by hand."""
        from .fine_tuning import FineTuningEndpoint

        return FineTuningEndpoint(self.files)

    def _route(self, request: Incoming, script: Script) -> Outgoing:
        for endpoint in self._endpoints:
            if endpoint.takes(request):
                return endpoint.answer(request, script)
        for endpoint in (self.files, self.batches, self.fine_tuning):
            if endpoint.takes(request):
                return endpoint.answer(request, script)
        raise refusal(f"Invalid URL ({request.method} {request.path})", status=404)

    def _run(self, path: str, body: Mapping[str, Any]) -> tuple[int, dict[str, Any]]:
        """Answer one request of a batch, as the endpoint that it names would."""
        request = Incoming(method="POST", path=path, body=encoded(body))
        try:
            answer = self._route(request, self._script)
        except Refusal as refused:
            answer = refused.answer
        return answer.status, json.loads(answer.body)

    def _check_key(self, request: Incoming) -> None:
        if self._key is None:
            return
        scheme, _, sent = request.headers.get("authorization", "").partition(" ")
        if "api-key" in request.headers:
            # Where clients of Azure put it.
            scheme, sent = "bearer", request.headers["api-key"]
        if scheme.lower() != "bearer" or not sent:
            raise refusal(
                "You didn't provide an API key. You need to provide your API key in an"
                " Authorization header using Bearer auth (i.e. Authorization: Bearer YOUR_KEY).",
                status=401,
            )
        if sent != self._key:
            raise refusal(
                f"Incorrect API key provided: {_masked(sent)}. You can find your API key at"
                " https://platform.openai.com/account/api-keys.",
                code="invalid_api_key",
                status=401,
            )


def _masked(key: str) -> str:
    """A key as OpenAI repeats it: its ends, and stars."""
    # A short key would be given away by its ends.
    if len(key) <= 12:
        return key[:2] + "*" * (len(key) - 2)
    return f"{key[:8]}{'*' * (len(key) - 12)}{key[-4:]}"
