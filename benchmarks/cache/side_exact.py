"""racto's exact cache, by the whole request and by the reference's five parts."""

from __future__ import annotations

from collections.abc import Callable

from racto.cache import ExactMatchCache
from racto.cache.replies import packed, unpacked
from racto.core.chat import ChatConfig
from racto.core.content import TextPart
from racto.core.requests import ChatRequest
from racto.core.responses import LLMResponse
from racto.core.usage import Usage

CALLS = 1000
SYSTEM = "Be brief, and answer in the language of the question."
REST = (SYSTEM, "gpt-4o", 0.0, 4096)


def lookup(size: int) -> Callable[[], int]:
    """A hit by the whole request."""
    cache, request = ExactMatchCache(), _request("x" * size)
    cache.remember(request, _reply(size))

    def once() -> int:
        for _ in range(CALLS):
            cache.lookup(request)
        return CALLS

    return once


def new_text(size: int) -> Callable[[], int]:
    """A hit by a request that was made for this call."""
    cache, data = ExactMatchCache(), b"x" * size
    cache.remember(_request("x" * size), _reply(size))

    def once() -> int:
        for _ in range(CALLS):
            cache.lookup(_request(data.decode()))
        return CALLS

    return once


def decoding(size: int) -> Callable[[], int]:
    """The making of that request alone."""
    data = b"x" * size

    def once() -> int:
        for _ in range(CALLS):
            _request(data.decode())
        return CALLS

    return once


def hit(size: int) -> Callable[[], int]:
    """A hit by five parts."""
    cache, question = ExactMatchCache(), "x" * size
    cache.put(question, *REST, _reply(size))

    def once() -> int:
        for _ in range(CALLS):
            cache.get(question, *REST)
        return CALLS

    return once


def miss(size: int) -> Callable[[], int]:
    """A miss by five parts."""
    cache, question = ExactMatchCache(), "x" * size

    def once() -> int:
        for _ in range(CALLS):
            cache.get(question, *REST)
        return CALLS

    return once


def put(size: int) -> Callable[[], int]:
    """A reply put in the place of an older one."""
    cache, question, reply = ExactMatchCache(), "x" * size, _reply(size)

    def once() -> int:
        for _ in range(CALLS):
            cache.put(question, *REST, reply)
        return CALLS

    return once


def round_trip(size: int) -> Callable[[], int]:
    """A reply to bytes, and back."""
    reply = _reply(size)

    def once() -> int:
        for _ in range(100):
            unpacked(packed(reply))
        return 100

    return once


def bare_round_trip(size: int) -> Callable[[], int]:
    """The same by pydantic alone."""
    reply = _reply(size)

    def once() -> int:
        for _ in range(100):
            LLMResponse.model_validate_json(reply.model_dump_json())
        return 100

    return once


def _request(question: str) -> ChatRequest:
    config = ChatConfig(user_message=question)
    return ChatRequest(provider="openai", model="gpt-4o", system=SYSTEM, config=config)


def _reply(size: int) -> LLMResponse:
    text = "z" * size
    usage = Usage(input_tokens=size // 4, output_tokens=size // 4)
    return LLMResponse(content=text, parts=(TextPart(text=text),), usage=usage, model="gpt-4o")
