from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, strategies as st

from racto.core import (
    ChatConfig,
    FinishReason,
    LLMResponse,
    Message,
    MessageRole,
    ProviderPart,
    RactoGatewayError,
    ServerError,
    ToolCallResult,
    ToolRegistry,
    Usage,
)
from racto.core.testing import ScriptedKit
from racto.tools.mcp.agent import AgentLimits, AgentResponse, MCPAgent, StopReason

QUESTION = ChatConfig(user_message="Go on.")


@pytest.mark.parametrize(
    "finish",
    [
        FinishReason.LENGTH,
        FinishReason.CONTENT_FILTER,
        FinishReason.REFUSAL,
        FinishReason.CONTEXT_OVERFLOW,
        FinishReason.CANCELLED,
        FinishReason.ERROR,
        FinishReason.UNKNOWN,
    ],
)
def test_calls_of_a_reply_that_is_not_whole_have_no_effects(
    go: Callable[..., Any], say: Any, registry: ToolRegistry, finish: FinishReason
) -> None:
    cut = say("broken", text="I will").model_copy(update={"finish_reason": finish})
    kit = ScriptedKit([cut, "resumed"])
    agent = MCPAgent(kit, registry)
    response = go(agent, QUESTION)
    assert response.stop_reason.value == finish.value
    assert response.finish_reason is finish
    assert not response.stop_reason.is_limit
    assert response.tool_runs == ()
    told = response.transcript[-1].parts[0].text
    assert told == f"Tool 'broken' was not run: the reply ended early ({finish.value})."
    assert agent.resume(response).content == "resumed"


def test_a_refusal_without_calls_is_no_answer(
    go: Callable[..., Any], registry: ToolRegistry
) -> None:
    refusal = LLMResponse(refusal="I will not.", finish_reason=FinishReason.REFUSAL)
    response = go(MCPAgent(ScriptedKit([refusal]), registry), QUESTION)
    assert response.stop_reason is StopReason.REFUSAL
    assert response.refusal == "I will not."


def test_a_paused_reply_is_continued_with_the_same_conversation(
    go: Callable[..., Any], say: Any, registry: ToolRegistry
) -> None:
    block = ProviderPart(provider="scripted", data={"type": "server_tool_use"})
    paused = LLMResponse(content="Searching.", parts=(block,), finish_reason=FinishReason.PAUSE)
    kit = ScriptedKit([paused, paused, "Found."])
    response = go(MCPAgent(kit, registry), QUESTION)
    assert response.content == "Found."
    assert response.turns == 3
    question, first, second = kit.requests[2].messages()
    assert question.text == "Go on."
    assert first.role is second.role is MessageRole.ASSISTANT
    assert block in first.parts


def test_a_run_that_stopped_while_paused_goes_on(registry: ToolRegistry) -> None:
    paused = LLMResponse(content="Searching.", finish_reason=FinishReason.PAUSE)
    kit = ScriptedKit([paused, "Found."])
    agent = MCPAgent(kit, registry, max_turns=1)
    response = agent.run(QUESTION)
    assert response.stop_reason is StopReason.MAX_TURNS
    assert agent.resume(response).content == "Found."
    assert kit.requests[1].messages()[-1].text == "Searching."


def test_an_empty_reply_leaves_no_empty_turn(
    go: Callable[..., Any], registry: ToolRegistry
) -> None:
    response = go(MCPAgent(ScriptedKit([LLMResponse()]), registry), QUESTION)
    assert response.stop_reason is StopReason.ANSWERED
    assert response.transcript == (Message.user("Go on."),)


def test_tools_that_come_and_go_are_offered_as_they_are(say: Any) -> None:
    registry = ToolRegistry()

    def grow() -> str:
        """Register another tool."""
        registry.remove("grow")
        return "grown"

    registry.register(grow)
    kit = ScriptedKit([say("grow"), "done"])
    MCPAgent(kit, registry).run(QUESTION.model_copy(update={"tool_choice": "required"}))
    assert [sent.tools for sent in kit.requests] == [registry, None]


NAMES = st.sampled_from(["double", "broken", "nonsense"])
ARGUMENTS = st.sampled_from([{}, {"number": 1}, {"number": "one"}])
FINISHES = st.sampled_from(
    [None] * 6 + [FinishReason.LENGTH, FinishReason.PAUSE, FinishReason.REFUSAL]
)


@st.composite
def replies(draw: st.DrawFn) -> LLMResponse | Exception:
    if draw(st.integers(0, 9)) == 0:
        return ServerError("down")
    calls = [
        # Some servers give no ids, and some give one twice.
        ToolCallResult(id=draw(st.sampled_from(["a", "b"])), name=name, arguments=draw(ARGUMENTS))
        for name in draw(st.lists(NAMES, max_size=4))
    ]
    finish = draw(FINISHES)
    return LLMResponse(
        content=draw(st.sampled_from([None, "words"])),
        tool_calls=calls,
        finish_reason=finish or FinishReason.STOP,
        usage=Usage(input_tokens=5, output_tokens=5, cost=draw(st.sampled_from([0.5, None]))),
    )


LIMITS = st.builds(
    AgentLimits,
    max_tool_calls=st.none() | st.integers(0, 6),
    max_tokens=st.none() | st.integers(1, 60),
    max_cost=st.none() | st.sampled_from([0.4, 1.2]),
    max_parallel_tools=st.integers(1, 3),
)


def is_well_formed(transcript: tuple[Message, ...]) -> bool:
    """Whether each call is answered exactly once, in its place, right after its turn."""
    wanted: list[tuple[str, str]] = []
    for turn in transcript:
        is_answer = turn.role is MessageRole.TOOL
        if is_answer != bool(wanted):
            return False
        if is_answer and [(part.tool_call_id, part.name) for part in turn.parts] != wanted:
            return False
        wanted = [(call.id, call.name) for call in turn.tool_calls]
    return not wanted


@given(
    script=st.lists(replies(), min_size=1, max_size=6),
    limits=LIMITS,
    max_turns=st.integers(1, 6),
    refuses=st.sampled_from([None, True, False]),
    voice=st.sampled_from(["run", "arun", "stream"]),
)
def test_every_transcript_can_be_replayed(
    script: list[Any], limits: AgentLimits, max_turns: int, refuses: bool | None, voice: str
) -> None:
    def double(number: int) -> int:
        """Double a number."""
        return 2 * number

    async def broken() -> str:
        """Fail."""
        raise ValueError("out of order")

    agent = MCPAgent(
        ScriptedKit([*script, "the end"]),
        ToolRegistry([double, broken]),
        max_turns=max_turns,
        limits=limits,
        approve=None if refuses is None else (lambda _request: not refuses),
    )
    try:
        if voice == "run":
            response = agent.run(QUESTION)
        elif voice == "arun":
            response = asyncio.run(agent.arun(QUESTION))
        else:
            response = [*agent.stream(QUESTION)][-1].response  # type: ignore[union-attr]
    except RactoGatewayError as error:
        response = error.partial
        assert response.stop_reason is StopReason.ERROR
    assert response.transcript[0] == Message.user("Go on.")
    assert is_well_formed(response.transcript)
    assert response.turns <= max_turns
    run = [each for each in response.tool_runs if each.approved is not False]
    assert len(run) <= (100 if limits.max_tool_calls is None else limits.max_tool_calls)
    again = AgentResponse.model_validate_json(response.model_dump_json())
    assert again.model_dump_json() == response.model_dump_json()
    assert again.transcript == response.transcript
