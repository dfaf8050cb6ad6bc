from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from racto.core import (
    ChatConfig,
    ConfigurationError,
    DeadlineExceededError,
    FinishReason,
    LLMResponse,
    MessageRole,
    StreamChunk,
    StreamDelta,
    ToolRegistry,
    ToolResultPart,
    Usage,
    UsageState,
)
from racto.core.testing import ScriptedKit
from racto.tools.mcp.agent import AgentLimits, AgentResponse, MCPAgent, RunFinished, StopReason

QUESTION = ChatConfig(user_message="Go on.")
PAID = Usage(input_tokens=90, output_tokens=10, cost=0.5)


def last_answers(response: AgentResponse) -> list[ToolResultPart]:
    """What the tools are said to have answered in the last turn."""
    turn = response.transcript[-1]
    assert turn.role is MessageRole.TOOL
    return list(turn.parts)


@pytest.mark.parametrize(
    ("limits", "turns", "reason"),
    [
        ({}, 3, StopReason.MAX_TURNS),
        ({"max_tokens": 200}, 2, StopReason.MAX_TOKENS),
        ({"max_cost": 0.9}, 2, StopReason.MAX_COST),
        ({"max_tool_calls": 1}, 2, StopReason.MAX_TOOL_CALLS),
        ({"max_tool_calls": 0}, 1, StopReason.MAX_TOOL_CALLS),
    ],
)
def test_a_limit_stops_the_run_and_the_run_can_go_on(
    go: Callable[..., Any],
    say: Any,
    registry: ToolRegistry,
    limits: dict[str, Any],
    turns: int,
    reason: StopReason,
) -> None:
    script = [say(("double", {"number": n}), usage=PAID) for n in range(turns)]
    kit = ScriptedKit([*script, "done"])
    agent = MCPAgent(kit, registry, max_turns=3, limits=AgentLimits(**limits))
    response = go(agent, QUESTION)
    assert response.stop_reason is reason
    assert reason.is_limit
    assert response.turns == turns
    assert response.finish_reason is FinishReason.TOOL_CALL
    assert len(response.tool_calls) == 1
    assert len(response.tool_runs) == turns - 1
    (told,) = last_answers(response)
    assert told.is_error
    assert f"not run: the run stopped at its limit ({reason.value})" in told.text
    resumed = agent.resume(response)
    assert resumed.content == "done"
    assert kit.requests[-1].messages() == list(response.transcript)


def test_an_answer_beyond_a_limit_is_an_answer(
    go: Callable[..., Any], registry: ToolRegistry
) -> None:
    limits = AgentLimits(max_tokens=1, max_cost=0.01)
    agent = MCPAgent(ScriptedKit([LLMResponse(content="hi", usage=PAID)]), registry, limits=limits)
    assert go(agent, QUESTION).stop_reason is StopReason.ANSWERED


def test_the_calls_that_fit_are_run(
    go: Callable[..., Any], say: Any, registry: ToolRegistry
) -> None:
    wanted = [("double", {"number": n}) for n in range(5)]
    agent = MCPAgent(
        ScriptedKit([say(*wanted[:2]), say(*wanted)]),
        registry,
        limits=AgentLimits(max_tool_calls=4),
    )
    response = go(agent, QUESTION)
    assert response.stop_reason is StopReason.MAX_TOOL_CALLS
    assert len(response.tool_runs) == 4
    assert [part.is_error for part in last_answers(response)] == [False] * 2 + [True] * 3
    assert [part.tool_call_id for part in last_answers(response)] == [
        f"c{number}-double" for number in range(5)
    ]


def test_a_price_that_nobody_knows_stops_a_run_with_a_budget(
    go: Callable[..., Any], say: Any, registry: ToolRegistry
) -> None:
    unpriced = Usage(input_tokens=1, output_tokens=1)
    agent = MCPAgent(
        ScriptedKit([say("broken", usage=unpriced)]), registry, limits=AgentLimits(max_cost=1.0)
    )
    response = go(agent, QUESTION)
    assert response.stop_reason is StopReason.UNKNOWN_COST
    assert response.stop_reason.is_limit
    assert response.tool_runs == ()


class Clockwork(ScriptedKit):
    """Notes the time that it is given, and takes all of it where the script says so."""

    def __init__(self, replies: Any) -> None:
        super().__init__(replies)
        self.timeouts: list[float | None] = []

    def chat(self, config: ChatConfig) -> LLMResponse:
        self.timeouts.append(config.timeout)
        reply = super().chat(config)
        if reply.content == "too late":
            time.sleep(config.timeout or 0.0)
            raise DeadlineExceededError("the provider is slow")
        return reply

    async def achat(self, config: ChatConfig) -> LLMResponse:
        return await asyncio.to_thread(self.chat, config)


def test_the_time_of_the_run_is_passed_down(
    ask: Callable[..., Any], registry: ToolRegistry
) -> None:
    kit = Clockwork(["fine", "fine"])
    agent = MCPAgent(kit, registry, limits=AgentLimits(max_seconds=60.0))
    ask(agent, QUESTION)
    ask(agent, QUESTION.model_copy(update={"timeout": 5.0}))
    (first, second) = kit.timeouts
    assert first is not None
    assert 59.0 < first <= 60.0
    assert second == 5.0
    ask(MCPAgent(Clockwork(["fine"]), registry), QUESTION)
    assert kit.timeouts[0] is not None


def test_a_reply_that_comes_too_late_ends_the_run_without_an_error(
    ask: Callable[..., Any], say: Any, registry: ToolRegistry
) -> None:
    kit = Clockwork([say("broken", usage=PAID), "too late", "there"])
    agent = MCPAgent(kit, registry, limits=AgentLimits(max_seconds=1.0))
    response = ask(agent, QUESTION)
    assert response.stop_reason is StopReason.MAX_SECONDS
    assert len(response.tool_runs) == 1
    # What the late reply cost, nobody knows.
    assert response.usage.state is UsageState.PARTIAL
    assert response.usage.cost is None
    assert last_answers(response)[0].text == "Tool 'broken' failed: ValueError: out of order"
    assert agent.resume(response).content == "there"


def test_a_first_reply_that_comes_too_late_leaves_the_question(
    ask: Callable[..., Any], registry: ToolRegistry
) -> None:
    agent = MCPAgent(Clockwork(["too late"]), registry, limits=AgentLimits(max_seconds=0.1))
    response = ask(agent, QUESTION)
    assert response.stop_reason is StopReason.MAX_SECONDS
    assert response.finish_reason is FinishReason.CANCELLED
    assert response.content is None
    assert [turn.text for turn in response.transcript] == ["Go on."]


def test_a_timeout_that_is_not_the_runs_is_an_error(registry: ToolRegistry) -> None:
    kit = ScriptedKit([DeadlineExceededError("the kit's own time is up")])
    for limits in (AgentLimits(), AgentLimits(max_seconds=60.0)):
        kit = ScriptedKit([DeadlineExceededError("the kit's own time is up")])
        with pytest.raises(DeadlineExceededError):
            MCPAgent(kit, registry, limits=limits).run(QUESTION)


class Dripping(ScriptedKit):
    """Streams without end: fast, or with an endless pause after its first words."""

    def __init__(self, *, stalls: bool) -> None:
        super().__init__()
        self.stalls = stalls
        self.is_hung_up = False

    def stream(self, config: ChatConfig) -> Any:
        pieces: list[str] = []
        try:
            while True:
                pieces.append("word ")
                count = len(pieces)
                yield StreamChunk(delta=StreamDelta(text="word "), _texts=(pieces, count))
                time.sleep(0.001)
        finally:
            self.is_hung_up = True

    async def astream(self, config: ChatConfig) -> Any:
        pieces: list[str] = []
        try:
            while True:
                pieces.append("word ")
                count = len(pieces)
                yield StreamChunk(delta=StreamDelta(text="word "), _texts=(pieces, count))
                await asyncio.sleep(3600 if self.stalls else 0.001)
        finally:
            self.is_hung_up = True


def test_a_stream_without_end_ends_with_the_run(
    watch: Callable[..., Any], registry: ToolRegistry
) -> None:
    kit = Dripping(stalls=False)
    *_, last = watch(MCPAgent(kit, registry, limits=AgentLimits(max_seconds=0.5)), QUESTION)
    assert isinstance(last, RunFinished)
    assert last.response.stop_reason is StopReason.MAX_SECONDS
    assert (last.response.content or "").startswith("word ")
    assert kit.is_hung_up


async def test_a_stream_that_stalls_ends_with_the_run(registry: ToolRegistry) -> None:
    # Not a blocking one: between two pieces it cannot be interrupted.
    kit = Dripping(stalls=True)
    agent = MCPAgent(kit, registry, limits=AgentLimits(max_seconds=0.5))
    *_, last = [event async for event in agent.astream(QUESTION)]
    assert isinstance(last, RunFinished)
    assert last.response.stop_reason is StopReason.MAX_SECONDS
    assert last.response.content == "word "
    assert kit.is_hung_up


def hanging() -> tuple[ToolRegistry, threading.Event, list[str]]:
    """A blocking tool and an async one that never return, and what became of them."""
    released, fates = threading.Event(), []

    def blocks() -> str:
        """Block."""
        released.wait(30)
        return "late"

    async def waits() -> str:
        """Wait."""
        try:
            await asyncio.sleep(30)
        except asyncio.CancelledError:
            fates.append("cancelled")
            raise
        return "late"

    def quick() -> str:
        """Answer."""
        return "quick"

    return ToolRegistry([blocks, waits, quick]), released, fates


@pytest.mark.parametrize("limits", [{"tool_timeout": 0.6}, {"max_seconds": 0.6}])
def test_a_tool_that_never_returns_is_given_up(
    go: Callable[..., Any], say: Any, limits: dict[str, float]
) -> None:
    registry, released, fates = hanging()
    kit = ScriptedKit([say("blocks", "quick", "waits"), "done"])
    agent = MCPAgent(kit, registry, limits=AgentLimits(**limits))
    # The loop of arun waits for its threads in the end.
    threading.Timer(1.2, released.set).start()
    response = go(agent, QUESTION)
    runs = {run.call.name: run for run in response.tool_runs}
    assert runs["quick"].result.text == "quick"
    for name in ("blocks", "waits"):
        assert runs[name].result.is_error
        assert "given up after" in runs[name].result.text
        assert runs[name].seconds > 0
    wanted = StopReason.ANSWERED if "tool_timeout" in limits else StopReason.MAX_SECONDS
    assert response.stop_reason is wanted
    # The async one was told, on whichever loop it ran.
    for _ in range(200):
        if fates:
            break
        time.sleep(0.01)
    assert fates == ["cancelled"]


def test_a_hung_tool_holds_no_seat(ask: Callable[..., Any], say: Any) -> None:
    registry, released, _ = hanging()
    kit = ScriptedKit([say("waits", "waits", "quick"), "done"])
    limits = AgentLimits(tool_timeout=0.4, max_parallel_tools=1)
    response = ask(MCPAgent(kit, registry, limits=limits), QUESTION)
    assert [run.result.is_error for run in response.tool_runs] == [True, True, False]
    released.set()


def test_long_answers_are_cut_for_the_model_alone(go: Callable[..., Any], say: Any) -> None:
    def long() -> str:
        """Say much."""
        return "x" * 1000

    kit = ScriptedKit([say("long"), "done"])
    agent = MCPAgent(kit, ToolRegistry([long]), limits=AgentLimits(max_result_chars=100))
    response = go(agent, QUESTION)
    (seen,) = kit.requests[1].messages()[-1].parts
    assert seen.text.startswith("x" * 100 + "\n[The answer has 1,000 characters; the last 900")
    assert len(response.tool_runs[0].result.text) == 1000


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("max_tool_calls", -1),
        ("max_tokens", 0),
        ("max_cost", 0.0),
        ("max_cost", float("nan")),
        ("max_seconds", -1.0),
        ("tool_timeout", 0),
        ("max_result_chars", 0),
        ("max_parallel_tools", 0),
        ("max_parallel_tools", None),
    ],
)
def test_impossible_limits_are_refused(name: str, value: Any) -> None:
    with pytest.raises(ConfigurationError, match=f"AgentLimits.{name} must be"):
        AgentLimits(**{name: value})
