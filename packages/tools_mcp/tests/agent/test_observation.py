from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from racto.core import ChatConfig, ServerError, ToolRegistry, Usage
from racto.core.telemetry import RecordingMetrics, RecordingTracer
from racto.core.testing import ScriptedKit
from racto.tools.mcp.agent import MCPAgent

QUESTION = ChatConfig(user_message="Go on.")
DURATION = "gen_ai.client.operation.duration"


class Traced(ScriptedKit):
    """Opens a span for each call, as racto's kits do."""

    def __init__(self, tracer: RecordingTracer, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.tracer = tracer

    def chat(self, config: ChatConfig) -> Any:
        with self.tracer.span("chat script-1"):
            return super().chat(config)

    def stream(self, config: ChatConfig) -> Any:
        span = self.tracer.span("chat script-1")
        yield from super().stream(config)
        span.end()

    async def astream(self, config: ChatConfig) -> Any:
        span = self.tracer.span("chat script-1")
        async for chunk in super().astream(config):
            yield chunk
        span.end()


def test_a_run_is_one_span_with_its_calls_below(
    go: Callable[..., Any], say: Any, registry: ToolRegistry
) -> None:
    tracer, metrics = RecordingTracer(), RecordingMetrics()
    paid = Usage(input_tokens=7, output_tokens=3, cost=0.5)
    script = [say("broken", ("double", {"number": 1}), usage=paid), "done"]
    kit = Traced(tracer, script)
    agent = MCPAgent(kit, registry, name="weatherman", tracer=tracer, metrics=metrics)
    go(agent, QUESTION)
    (run,) = tracer.named("invoke_agent weatherman")
    assert run.parent is None
    assert run.duration is not None
    assert run.error is None
    assert run.attributes["gen_ai.operation.name"] == "invoke_agent"
    assert run.attributes["gen_ai.agent.name"] == "weatherman"
    assert run.attributes["gen_ai.request.model"] == "script-1"
    assert run.attributes["racto.agent.stop_reason"] == "answered"
    assert run.attributes["racto.agent.turns"] == 2
    assert run.attributes["gen_ai.usage.input_tokens"] >= 7
    assert len(tracer.named("chat script-1")) == 2
    for name in ("chat script-1", "execute_tool broken", "execute_tool double"):
        for span in tracer.named(name):
            assert span.parent is run
            assert span.duration is not None
    (failed,) = tracer.named("execute_tool broken")
    assert failed.attributes["error.type"] == "tool_error"
    assert failed.attributes["gen_ai.tool.call.id"] == "c0-broken"
    assert "gen_ai.tool.call.arguments" not in failed.attributes
    assert len(metrics.values(DURATION, gen_ai__operation__name="invoke_agent")) == 1
    assert len(metrics.values(DURATION, gen_ai__tool__name="double")) == 1
    assert len(metrics.values(DURATION, error__type="tool_error")) == 1


def test_a_reader_of_events_is_not_inside_the_span(say: Any, registry: ToolRegistry) -> None:
    tracer = RecordingTracer()
    agent = MCPAgent(ScriptedKit([say("broken"), "done"]), registry, tracer=tracer)
    for event in agent.stream(QUESTION):
        tracer.span(f"reader of {event.type}").end()

    async def read() -> None:
        async for event in MCPAgent(
            ScriptedKit([say("broken"), "done"]), registry, tracer=tracer
        ).astream(QUESTION):
            tracer.span(f"reader of {event.type}").end()

    asyncio.run(read())
    readers = [span for span in tracer.spans if span.name.startswith("reader")]
    assert readers
    assert {span.parent for span in readers} == {None}


def test_what_tools_are_told_is_recorded_for_those_who_opted_in(
    ask: Callable[..., Any], say: Any, registry: ToolRegistry
) -> None:
    tracer = RecordingTracer(capture_content=True)
    kit = ScriptedKit([say(("double", {"number": 4})), "8"])
    ask(MCPAgent(kit, registry, tracer=tracer), QUESTION)
    (span,) = tracer.named("execute_tool double")
    assert span.attributes["gen_ai.tool.call.arguments"] == '{"arguments":{"number":4}}'
    assert span.attributes["gen_ai.tool.call.result"] == "8"


def test_names_that_a_model_invents_make_no_series(
    ask: Callable[..., Any], say: Any, registry: ToolRegistry
) -> None:
    metrics = RecordingMetrics()
    kit = ScriptedKit([say("nonsense1", "nonsense2"), "sorry"])
    ask(MCPAgent(kit, registry, metrics=metrics), QUESTION)
    assert len(metrics.values(DURATION, gen_ai__tool__name="_unknown")) == 2


def test_a_run_that_breaks_is_a_span_that_failed(
    go: Callable[..., Any], registry: ToolRegistry
) -> None:
    tracer = RecordingTracer()
    agent = MCPAgent(ScriptedKit([ServerError("down", status_code=500)]), registry, tracer=tracer)
    with pytest.raises(ServerError):
        go(agent, QUESTION)
    (run,) = tracer.named("invoke_agent")
    assert run.attributes["error.type"] == "500"
    assert run.duration is not None


def test_a_run_that_is_left_is_a_span_that_ended(registry: ToolRegistry) -> None:
    tracer = RecordingTracer()
    events = MCPAgent(ScriptedKit(["a b c"]), registry, tracer=tracer).stream(QUESTION)
    next(events)
    events.close()
    (run,) = tracer.named("invoke_agent")
    assert run.error is None
    assert run.duration is not None


async def test_a_cancelled_run_is_a_span_that_failed(say: Any) -> None:
    async def waits() -> str:
        """Wait."""
        await asyncio.sleep(30)
        return "late"

    tracer = RecordingTracer()
    agent = MCPAgent(ScriptedKit([say("waits")]), ToolRegistry([waits]), tracer=tracer)
    task = asyncio.ensure_future(agent.arun(QUESTION))
    await asyncio.sleep(0.05)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert [span.attributes["error.type"] for span in tracer.spans] == ["CancelledError"] * 2
    assert all(span.duration is not None for span in tracer.spans)
