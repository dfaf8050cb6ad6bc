"""Weaviate's REST API as one protocol: what a client asks at its start, and the schema."""

from __future__ import annotations

from dataclasses import replace
from http import HTTPStatus
from typing import Any

from racto.testing.exchange import Incoming, Outgoing, Script
from racto.testing.payloads import encoded, whole
from racto.testing.refusals import Refusal
from racto.testing.replies import Failure

from .classes import Classes
from .refusals import failure_answer, refusal

VERSION = "1.35.2"
"""The version of Weaviate that the server says it is."""

_READY = ("/v1/.well-known/ready", "/v1/.well-known/live")


class WeaviateProtocol:
    """Speaks Weaviate's REST API, as far as its client needs it beside gRPC.

    Args:
        key: The API key that clients must send; None takes any, and none.

    Attributes:
        classes: The schema and the objects.
    """

    name = "weaviate"
    root = ""

    def __init__(self, *, key: str | None = None) -> None:
        self._key = key
        self.classes = Classes()

    def answer(self, request: Incoming, script: Script) -> Outgoing:
        """The answer to one request, errors included."""
        try:
            return self._answer(request, script)
        except Refusal as refused:
            return refused.answer

    def authorize(self, sent: str | None) -> bool:
        """Whether the value of an authorization header has the right key."""
        return self._key is None or sent == f"Bearer {self._key}"

    def _answer(self, request: Incoming, script: Script) -> Outgoing:
        if request.path in _READY:
            return Outgoing()
        if not self.authorize(request.headers.get("authorization")):
            raise refusal("anonymous access not enabled", status=HTTPStatus.UNAUTHORIZED)
        if request.path == "/v1/meta":
            body = {"hostname": "http://[::]:8080", "version": VERSION, "modules": {}}
            return Outgoing(body=encoded(body), headers={"content-type": "application/json"})
        head, _, name = request.path.removeprefix("/v1/").partition("/")
        # A service without OpenID Connect has no configuration of it.
        if head != "schema" or "/" in name:
            raise refusal("not found", status=HTTPStatus.NOT_FOUND)
        outcome = script.outcome_of(request)
        if isinstance(outcome, Failure):
            return failure_answer(outcome)
        status, told = self.classes.answer(request.method, name, request.json)
        body_bytes: Any = encoded(told)
        return replace(whole(outcome, lambda: body_bytes), status=status)
