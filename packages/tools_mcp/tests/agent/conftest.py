"""An agent in all its voices, and short words for what a scripted model says."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from racto.core import ChatConfig, LLMResponse, ToolCallResult, ToolRegistry, Usage
from racto.tools.mcp.agent import AgentEvent, AgentResponse, MCPAgent, RunFinished

QUESTION = ChatConfig(user_message="What is the weather in Rome and in Oslo?")
VOICES = ("run", "arun", "stream", "astream")


def called(*names: Any, usage: Usage | None = None, text: str | None = None) -> LLMResponse:
    """A reply that calls tools: by name, or by name and arguments."""
    pairs = [entry if isinstance(entry, tuple) else (entry, {}) for entry in names]
    wanted = [
        ToolCallResult(id=f"c{number}-{name}", name=name, arguments=arguments)
        for number, (name, arguments) in enumerate(pairs)
    ]
    return LLMResponse(content=text, tool_calls=wanted, usage=usage or Usage())


def events_of(agent: MCPAgent, config: ChatConfig, voice: str) -> list[AgentEvent]:
    """All events of a run whose replies are streamed, in either voice."""
    if voice == "stream":
        return list(agent.stream(config))

    async def read() -> list[AgentEvent]:
        return [event async for event in agent.astream(config)]

    return asyncio.run(read())


def answer(agent: MCPAgent, config: ChatConfig, voice: str) -> AgentResponse:
    """The result of a run in any voice."""
    if voice == "run":
        return agent.run(config)
    if voice == "arun":
        return asyncio.run(agent.arun(config))
    *_, last = events_of(agent, config, voice)
    assert isinstance(last, RunFinished)
    return last.response


@pytest.fixture
def say() -> Callable[..., LLMResponse]:
    return called


@pytest.fixture(params=VOICES)
def go(request: pytest.FixtureRequest) -> Callable[..., AgentResponse]:
    """``go(agent, config)``: the result, in each of the four voices."""
    return lambda agent, config=QUESTION: answer(agent, config, request.param)


@pytest.fixture(params=["run", "arun"])
def ask(request: pytest.FixtureRequest) -> Callable[..., AgentResponse]:
    """``ask(agent, config)``: the result, blocking and not."""
    return lambda agent, config=QUESTION: answer(agent, config, request.param)


@pytest.fixture(params=["stream", "astream"])
def watch(request: pytest.FixtureRequest) -> Callable[..., list[AgentEvent]]:
    """``watch(agent, config)``: all events."""
    return lambda agent, config=QUESTION: events_of(agent, config, request.param)


@pytest.fixture
def registry() -> ToolRegistry:
    """A blocking tool, an async one, and one that fails."""

    def weather(city: str) -> str:
        """Tell the weather."""
        return f"sunny in {city}"

    async def double(number: int) -> int:
        """Double a number."""
        return 2 * number

    def broken() -> str:
        """Fail."""
        raise ValueError("out of order")

    return ToolRegistry([weather, double, broken])
