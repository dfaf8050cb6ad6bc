"""Chat Completions as TGI and the router take them: OpenAI's, with fields of their own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Annotated, Any, Literal

from pydantic import Field

from racto.testing.exchange import Incoming, Outgoing, Script
from racto.testing.fields import Given, Strict
from racto.testing.openai.chat_events import chunks
from racto.testing.openai.chat_rendering import Completion
from racto.testing.openai.chat_requests import ChatRequest
from racto.testing.openai.chat_rules import check
from racto.testing.openai.ids import Ids
from racto.testing.openai.quirks import Quirks
from racto.testing.openai.validation import read
from racto.testing.payloads import encoded, event, streamed, whole
from racto.testing.refusals import Refusal
from racto.testing.replies import Failure

from .failures import error_of, failure_answer, reworded

_QUIRKS = Quirks(reasoning_content=True)
# A server with one model does not ask for its name.
_NAMELESS = "tgi"


class Grammar(Strict):
    """A form of the reply that TGI enforces."""

    type: Literal["json", "json_object", "regex"]
    value: Any


class OwnFields(Strict):
    """What TGI takes beyond OpenAI's fields, or in another form."""

    tool_prompt: str | None = None
    logit_bias: list[float] | None = None
    response_format: Given[Grammar] = None
    repetition_penalty: Annotated[float, Field(gt=0)] | None = None
    top_k: Annotated[int, Field(ge=1)] | None = None


class ChatEndpoint:
    """``POST /v1/chat/completions``, also below a model's own path."""

    def __init__(self) -> None:
        self._ids = Ids()

    def takes(self, request: Incoming) -> bool:
        """Whether the request is for this part."""
        return request.method == "POST" and request.path.endswith("/v1/chat/completions")

    def answer(self, request: Incoming, script: Script) -> Outgoing:
        """The answer.

        Raises:
            Refusal: If the API would not take the request.
        """
        try:
            asked = _read(request)
            check(asked)
        except Refusal as refused:
            raise reworded(refused) from refused
        reply = script.reply_to(request)
        if isinstance(reply, Failure):
            return failure_answer(reply, asked.model)
        completion = Completion(request=asked, reply=reply, ids=self._ids, quirks=_QUIRKS)
        if asked.stream:
            return streamed(reply, _chunks(completion))
        return whole(reply, completion.body)


def _read(request: Incoming) -> ChatRequest:
    body = request.json
    if not isinstance(body, dict):
        return read(ChatRequest, request)
    # Unlike OpenAI's, these servers take null for every field that may be left out.
    given = {name: value for name, value in body.items() if value is not None}
    own = {name: given[name] for name in _own_names(given)}
    read(OwnFields, replace(request, body=encoded(own)))
    rest = {name: value for name, value in given.items() if name not in own}
    rest.setdefault("model", _NAMELESS)
    return read(ChatRequest, replace(request, body=encoded(rest)), classic=True)


def _own_names(body: dict[str, Any]) -> Iterator[str]:
    for name in OwnFields.model_fields.keys() & body.keys():
        told = body[name]
        # These two OpenAI has as well, in another form.
        is_theirs = {
            "response_format": not isinstance(told, dict) or "value" not in told,
            "logit_bias": not isinstance(told, list),
        }
        if not is_theirs.get(name, False):
            yield name


def _chunks(completion: Completion) -> Iterator[bytes]:
    failure = completion.reply.failure_after
    for chunk in chunks(completion):
        # The events are OpenAI's but for the error, which TGI words in its own way.
        if failure is not None and chunk.startswith(b'data: {"error"'):
            chunk = event(error_of(failure, completion.request.model))
        yield chunk
