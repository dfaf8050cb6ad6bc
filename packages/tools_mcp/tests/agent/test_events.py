from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import Any

import pytest
from pydantic import TypeAdapter

from racto.core import ChatConfig, InvalidResponseError, StreamChunk, StreamDelta, ToolRegistry
from racto.core.testing import ScriptedKit
from racto.tools.mcp.agent import AgentEvent, MCPAgent, RunFinished, TextDelta, ToolFinished

QUESTION = ChatConfig(user_message="Go on.")


def test_the_events_of_a_run(
    watch: Callable[..., list[AgentEvent]], say: Any, registry: ToolRegistry
) -> None:
    thoughtful = say("double", text="One moment.").model_copy(update={"thinking": "Let me see."})
    thoughtful.tool_calls[0].arguments["number"] = 2
    agent = MCPAgent(ScriptedKit([thoughtful, "It is four."]), registry)
    events = watch(agent, QUESTION)
    assert [event.type for event in events if not event.type.endswith("delta")] == [
        "turn_started",
        "reply_finished",
        "tool_started",
        "tool_finished",
        "turn_started",
        "reply_finished",
        "run_finished",
    ]
    said = {
        (event.type, event.turn): ""
        for event in events
        if event.type in ("text_delta", "thinking_delta")
    }
    for event in events:
        if event.type in ("text_delta", "thinking_delta"):
            said[event.type, event.turn] += event.text
    assert said == {
        ("thinking_delta", 1): "Let me see.",
        ("text_delta", 1): "One moment.",
        ("text_delta", 2): "It is four.",
    }
    last = events[-1]
    assert isinstance(last, RunFinished)
    assert last.response.content == "It is four."
    # Fit for a wire, as a web page would want them.
    adapter: TypeAdapter[AgentEvent] = TypeAdapter(AgentEvent)
    wire = b"".join(map(adapter.dump_json, events))
    assert b'"name":"double"' in wire
    assert wire.count(b'"type":"tool_finished"') == 1


@pytest.mark.parametrize("voice", ["stream", "astream"])
def test_tools_tell_as_they_finish_and_the_transcript_keeps_the_order(say: Any, voice: str) -> None:
    told = threading.Event()

    def first() -> str:
        """Wait until the reader has heard of the second."""
        return "first" if told.wait(10) else "never told"

    def second() -> str:
        """Finish at once."""
        return "second"

    kit = ScriptedKit([say("first", "second"), "ok"])
    agent = MCPAgent(kit, ToolRegistry([first, second]))
    heard: list[str] = []

    def hear(event: AgentEvent) -> None:
        if isinstance(event, ToolFinished):
            heard.append(event.run.result.text)
            told.set()

    async def read() -> None:
        async for event in agent.astream(QUESTION):
            hear(event)

    if voice == "stream":
        for event in agent.stream(QUESTION):
            hear(event)
    else:
        asyncio.run(read())
    assert heard == ["second", "first"]
    assert [part.text for part in kit.requests[1].messages()[-1].parts] == ["first", "second"]


class HungUp(ScriptedKit):
    """Notes when a stream is closed before its end."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.fates: list[str] = []

    def stream(self, config: ChatConfig) -> Any:
        try:
            yield from super().stream(config)
            self.fates.append("read to its end")
        except GeneratorExit:
            self.fates.append("left")
            raise

    async def astream(self, config: ChatConfig) -> Any:
        try:
            async for chunk in super().astream(config):
                yield chunk
            self.fates.append("read to its end")
        except GeneratorExit:
            self.fates.append("left")
            raise


def test_leaving_the_iterator_hangs_up(registry: ToolRegistry) -> None:
    kit = HungUp(["a long answer that nobody wants"])
    events = MCPAgent(kit, registry).stream(QUESTION)
    for event in events:
        if isinstance(event, TextDelta):
            break
    events.close()
    assert kit.fates == ["left"]


async def test_leaving_the_async_iterator_hangs_up(registry: ToolRegistry) -> None:
    kit = HungUp(["a long answer that nobody wants"])
    events = MCPAgent(kit, registry).astream(QUESTION)
    async for event in events:
        if isinstance(event, TextDelta):
            break
    await events.aclose()
    assert kit.fates == ["left"]


def test_a_stream_is_read_to_its_end(
    watch: Callable[..., list[AgentEvent]], say: Any, registry: ToolRegistry
) -> None:
    # A kit whose stream is closed at the final chunk would take it for a caller who left.
    kit = HungUp([say("broken"), "done"])
    watch(MCPAgent(kit, registry), QUESTION)
    assert kit.fates == ["read to its end"] * 2


def test_a_stream_without_a_final_chunk_is_an_error(
    watch: Callable[..., list[AgentEvent]], registry: ToolRegistry
) -> None:
    class Endless(ScriptedKit):
        def stream(self, config: ChatConfig) -> Any:
            yield StreamChunk(delta=StreamDelta(text="half"))

        async def astream(self, config: ChatConfig) -> Any:
            yield StreamChunk(delta=StreamDelta(text="half"))

    with pytest.raises(InvalidResponseError, match="without a final chunk"):
        watch(MCPAgent(Endless(), registry), QUESTION)


async def test_leaving_the_async_iterator_cancels_the_tools(say: Any) -> None:
    fates: list[str] = []

    async def waits() -> str:
        """Wait."""
        try:
            await asyncio.sleep(30)
        finally:
            fates.append("gone")
        return "late"

    agent = MCPAgent(ScriptedKit([say("waits", "waits")]), ToolRegistry([waits]))
    events = agent.astream(QUESTION)
    started = 0
    async for event in events:
        started += event.type == "tool_started"
        if started == 2:
            break
    await asyncio.sleep(0.05)
    await events.aclose()
    assert fates == ["gone", "gone"]
