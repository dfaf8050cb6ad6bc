"""The methods by which a model speaks, and the one that counts a prompt's tokens."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from itertools import count
from typing import Any

from racto.testing.exchange import Incoming, Outgoing, Script
from racto.testing.payloads import encoded, event, streamed, whole
from racto.testing.replies import Failure, Reply
from racto.testing.vectors import tokens

from .chunks import chunks, json_array
from .failures import failure_answer, refusal
from .rendering import Question, blocked, response, said
from .requests import COUNT, GENERATE, read
from .routes import Route
from .rules import check_fields, check_generation, content_faults
from .signatures import Signatures

_METHODS = ("generateContent", "streamGenerateContent", "countTokens")
# What a picture costs; other media cost about as much.
_MEDIUM_TOKENS = 258


class GenerationEndpoint:
    """Answers requests for words.

    Args:
        check: Refuses a request to a model that refers to what is not there: a cache, a file.
    """

    def __init__(self, check: Callable[[Mapping[str, Any], str], None]) -> None:
        self._check = check
        self._signatures = Signatures()
        self._continuations: set[str] = set()
        self._numbers = count(1)

    def takes(self, route: Route, request: Incoming) -> bool:
        """Whether the request is for words."""
        return (
            route.collection in ("models", "tunedModels", "endpoints")
            and route.action(request.method) in _METHODS
        )

    def answer(self, route: Route, request: Incoming, script: Script) -> Outgoing:
        """The answer.

        Raises:
            Refusal: If the real API would refuse the request.
        """
        if route.method == "countTokens":
            return self._count(route, request)
        asked = read(GENERATE, request, vertex=route.vertex)
        check_generation(asked)
        if fault := self._signatures.fault(asked["contents"]):
            raise refusal(fault)
        token = asked.get("continuationToken")
        if token and token not in self._continuations:
            raise refusal("The continuation token is not valid.")
        self._check(asked, route.name)
        question = self._question(route, asked)
        answer = script.reply_to(request)
        if route.method == "generateContent":
            return self._whole(answer, question)
        return self._streamed(answer, question, sse=request.query.get("alt") == "sse")

    def _question(self, route: Route, asked: Mapping[str, Any]) -> Question:
        number = next(self._numbers)
        calling = asked.get("toolConfig", {}).get("functionCallingConfig", {})
        ids = (f"call-{number}-{place}" for place in count(1))
        return Question(
            model=route.id,
            settings=asked.get("generationConfig", {}),
            response_id=f"response-{number}",
            new_id=lambda: next(ids),
            vertex=route.vertex,
            fragments=bool(calling.get("streamFunctionCallArguments")),
        )

    def _whole(self, answer: Reply | Failure, question: Question) -> Outgoing:
        if isinstance(answer, Failure):
            if _blocks(answer):
                # A blocked prompt is answered with 200, and conducts itself as the failure was to.
                blockage = Reply(headers=answer.headers, conduct=answer.conduct)
                return whole(blockage, lambda: blocked(question))
            return failure_answer(answer, question.model)
        return whole(answer, lambda: self._remembered(response(answer, question)))

    def _remembered(self, made: dict[str, Any]) -> dict[str, Any]:
        for candidate in made["candidates"][:1]:
            self._remember(candidate.get("content", {}).get("parts", ()), candidate)
        return made

    def _remember(self, parts: Any, ending: Mapping[str, Any]) -> None:
        """Note what a client must bring back: signatures of calls, and a continuation token."""
        if "continuationToken" in ending:
            self._continuations.add(ending["continuationToken"])
        for part in parts:
            if "functionCall" in part and "thoughtSignature" in part:
                self._signatures.give(part["functionCall"], part["thoughtSignature"])

    def _streamed(self, answer: Reply | Failure, question: Question, *, sse: bool) -> Outgoing:
        if isinstance(answer, Failure):
            if not _blocks(answer):
                return failure_answer(answer, question.model)
            events: Iterator[Any] = iter([blocked(question)])
            answer = Reply(headers=answer.headers, conduct=answer.conduct)
        else:
            heard = said(answer, question, in_pieces=True)
            # Before the first chunk: a client may cut the stream and still go on with the calls.
            self._remember(heard.calls, heard.ending)
            events = chunks(answer, question, heard)
        if sse:
            headers = {"content-type": "text/event-stream"}
            return streamed(answer, map(event, events), headers=headers)
        given = events if answer.events is None else answer.events
        return Outgoing(
            headers={"content-type": "application/json; charset=UTF-8", **answer.headers},
            events=json_array(given),
            conduct=answer.conduct,
        )

    def _count(self, route: Route, request: Incoming) -> Outgoing:
        asked = read(COUNT, request, vertex=route.vertex)
        if "contents" in asked and "generateContentRequest" in asked:
            raise refusal("Only one of contents and generate_content_request can be set.")
        inner = asked.get("generateContentRequest", asked)
        contents = inner.get("contents", [])
        missing = [] if contents else ["contents: contents is not specified"]
        check_fields("CountTokensRequest", [*missing, *content_faults(contents)])
        total = prompt_tokens(inner)
        details = [{"modality": "TEXT", "tokenCount": total}]
        return Outgoing(body=encoded({"totalTokens": total, "promptTokensDetails": details}))


def prompt_tokens(asked: Mapping[str, Any]) -> int:
    """Roughly how many tokens a prompt has, its tools included.

    Args:
        asked: A request, as it was read.
    """
    turns = [*asked.get("contents", ()), asked.get("systemInstruction", {})]
    parts = (part for turn in turns for part in turn.get("parts", ()))
    words = sum(map(_part_tokens, parts))
    return words + sum(tokens(json.dumps(tool)) for tool in asked.get("tools", ()))


def _blocks(failure: Failure) -> bool:
    """Whether a failure is a blocked prompt, which is no error here."""
    return failure.kind == "content_filtered" and failure.status is None and failure.body is None


def _part_tokens(part: Mapping[str, Any]) -> int:
    if part.keys() & {"inlineData", "fileData"}:
        return _MEDIUM_TOKENS
    return tokens(part["text"] if "text" in part else json.dumps(part))
