"""The methods by which a model speaks: ``/api/chat`` and ``/api/generate``."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from racto.testing.exchange import Incoming, Outgoing, Script
from racto.testing.payloads import line, streamed, whole
from racto.testing.replies import Failure

from .answers import LINES, json_answer
from .failures import failure_answer, refusal
from .installed import Library, is_zero
from .reading import named, read
from .rendering import Completion, chat_words, generate_words, head
from .requests import ChatRequest, GenerateRequest, Generation
from .rules import check_chat, check_generate


class WordMethods:
    """Answers requests for words.

    Args:
        library: The models.
        strict: Whether to refuse what Ollama ignores.
    """

    def __init__(self, library: Library, *, strict: bool) -> None:
        self._library = library
        self._strict = strict

    def chat(self, request: Incoming, script: Script) -> Outgoing:
        """``POST /api/chat``.

        Raises:
            Refusal: If the API would not take the request.
        """
        asked = read(ChatRequest, request, strict=self._strict)
        model = named(asked.model)
        check_chat(asked, strict=self._strict)
        self._library.use(model, asked.keep_alive)
        # To say nothing is how a client loads a model ahead of time.
        if not asked.messages:
            return _loaded(asked, chat_words("", "", ()))
        return self._words(asked, request, script, chat_words)

    def generate(self, request: Incoming, script: Script) -> Outgoing:
        """``POST /api/generate``.

        Raises:
            Refusal: If the API would not take the request.
        """
        asked = read(GenerateRequest, request, strict=self._strict)
        model = named(asked.model)
        check_generate(asked, strict=self._strict)
        self._library.use(model, asked.keep_alive)
        if not asked.prompt:
            return _loaded(asked, generate_words("", "", ()))
        return self._words(asked, request, script, generate_words)

    def _words(
        self,
        asked: Generation,
        request: Incoming,
        script: Script,
        wrap: Callable[..., dict[str, Any]],
    ) -> Outgoing:
        reply = script.reply_to(request)
        if isinstance(reply, Failure):
            return failure_answer(reply, asked.model)
        completion = Completion(request=asked, reply=reply, wrap=wrap)
        # Unlike elsewhere, a stream is what comes when nobody asks for anything.
        if asked.stream is not False:
            return streamed(reply, map(line, completion.lines()), pack=line, headers=LINES)
        if completion.malformed and reply.body is None:
            raise refusal(completion.malformed, status=HTTPStatus.INTERNAL_SERVER_ERROR)
        return whole(reply, completion.body)


def _loaded(asked: Generation, said: dict[str, Any]) -> Outgoing:
    """The answer to a request that says nothing, which loads or unloads the model."""
    reason = "unload" if is_zero(asked.keep_alive) else "load"
    return json_answer({**head(asked.model), **said, "done": True, "done_reason": reason})
