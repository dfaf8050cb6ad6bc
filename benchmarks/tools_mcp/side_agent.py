"""What the agent itself costs a turn: a kit and a tool that do nothing, and the agent between."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

from racto.core import (
    ChatConfig,
    FinishReason,
    LLMResponse,
    StreamChunk,
    StreamDelta,
    TextPart,
    ToolCallPart,
    ToolCallResult,
    ToolRegistry,
    Usage,
)

RUNS = 5
TRIES = 5
QUESTION = ChatConfig(user_message="Go on until you are done.")


class StubKit:
    """Calls a tool in every turn but the last of a run, and answers then; never waits."""

    provider = "stub"
    model = "stub-1"

    def __init__(self, turns: int, calls: int) -> None:
        used = Usage(input_tokens=100, output_tokens=10, cost=0.001)
        wanted = [
            [
                ToolCallResult(id=f"call-{turn}-{n}", name="double", arguments={"number": n})
                for n in range(calls)
            ]
            for turn in range(turns - 1)
        ]
        # Made once: whatever making them costs is the provider's affair.
        self._replies = [
            LLMResponse(
                tool_calls=each,
                parts=tuple(ToolCallPart.of(call) for call in each),
                finish_reason=FinishReason.TOOL_CALL,
                usage=used,
            )
            for each in wanted
        ]
        done = LLMResponse(content="done", parts=(TextPart(text="done"),), usage=used)
        self._replies.append(done)
        self._asked = 0

    def chat(self, config: ChatConfig) -> LLMResponse:
        """The next reply."""
        self._asked += 1
        return self._replies[(self._asked - 1) % len(self._replies)]

    async def achat(self, config: ChatConfig) -> LLMResponse:
        """The next reply."""
        return self.chat(config)

    def stream(self, config: ChatConfig) -> Iterator[StreamChunk]:
        """The next reply in one piece and its end."""
        yield StreamChunk(delta=StreamDelta(text="word "))
        yield StreamChunk(is_final=True, response=self.chat(config))

    async def astream(self, config: ChatConfig) -> AsyncIterator[StreamChunk]:
        """The next reply in one piece and its end."""
        for chunk in self.stream(config):
            yield chunk


def per_turn(turns: int, voice: str, calls: int = 1) -> Callable[[], float]:
    """Microseconds that the agent adds to each turn: the best of five tries of five runs.

    What the kit and the tools cost when they are called without an agent is taken off.

    Args:
        turns: Turns of a run.
        voice: ``sync``, ``async``, or ``stream``, which is sync too.
        calls: Tool calls of a turn.
    """
    kit, registry = StubKit(turns, calls), _registry(voice)
    agent = _agent(kit, registry, turns)
    wanted = [call for reply in kit._replies for call in reply.tool_calls]
    loop = asyncio.new_event_loop()
    work: dict[str, tuple[Callable[[], Any], Callable[[], Any]]] = {
        "sync": (lambda: agent.run(QUESTION), lambda: _bare(kit, registry, turns, wanted)),
        "async": (
            lambda: loop.run_until_complete(agent.arun(QUESTION)),
            lambda: loop.run_until_complete(_abare(kit, registry, turns, wanted)),
        ),
        "stream": (
            lambda: list(agent.stream(QUESTION)),
            lambda: _bare_stream(kit, registry, turns, wanted),
        ),
    }
    with_agent, without = work[voice]

    def once() -> float:
        pairs = [(_timed(with_agent), _timed(without)) for _ in range(TRIES)]
        # A difference of two noisy figures is noisier than either; their least are the steadiest.
        spent, bare = (min(figures) for figures in zip(*pairs, strict=True))
        return (spent - bare) / (RUNS * turns) * 1e6

    assert agent.run(QUESTION).turns == turns
    once()
    return once


def sync_turns(turns: int, calls: int = 1) -> Callable[[], float]:
    """Of a run in blocking code."""
    return per_turn(turns, "sync", calls)


def async_turns(turns: int, calls: int = 1) -> Callable[[], float]:
    """Of a run on an event loop."""
    return per_turn(turns, "async", calls)


def streamed_turns(turns: int, calls: int = 1) -> Callable[[], float]:
    """Of a run whose replies are streamed and whose events are read."""
    return per_turn(turns, "stream", calls)


def _agent(kit: Any, registry: ToolRegistry, turns: int) -> Any:
    from racto.tools.mcp.agent import MCPAgent

    return MCPAgent(kit, registry, max_turns=turns)


def _registry(voice: str) -> ToolRegistry:
    def double(number: int) -> int:
        """Double a number."""
        return 2 * number

    async def adouble(number: int) -> int:
        """Double a number."""
        return 2 * number

    registry = ToolRegistry()
    # A blocking tool would measure the thread that an event loop needs for it.
    registry.register(adouble if voice == "async" else double, name="double")
    return registry


def _bare(kit: Any, registry: ToolRegistry, turns: int, wanted: list[Any]) -> None:
    for _ in range(turns):
        kit.chat(QUESTION)
    for call in wanted:
        registry.execute(call)


async def _abare(kit: Any, registry: ToolRegistry, turns: int, wanted: list[Any]) -> None:
    for _ in range(turns):
        await kit.achat(QUESTION)
    for call in wanted:
        await registry.aexecute(call)


def _bare_stream(kit: Any, registry: ToolRegistry, turns: int, wanted: list[Any]) -> None:
    for _ in range(turns):
        list(kit.stream(QUESTION))
    for call in wanted:
        registry.execute(call)


def _timed(work: Callable[[], Any]) -> float:
    begun = time.process_time()
    for _ in range(RUNS):
        work()
    return time.process_time() - begun
