"""Ollama's native API as one protocol: keys, routes, and the methods behind them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from http import HTTPStatus

from racto.testing.exchange import Incoming, Outgoing, Script
from racto.testing.refusals import Refusal

from .answers import json_answer, plain_answer
from .embeddings import VectorMethods
from .failures import refusal
from .installed import Library
from .models import ModelMethods
from .words import WordMethods

VERSION = "0.13.5"
"""The version that a server claims to be of."""

_Method = Callable[[Incoming, Script], Outgoing]


class OllamaProtocol:
    """Speaks Ollama's native API.

    Ollama ignores fields and options that it does not know, and tool results without their calls;
    here they are refused, since they would do nothing, unless ``strict`` is False.

    Args:
        key: The token that clients must send; None takes any, and none, as a local server does.
        strict: Whether to refuse what Ollama ignores.
    """

    name = "ollama"
    root = ""

    def __init__(self, *, key: str | None = None, strict: bool = True) -> None:
        self._key = key
        library = Library()
        words = WordMethods(library, strict=strict)
        vectors = VectorMethods(library, strict=strict)
        models = ModelMethods(library, strict=strict)
        self._methods: Mapping[tuple[str, str], _Method] = {
            ("POST", "/api/chat"): words.chat,
            ("POST", "/api/generate"): words.generate,
            ("POST", "/api/embed"): vectors.embed,
            ("POST", "/api/embeddings"): vectors.embed_one,
            ("POST", "/api/pull"): models.pull,
            ("POST", "/api/show"): models.show,
            ("POST", "/api/copy"): models.copy,
            ("DELETE", "/api/delete"): models.delete,
            ("GET", "/api/tags"): models.listed,
            ("GET", "/api/ps"): models.running,
            ("GET", "/api/version"): lambda *_: json_answer({"version": VERSION}),
            ("GET", "/"): lambda *_: plain_answer("Ollama is running"),
            ("HEAD", "/"): lambda *_: plain_answer("Ollama is running"),
        }

    def answer(self, request: Incoming, script: Script) -> Outgoing:
        """The answer to one request, errors included."""
        method = self._methods.get((request.method, request.path.rstrip("/") or "/"))
        try:
            self._authorize(request)
            if method is None:
                return plain_answer("404 page not found", status=HTTPStatus.NOT_FOUND)
            return method(request, script)
        except Refusal as refused:
            return refused.answer

    def _authorize(self, request: Incoming) -> None:
        if self._key is None:
            return
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or token != self._key:
            raise refusal("unauthorized", status=HTTPStatus.UNAUTHORIZED)
