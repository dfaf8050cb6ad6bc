"""Requests and replies for the suites of caches: one of each, and all that must tell them apart."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from pydantic import BaseModel

from racto.core.chat import ChatConfig
from racto.core.content import TextPart, ToolCallPart, ToolCallResult
from racto.core.files import RactoFile
from racto.core.messages import Message
from racto.core.requests import ChatRequest
from racto.core.responses import FinishReason, LLMResponse
from racto.core.tools import ToolRegistry
from racto.core.usage import Usage, UsageState

QUESTION = "And what is its capital?"


class _City(BaseModel):
    name: str


class _Country(BaseModel):
    name: str
    capital: str


def weather(city: str) -> str:
    """Tell the weather.

    Args:
        city: Name of the city.
    """
    return f"fine in {city}"


def request_of(**fields: Any) -> ChatRequest:
    """A request to one model, with other fields of its config where given."""
    config = ChatConfig(**{"user_message": QUESTION, **fields})
    return ChatRequest(provider="acme", model="m-1", system="Be brief.", config=config)


def reply_of(text: str = "Paris.", **fields: Any) -> LLMResponse:
    """A whole reply with measured usage."""
    usage = Usage(input_tokens=7, output_tokens=2, state=UsageState.MEASURED)
    given = {"content": text, "parts": (TextPart(text=text),), "usage": usage, "model": "m-1"}
    return LLMResponse(**{**given, "provider": "acme", **fields})


def tool_reply() -> LLMResponse:
    """A reply that asks for a tool."""
    call = ToolCallResult(id="t1", name="weather", arguments={"city": "Köln", "n": [1, None]})
    return LLMResponse(
        tool_calls=[call],
        parts=(ToolCallPart.of(call),),
        finish_reason=FinishReason.TOOL_CALL,
    )


def different_requests() -> dict[str, ChatRequest]:
    """Requests that all differ from :func:`request_of` in something that decides the reply."""
    plain = request_of()
    # The same follow-up question after two histories: the classic wrong hit.
    france = (Message.user("Tell me about France."), Message.assistant("It is a country."))
    japan = (Message.user("Tell me about Japan."), Message.assistant("It is a country."))
    tools = ToolRegistry()
    tools.register(weather)
    configs: dict[str, dict[str, Any]] = {
        "question": {"user_message": "And what is its flag?"},
        "history of France": {"history": france},
        "history of Japan": {"history": japan},
        "response_model": {"response_model": _City},
        "other response_model": {"response_model": _Country},
        "extra": {"extra": {"verbosity": "low"}},
        "tools": {"tools": tools},
        "tool_choice": {"tools": tools, "tool_choice": "required"},
        # The same name and type with other bytes: a key of file names confuses them.
        "attachment": {"attachments": (RactoFile(b"one", "text/plain", "a.txt"),)},
        "other attachment": {"attachments": (RactoFile(b"two", "text/plain", "a.txt"),)},
        "thinking": {"native_thinking": True},
        "chain of thought": {"chain_of_thought": True},
        "effort": {"reasoning_effort": "high"},
        "temperature": {"temperature": 0.0},
        "other temperature": {"temperature": 0.7},
        "top_p": {"top_p": 0.5},
        "top_k": {"top_k": 5},
        "seed": {"seed": 1},
        "stop": {"stop": ("\n",)},
        "max_tokens": {"max_tokens": 10},
        "presence_penalty": {"presence_penalty": 0.5},
        "frequency_penalty": {"frequency_penalty": 0.5},
        "logprobs": {"logprobs": 2},
    }
    return {name: request_of(**fields) for name, fields in configs.items()} | {
        "provider": replace(plain, provider="other"),
        "model": replace(plain, model="m-2"),
        "system text": replace(plain, system="Be long."),
        "scope": replace(plain, scope="tenant-2"),
    }


INCOMPLETE = tuple(reason for reason in FinishReason if not reason.is_complete)
"""The finish reasons of replies that no cache may keep."""
