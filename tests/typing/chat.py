"""Chat as a user types it: configs, replies, streams, and any kit behind the protocol."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any, assert_type

from pydantic import BaseModel

from racto.core import (
    ChatConfig,
    FinishReason,
    LLMResponse,
    Message,
    RactoFile,
    StreamChunk,
    ToolCallPart,
    ToolCallResult,
    Usage,
)
from racto.core.protocols import ChatKit


class City(BaseModel):
    """A reply's shape."""

    name: str


config = ChatConfig(
    user_message="Where?",
    temperature=0.2,
    history=(Message.user("hi"), Message.assistant("hello")),
    attachments=(RactoFile.from_bytes(b"x", "image/png"),),
    response_model=City,
    extra={"service_tier": "flex"},
)
assert_type(config.temperature, float | None)
assert_type(config.response_model, type[BaseModel] | None)
assert_type(config.messages(), list[Message])

ChatConfig(user_message=1)  # type: ignore[arg-type]
ChatConfig(user_message="a", temprature=1)  # type: ignore[call-arg]
ChatConfig(user_message="a", on_unsupported="ignore")  # type: ignore[arg-type]
ChatConfig("a")  # type: ignore[call-arg]


def ask(kit: ChatKit) -> str:
    """Ask any kit."""
    reply = kit.chat(config)
    assert_type(reply, LLMResponse)
    assert_type(reply.content, str | None)
    assert_type(reply.parsed, dict[str, Any] | list[Any] | None)
    assert_type(reply.tool_calls, list[ToolCallResult])
    assert_type(reply.finish_reason, FinishReason)
    assert_type(reply.usage, Usage)
    assert_type(reply.usage["total_tokens"], int)
    assert_type(reply.cost, float | None)
    assert_type(reply.message.tool_calls, tuple[ToolCallPart, ...])
    assert_type(kit.stream(config), Iterator[StreamChunk])
    return "".join(chunk.delta.text for chunk in kit.stream(config))


async def aask(kit: ChatKit) -> str:
    """Ask any kit without blocking."""
    assert_type(await kit.achat(config), LLMResponse)
    stream = kit.astream(config)
    assert_type(stream, AsyncIterator[StreamChunk])
    return "".join([chunk.delta.text async for chunk in stream])


class Parrot:
    """A kit that says what it hears; keeps the protocol without inheriting anything."""

    provider = "parrot"
    model = "grey"

    def chat(self, config: ChatConfig) -> LLMResponse:
        """Repeat."""
        return LLMResponse(content=config.user_message)

    async def achat(self, config: ChatConfig) -> LLMResponse:
        """Repeat."""
        return self.chat(config)

    def stream(self, config: ChatConfig) -> Iterator[StreamChunk]:
        """Repeat."""
        yield StreamChunk(response=self.chat(config), is_final=True)

    async def astream(self, config: ChatConfig) -> AsyncIterator[StreamChunk]:
        """Repeat."""
        for chunk in self.stream(config):
            yield chunk

    def close(self) -> None:
        """Nothing is open."""

    async def aclose(self) -> None:
        """Nothing is open."""


class Mute(Parrot):
    """Breaks the protocol: its answer is a string."""

    def chat(self, config: ChatConfig) -> str:  # type: ignore[override]
        """Say nothing."""
        return ""


ask(Parrot())
ask(Mute())  # type: ignore[arg-type]
