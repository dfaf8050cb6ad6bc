from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest

from racto.core import (
    ChatConfig,
    ConfigurationError,
    Injected,
    LLMResponse,
    Message,
    MessageRole,
    RactoFile,
    ReasoningPart,
    ServerError,
    StreamTruncatedError,
    TextPart,
    ToolRegistry,
    Usage,
)
from racto.core.testing import ScriptedKit
from racto.tools.mcp.agent import AgentResponse, MCPAgent, StopReason

QUESTION = ChatConfig(user_message="What is the weather in Rome and in Oslo?")


def test_the_question_and_the_ids_are_in_every_turn(
    go: Callable[..., Any], say: Callable[..., LLMResponse], registry: ToolRegistry
) -> None:
    # The reference package loses both after the first turn (C17).
    cities = [("weather", {"city": "Rome"}), ("weather", {"city": "Oslo"})]
    kit = ScriptedKit([say(*cities), say(("double", {"number": 4})), "Sunny in both; 8."])
    response = go(MCPAgent(kit, registry), QUESTION)
    assert response.content == "Sunny in both; 8."
    assert response.stop_reason is StopReason.ANSWERED
    assert response.turns == 3
    second, third = kit.requests[1:]
    question, first_turn, first_answers, second_turn, second_answers = third.messages()
    assert second.messages() == [question, first_turn, first_answers]
    assert question == Message.user(QUESTION.user_message)
    assert [call.id for call in first_turn.tool_calls] == ["c0-weather", "c1-weather"]
    assert [(p.tool_call_id, p.text) for p in first_answers.parts] == [
        ("c0-weather", "sunny in Rome"),
        ("c1-weather", "sunny in Oslo"),
    ]
    assert second_turn.tool_calls[0].id == "c0-double"
    assert second_answers.text == ""
    assert second_answers.parts[0].text == "8"
    *before, last = response.transcript
    assert before == third.messages()
    assert (last.role, last.text) == (MessageRole.ASSISTANT, "Sunny in both; 8.")


def test_the_first_request_is_the_callers_own(registry: ToolRegistry) -> None:
    kit = ScriptedKit(["yes"])
    asked = QUESTION.model_copy(update={"tools": ToolRegistry(), "auto_execute_tools": True})
    MCPAgent(kit, registry).run(asked)
    (sent,) = kit.requests
    assert sent.tools is registry
    assert not sent.auto_execute_tools
    assert (sent.user_message, sent.history) == (asked.user_message, ())


def test_files_history_and_signed_thinking_stay(
    go: Callable[..., Any], say: Callable[..., LLMResponse], registry: ToolRegistry
) -> None:
    proof = ReasoningPart(text="hm", signature="s1gned", provider="scripted")
    thoughtful = say("broken").model_copy(update={"parts": (proof,)})
    kit = ScriptedKit([thoughtful, "done"])
    picture = RactoFile(b"\x89PNG", "image/png", name="map.png")
    before = (Message.user("hello"), Message.assistant("hi"))
    config = ChatConfig(user_message="Where?", attachments=(picture,), history=before)
    response = go(MCPAgent(kit, registry), config)
    asked = kit.requests[1].messages()
    assert asked[:2] == list(before)
    assert asked[2] == Message.user("Where?", [picture])
    assert asked[3].parts[0] == proof
    assert not kit.requests[1].attachments
    assert response.transcript[:2] == before


def test_an_agent_without_tools_just_answers(go: Callable[..., Any]) -> None:
    kit = ScriptedKit(["hello"])
    response = go(MCPAgent(kit, ToolRegistry()), QUESTION)
    assert response.content == "hello"
    assert kit.requests[0].tools is None


def test_usage_is_summed_and_each_reply_keeps_its_own(
    go: Callable[..., Any], say: Callable[..., LLMResponse], registry: ToolRegistry
) -> None:
    paid = Usage(input_tokens=10, output_tokens=5, cost=0.5)
    last = LLMResponse(content="done", usage=Usage(input_tokens=20, output_tokens=1, cost=0.25))
    cached = last.model_copy(update={"cached": True})
    kit = ScriptedKit([say("broken", usage=paid), last])
    assert go(MCPAgent(kit, registry)).usage == paid + last.usage
    # A reply from a cache costs nothing now. ScriptedKit has no cache, so it is asked directly.
    script = iter([say("broken", usage=paid), cached])

    class Cached(ScriptedKit):
        def chat(self, config: ChatConfig) -> LLMResponse:
            return next(script)

    assert MCPAgent(Cached(), registry).run(QUESTION).usage == paid


def test_a_run_survives_json_and_is_resumed_elsewhere(
    ask: Callable[..., Any], say: Callable[..., LLMResponse], registry: ToolRegistry
) -> None:
    kit = ScriptedKit([say("broken", ("double", {"number": 2})), "Four.", "As I said, four."])
    agent = MCPAgent(kit, registry)
    first = ask(agent)
    text = first.model_dump_json()
    again = AgentResponse.model_validate_json(text)
    assert again.model_dump_json() == text
    assert again.tool_runs == first.tool_runs
    assert again.transcript == first.transcript
    second = MCPAgent(kit, registry).resume(again, "Are you sure?")
    assert second.content == "As I said, four."
    asked = kit.requests[2].messages()
    assert tuple(asked[:-1]) == first.transcript
    assert asked[-1] == Message.user("Are you sure?")
    assert second.transcript[:-1] == tuple(asked)
    assert (second.turns, second.tool_runs) == (1, ())


async def test_resuming_takes_a_request_with_settings_of_its_own(registry: ToolRegistry) -> None:
    kit = ScriptedKit(["one", "two"])
    agent = MCPAgent(kit, registry)
    first = await agent.arun(QUESTION)
    config = ChatConfig(user_message="More!", system="Be brief.", history=(Message.user("old"),))
    await agent.aresume(first, config)
    assert kit.requests[1].system == "Be brief."
    assert kit.requests[1].history == first.transcript


def test_resuming_an_answered_run_needs_a_question(registry: ToolRegistry) -> None:
    agent = MCPAgent(ScriptedKit(["done"]), registry)
    answered = agent.run(QUESTION)
    with pytest.raises(ConfigurationError, match="give a question"):
        agent.resume(answered)


def test_an_error_of_the_kit_keeps_what_was_done(
    go: Callable[..., Any], say: Callable[..., LLMResponse], registry: ToolRegistry
) -> None:
    paid = Usage(input_tokens=10, output_tokens=5, cost=0.5)
    wrong = say("broken", usage=paid)
    spent = Usage(input_tokens=1, output_tokens=0, cost=0.0)
    error = ServerError("overheated", usage=spent)
    kit = ScriptedKit([wrong, wrong, error, "There you are."])
    agent = MCPAgent(kit, registry)
    with pytest.raises(ServerError, match="overheated") as caught:
        go(agent)
    partial = caught.value.partial
    assert isinstance(partial, AgentResponse)
    assert partial.stop_reason is StopReason.ERROR
    assert partial.turns == 3
    assert len(partial.tool_runs) == 2
    assert caught.value.usage == paid + paid + spent
    assert partial.usage == caught.value.usage
    # It goes on where it broke off, with all answers in place.
    resumed = agent.resume(partial)
    assert resumed.content == "There you are."
    assert kit.requests[3].messages() == kit.requests[2].messages()


def test_a_reply_that_broke_off_is_kept_beside_the_transcript(
    say: Callable[..., LLMResponse], registry: ToolRegistry
) -> None:
    half = LLMResponse(content="The weather is", usage=Usage(input_tokens=5, output_tokens=3))
    cut = StreamTruncatedError("cut", partial=half)
    agent = MCPAgent(ScriptedKit([say("broken"), cut]), registry)
    with pytest.raises(StreamTruncatedError) as caught:
        list(agent.stream(QUESTION))
    partial = caught.value.partial
    assert isinstance(partial, AgentResponse)
    assert partial.content == "The weather is"
    assert [turn.role for turn in partial.transcript] == [
        MessageRole.USER,
        MessageRole.ASSISTANT,
        MessageRole.TOOL,
    ]


def test_an_error_before_anything_was_spent_has_no_usage(registry: ToolRegistry) -> None:
    agent = MCPAgent(ScriptedKit([ServerError("down")]), registry)
    with pytest.raises(ServerError) as caught:
        agent.run(QUESTION)
    assert caught.value.usage is None
    assert caught.value.partial.transcript == (Message.user(QUESTION.user_message),)


def test_a_list_of_schemas_is_refused_with_what_to_pass(registry: ToolRegistry) -> None:
    # list_tools_sync() returns one, and the reference's own example passes it on (C16).
    with pytest.raises(ConfigurationError, match=r"to_registry_sync\(\)") as caught:
        MCPAgent(ScriptedKit(), registry.schemas)
    assert "got list" in str(caught.value)
    with pytest.raises(ConfigurationError, match="chat kit"):
        MCPAgent(object(), registry)
    with pytest.raises(ConfigurationError, match="max_turns must be 1 or more"):
        MCPAgent(ScriptedKit(), registry, max_turns=0)


def test_a_forced_tool_is_forced_until_tools_have_run(
    go: Callable[..., Any], say: Callable[..., LLMResponse], registry: ToolRegistry
) -> None:
    kit = ScriptedKit([say(("double", {"number": 1})), "2"])
    forced = ChatConfig(user_message="Double it.", tools=registry, tool_choice="double")
    go(MCPAgent(kit, registry), forced)
    assert [sent.tool_choice for sent in kit.requests] == ["double", "auto"]
    with pytest.raises(ConfigurationError, match="names no tool of this agent"):
        MCPAgent(kit, ToolRegistry([lambda_tool])).run(forced)


def lambda_tool() -> str:
    """Another tool."""
    return ""


def test_tools_get_what_the_program_fills_in(go: Callable[..., Any], say: Any) -> None:
    class Session:
        user = "ada"

    def whoami(session: Injected[Session]) -> str:
        """Tell who is logged in."""
        return session.user

    # Annotations are looked up in the module, where the class of a test is not.
    whoami.__annotations__ = {"session": Injected[Session], "return": str}
    registry = ToolRegistry([whoami])
    agent = MCPAgent(ScriptedKit([say("whoami"), "done"], repeat=True), registry)
    response = go(agent, QUESTION.model_copy(update={"tool_context": (Session(),)}))
    assert response.tool_runs[0].result.text == "ada"
    # Forgetting it is a fault of the program, not of the model.
    with pytest.raises(ConfigurationError, match="context"):
        go(agent, QUESTION)


def test_one_agent_serves_many_at_once(say: Any, registry: ToolRegistry) -> None:
    def reply(config: ChatConfig) -> LLMResponse:
        turns = config.messages()
        number = int(turns[0].text)
        if len(turns) == 1:
            return say(("double", {"number": number}))
        return LLMResponse(content=turns[2].parts[0].text)

    agent = MCPAgent(ScriptedKit(reply), registry)

    async def all_of_them() -> list[AgentResponse]:
        configs = [ChatConfig(user_message=str(number)) for number in range(20)]
        return await asyncio.gather(*(agent.arun(config) for config in configs))

    answers = asyncio.run(all_of_them())
    assert [response.content for response in answers] == [str(2 * n) for n in range(20)]


def test_properties_and_closing(registry: ToolRegistry) -> None:
    kit = ScriptedKit()
    with MCPAgent(kit, registry, max_turns=3) as agent:
        assert agent.registry is registry
        assert agent.max_turns == 3
        assert agent.limits.max_parallel_tools == 8
        assert "3 tools, max_turns=3" in repr(agent)
    # What was handed in is the caller's to close.
    assert not kit.is_closed
    agent.close()


async def test_async_with(registry: ToolRegistry) -> None:
    async with MCPAgent(ScriptedKit(["hi"]), registry) as agent:
        assert (await agent.arun(QUESTION)).content == "hi"


def test_a_result_is_a_response_like_any_other(registry: ToolRegistry) -> None:
    response = MCPAgent(ScriptedKit(["hi"]), registry).run(QUESTION)
    assert isinstance(response, LLMResponse)
    assert response.message.parts == (TextPart(text="hi"),)
    assert json.loads(response.model_dump_json())["stop_reason"] == "answered"
