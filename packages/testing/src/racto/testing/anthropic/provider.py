"""Anthropic's API as one protocol: keys, versions, routes, and the endpoints behind them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count

from racto.testing.exchange import Incoming, Outgoing, Script
from racto.testing.refusals import Refusal

from .batches import MessageBatches
from .calls import Call
from .conversations import NEW_VERSION, OLD_VERSION
from .failures import refusal
from .messages import MessagesEndpoint
from .models import ModelsEndpoint

MODELS = ("claude-opus-5-5", "claude-sonnet-5-5", "claude-haiku-5-5")
"""Models that a server lists when nobody says otherwise."""


class AnthropicProtocol:
    """Messages, token counts, batches and models, of the API versions 2023-06-01 and 2026-10-21.

    Args:
        key: The API key that clients must send; None takes any, and none.
        models: Names of the models to list; messages are answered for any name.

    Attributes:
        batches: The batches, to move them on by hand.
    """

    name = "anthropic"
    # Paths of its clients begin with the version themselves.
    root = ""

    def __init__(self, *, key: str | None = None, models: Sequence[str] = MODELS) -> None:
        self._key = key
        self._messages = MessagesEndpoint()
        self.batches = MessageBatches(self._messages.item)
        self._endpoints = (self._messages, self.batches, ModelsEndpoint(models))
        self._ids = count(1)

    def answer(self, request: Incoming, script: Script) -> Outgoing:
        """The answer to one request, errors included."""
        id = f"req_{next(self._ids):024d}"
        try:
            # A stranger learns nothing about versions and paths.
            self._check_key(request, id)
            call = Call(request=request, script=script, id=id, version=_version(request, id))
            for endpoint in self._endpoints:
                if endpoint.takes(request.path):
                    return endpoint.answer(call)
            raise call.refusal("Not Found", status=404)
        except Refusal as refused:
            return refused.answer

    def _check_key(self, request: Incoming, id: str) -> None:
        # Older clients send the first header, those of 2026 the second; the real API takes both.
        if self._key is None:
            return
        headers = request.headers
        scheme, _, token = headers.get("authorization", "").partition(" ")
        if "x-api-key" in headers:
            if headers["x-api-key"] != self._key:
                raise refusal("invalid x-api-key", request_id=id, status=401)
        elif scheme.lower() != "bearer":
            raise refusal("x-api-key header is required", request_id=id, status=401)
        elif token != self._key:
            raise refusal("Invalid bearer token", request_id=id, status=401)


def _version(request: Incoming, id: str) -> str:
    version = request.headers.get("anthropic-version")
    if version is None:
        raise refusal("anthropic-version: header is required", request_id=id)
    if version not in (OLD_VERSION, NEW_VERSION):
        raise refusal(f'anthropic-version: "{version}" is not a valid version', request_id=id)
    return version
