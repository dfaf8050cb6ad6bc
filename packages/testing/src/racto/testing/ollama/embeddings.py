"""The methods that give vectors: ``/api/embed`` for many texts, and the older one for one."""

from __future__ import annotations

from dataclasses import replace

from racto.testing.exchange import Incoming, Outgoing, Script
from racto.testing.payloads import whole
from racto.testing.replies import Failure
from racto.testing.vectors import tokens, vector

from .failures import failure_answer, refusal
from .installed import Library
from .reading import named, read
from .requests import EmbedRequest, OldEmbedRequest
from .rules import check_keep_alive, check_options

_DIMENSIONS = 768


class VectorMethods:
    """Answers requests for vectors.

    Args:
        library: The models.
        strict: Whether to refuse what Ollama ignores.
    """

    def __init__(self, library: Library, *, strict: bool) -> None:
        self._library = library
        self._strict = strict

    def embed(self, request: Incoming, script: Script) -> Outgoing:
        """``POST /api/embed``.

        Raises:
            Refusal: If the API would not take the request.
        """
        asked = read(EmbedRequest, request, strict=self._strict)
        self._check(asked)
        texts = [asked.input] if isinstance(asked.input, str) else asked.input
        # Ollama answers nothing with nothing, and does not complain.
        if texts is None or asked.input == "":
            texts = []
        if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
            raise refusal("invalid input type")
        size = _DIMENSIONS if asked.dimensions is None else asked.dimensions
        if size < 1:
            raise refusal("dimensions must be positive")
        answer = script.outcome_of(request)
        if isinstance(answer, Failure):
            return _failed(answer, asked.model)
        count = sum(map(tokens, texts))
        body = {
            "model": asked.model,
            "embeddings": [vector(text, size) for text in texts],
            "total_duration": 14_000_000,
            "load_duration": 1_000_000,
            "prompt_eval_count": count,
        }
        return whole(answer, lambda: body)

    def embed_one(self, request: Incoming, script: Script) -> Outgoing:
        """``POST /api/embeddings``.

        Raises:
            Refusal: If the API would not take the request.
        """
        asked = read(OldEmbedRequest, request, strict=self._strict)
        self._check(asked)
        answer = script.outcome_of(request)
        if isinstance(answer, Failure):
            return _failed(answer, asked.model)
        # The older method takes no text for the wish to load the model.
        found = vector(asked.prompt, _DIMENSIONS) if asked.prompt else []
        return whole(answer, lambda: {"embedding": found})

    def _check(self, asked: EmbedRequest | OldEmbedRequest) -> None:
        model = named(asked.model)
        check_options(asked.options, strict=self._strict)
        check_keep_alive(asked.keep_alive)
        self._library.use(model, asked.keep_alive)


def _failed(failure: Failure, model: str) -> Outgoing:
    if failure.kind == "context_overflow" and not failure.message:
        failure = replace(failure, message="the input length exceeds the context length")
    return failure_answer(failure, model)
