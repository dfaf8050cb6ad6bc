"""The agent on every provider's wire: question, ids and results are in each request it sends."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from racto.core import (
    ChatConfig,
    ImagePart,
    RetryPolicy,
    ServerError,
    StreamTruncatedError,
    ToolRegistry,
)
from racto.providers.anthropic import AnthropicDeveloperKit
from racto.providers.google import GoogleDeveloperKit
from racto.providers.ollama import OllamaDeveloperKit
from racto.providers.openai import OPENAI, OpenAIDeveloperKit
from racto.testing import (
    AnthropicServer,
    Conduct,
    GeminiServer,
    LoopbackServer,
    OllamaServer,
    OpenAIServer,
    ToolCall,
)
from racto.tools.mcp.agent import (
    AgentLimits,
    AgentResponse,
    MCPAgent,
    RunFinished,
    StopReason,
    TextDelta,
    ToolFinished,
)

QUESTION = "How is the weather in Rome and in Oslo?"
PNG = bytes.fromhex("89504e470d0a1a0a") + b"a picture"


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What one request tells of the conversation, whichever way its provider writes it."""

    questions: list[str]
    calls: list[tuple[str, str]]
    answers: list[tuple[str, str]]


def of_chat(body: dict[str, Any]) -> Said:
    turns = body["messages"]
    calls = [call for turn in turns for call in turn.get("tool_calls", ())]
    return Said(
        questions=[turn["content"] for turn in turns if turn["role"] == "user"],
        calls=[(call["id"], call["function"]["name"]) for call in calls],
        answers=[(t["tool_call_id"], str(t["content"])) for t in turns if t["role"] == "tool"],
    )


def of_responses(body: dict[str, Any]) -> Said:
    items = body["input"]
    of_kind: Callable[[str], list[dict[str, Any]]] = lambda kind: [  # noqa: E731
        item for item in items if item.get("type") == kind
    ]
    return Said(
        questions=[item["content"] for item in items if item.get("role") == "user"],
        calls=[(item["call_id"], item["name"]) for item in of_kind("function_call")],
        answers=[
            (item["call_id"], str(item["output"])) for item in of_kind("function_call_output")
        ],
    )


def of_anthropic(body: dict[str, Any]) -> Said:
    turns = body["messages"]
    blocks = [b for turn in turns if isinstance(turn["content"], list) for b in turn["content"]]
    texts = [b["text"] for t in turns if t["role"] == "user" and isinstance(t["content"], list)
             for b in t["content"] if b["type"] == "text"]  # fmt: skip
    return Said(
        questions=[t["content"] for t in turns if isinstance(t["content"], str)] + texts,
        calls=[(b["id"], b["name"]) for b in blocks if b["type"] == "tool_use"],
        answers=[
            (b["tool_use_id"], str(b["content"])) for b in blocks if b["type"] == "tool_result"
        ],
    )


def of_gemini(body: dict[str, Any]) -> Said:
    parts = [part for turn in body["contents"] for part in turn["parts"]]
    asked = [t for t in body["contents"] if t["role"] == "user"]
    calls = [part["functionCall"] for part in parts if "functionCall" in part]
    answers = [part["functionResponse"] for part in parts if "functionResponse" in part]
    return Said(
        questions=[part["text"] for turn in asked for part in turn["parts"] if "text" in part],
        calls=[(call["id"], call["name"]) for call in calls],
        answers=[(answer["id"], str(answer["response"])) for answer in answers],
    )


def of_ollama(body: dict[str, Any]) -> Said:
    # It has no ids; order and name say what answers what.
    turns = body["messages"]
    calls = [call for turn in turns for call in turn.get("tool_calls", ())]
    answers = [turn for turn in turns if turn["role"] == "tool"]
    return Said(
        questions=[turn["content"] for turn in turns if turn["role"] == "user"],
        calls=[(f"{n}", call["function"]["name"]) for n, call in enumerate(calls)],
        answers=[(f"{n}", str(turn["content"])) for n, turn in enumerate(answers)],
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A kit, its server, and how to read what it sends."""

    kit: Callable[..., Any]
    server: Callable[[], LoopbackServer]
    said: Callable[[dict[str, Any]], Said]
    thinks: bool = True


SUBJECTS = {
    "openai-responses": Subject(
        kit=lambda **o: OpenAIDeveloperKit("m", api="responses", dialect=OPENAI, **o),
        server=OpenAIServer,
        said=of_responses,
    ),
    "openai-chat": Subject(
        kit=lambda **o: OpenAIDeveloperKit("m", api="chat", dialect=OPENAI, **o),
        server=OpenAIServer,
        said=of_chat,
        thinks=False,
    ),
    "anthropic": Subject(
        kit=lambda **o: AnthropicDeveloperKit("m", **o), server=AnthropicServer, said=of_anthropic
    ),
    "gemini": Subject(
        kit=lambda **o: GoogleDeveloperKit("m", **o), server=GeminiServer, said=of_gemini
    ),
    "ollama": Subject(
        kit=lambda **o: OllamaDeveloperKit("m", **o), server=OllamaServer, said=of_ollama
    ),
}


@pytest.fixture(params=SUBJECTS)
def subject(request: pytest.FixtureRequest) -> Subject:
    return SUBJECTS[request.param]


@pytest.fixture
def server(subject: Subject) -> Iterator[LoopbackServer]:
    with subject.server() as server:
        yield server
        server.assert_all_used()


@pytest.fixture
def kit(subject: Subject, server: LoopbackServer) -> Iterator[Any]:
    retry = RetryPolicy(attempts=1)
    options = {"api_key": server.key, "base_url": server.url, "timeout": 20.0, "retry": retry}
    with subject.kit(**options) as kit:
        yield kit


@pytest.fixture
def question(subject: Subject) -> ChatConfig:
    return ChatConfig(user_message=QUESTION, native_thinking=subject.thinks, max_tokens=20_000)


@pytest.fixture(params=["run", "arun", "stream", "astream"])
def go(request: pytest.FixtureRequest) -> Callable[..., tuple[AgentResponse, list[Any]]]:
    """``go(agent, config)``: the result and the events, which ``run`` has none of."""

    async def read(agent: MCPAgent, config: ChatConfig) -> list[Any]:
        return [event async for event in agent.astream(config)]

    def answer(agent: MCPAgent, config: ChatConfig) -> tuple[AgentResponse, list[Any]]:
        if request.param == "run":
            return agent.run(config), []
        if request.param == "arun":
            return asyncio.run(agent.arun(config)), []
        streamed = request.param == "stream"
        events = list(agent.stream(config)) if streamed else asyncio.run(read(agent, config))
        assert isinstance(events[-1], RunFinished)
        return events[-1].response, events

    return answer


def weather(city: str) -> str:
    """Tell the weather of a city."""
    return f"sunny in {city}"


async def broken(city: str) -> str:
    """Fail."""
    raise ValueError(f"no station in {city}")


def picture() -> ImagePart:
    """Take a picture of the sky."""
    return ImagePart(data=PNG, mime_type="image/png")


TOOLS = ToolRegistry([weather, broken, picture])
ROME = ToolCall(name="weather", arguments={"city": "Rome"})
OSLO = ToolCall(name="weather", arguments={"city": "Oslo"})
THULE = ToolCall(name="broken", arguments={"city": "Thule"})
WRONG = ToolCall(name="weather", arguments={"town": "Rome"})


def test_every_request_holds_the_whole_conversation(
    subject: Subject, server: LoopbackServer, kit: Any, question: ChatConfig, go: Callable[..., Any]
) -> None:
    proof = {"thinking": "I ponder.", "signature": "c2lnbmVk"} if subject.thinks else {}
    server.say("Let me look.", tool_calls=[ROME, OSLO, THULE], **proof)
    server.say(tool_calls=[WRONG, ToolCall(name="nonsense")])
    server.say(["Sunny in ", "both."])
    response, events = go(MCPAgent(kit, TOOLS), question)
    assert response.content == "Sunny in both."
    assert response.stop_reason is StopReason.ANSWERED
    assert (response.usage.input_tokens, response.usage.output_tokens) == (30, 15)
    first, second, third = (subject.said(request.json) for request in server.requests)
    assert (first.calls, first.answers) == ([], [])
    for said in (first, second, third):
        assert said.questions == [QUESTION]
    names = ["weather", "weather", "broken", "weather", "nonsense"]
    assert [name for _, name in second.calls] == names[:3]
    assert [name for _, name in third.calls] == names
    # The ids are the provider's own, all different, and each is answered in its place.
    assert len({call_id for call_id, _ in third.calls}) == 5
    for said in (second, third):
        assert [call_id for call_id, _ in said.answers] == [call_id for call_id, _ in said.calls]
    texts = [text for _, text in third.answers]
    assert second.answers == third.answers[:3]
    for text, words in zip(
        texts,
        ["sunny in Rome", "sunny in Oslo", "no station in Thule", "town", "nonsense"],
        strict=True,
    ):
        assert words in text
    if events:
        told = [event.run for event in events if isinstance(event, ToolFinished)]
        assert sorted(run.result.is_error for run in told) == [False, False, True, True, True]
        pieces = [event.text for event in events if isinstance(event, TextDelta)]
        assert "".join(pieces) == "Let me look.Sunny in both."


def test_signed_thinking_goes_back_with_its_calls(
    subject: Subject, server: LoopbackServer, kit: Any, question: ChatConfig, go: Callable[..., Any]
) -> None:
    if not subject.thinks:
        pytest.skip("Chat Completions shows no thinking")
    proof = "c2lnbmVk"
    for _ in range(2):
        server.say("Hm.", thinking="I ponder.", signature=proof, tool_calls=[ROME])
    server.say("Sunny.")
    response, _ = go(MCPAgent(kit, TOOLS), question)
    assert response.content == "Sunny."
    signed = [part for turn in response.transcript for part in turn.parts
              if getattr(part, "signature", None)]  # fmt: skip
    sent = server.last.body.decode()
    # Ollama's thinking is not signed.
    assert len(signed) == (0 if kit.provider == "ollama" else 2)
    for part in signed:
        assert sent.count(part.signature) == len(signed)


@pytest.mark.parametrize("limits", [{"max_tool_calls": 1}, {"max_tokens": 1}])
def test_a_run_that_was_stopped_is_resumed(
    subject: Subject,
    server: LoopbackServer,
    kit: Any,
    question: ChatConfig,
    go: Callable[..., Any],
    limits: dict[str, int],
) -> None:
    server.say("Let me look.", tool_calls=[ROME, OSLO])
    stopped, _ = go(MCPAgent(kit, TOOLS, limits=AgentLimits(**limits)), question)
    assert stopped.stop_reason.is_limit
    # Over JSON, as another process would; the server refuses what the provider refuses.
    kept = AgentResponse.model_validate_json(stopped.model_dump_json())
    server.say("Sunny in Rome, and I did not get to Oslo.")
    resumed = MCPAgent(kit, TOOLS).resume(kept)
    assert resumed.stop_reason is StopReason.ANSWERED
    said = subject.said(server.last.json)
    assert [call_id for call_id, _ in said.answers] == [call_id for call_id, _ in said.calls]
    assert "not run" in said.answers[1][1]
    server.say("As I said.")
    MCPAgent(kit, TOOLS).resume(resumed, "Really?")
    assert subject.said(server.last.json).questions == [QUESTION, "Really?"]


def test_a_server_that_fails_in_the_second_turn_loses_nothing(
    subject: Subject, server: LoopbackServer, kit: Any, question: ChatConfig, go: Callable[..., Any]
) -> None:
    server.say(tool_calls=[ROME, THULE])
    server.fail("server_error")
    agent = MCPAgent(kit, TOOLS)
    with pytest.raises(ServerError) as caught:
        go(agent, question)
    assert caught.value.usage is not None
    assert caught.value.usage.input_tokens == 10
    server.say("Sunny.")
    resumed = agent.resume(caught.value.partial)
    assert resumed.content == "Sunny."
    said = subject.said(server.last.json)
    assert said.questions == [QUESTION]
    assert "sunny in Rome" in said.answers[0][1]
    assert "no station in Thule" in said.answers[1][1]


def test_a_stream_that_breaks_off_keeps_what_came(
    subject: Subject, server: LoopbackServer, kit: Any, question: ChatConfig
) -> None:
    server.say(tool_calls=[ROME])
    server.say(["Sunny ", "in ", "Rome ", "and ", "so ", "on"], conduct=Conduct(cut_after=5))
    with pytest.raises(StreamTruncatedError) as caught:
        list(MCPAgent(kit, TOOLS).stream(question))
    partial = caught.value.partial
    assert isinstance(partial, AgentResponse)
    assert partial.transcript[-1].parts[0].text == "sunny in Rome"
    assert "Sunny in Rome and so on".startswith(partial.content or "Sunny ")
    assert partial.stop_reason is StopReason.ERROR


def test_leaving_the_events_hangs_up(
    server: LoopbackServer, kit: Any, question: ChatConfig
) -> None:
    server.say(["word "] * 1000, conduct=Conduct(pause=0.05))
    events = MCPAgent(kit, TOOLS).stream(question)
    for event in events:
        if isinstance(event, TextDelta):
            break
    events.close()
    assert server.wait_until(lambda: server.open_connections == 0)


def test_a_picture_ends_no_run(
    subject: Subject, server: LoopbackServer, kit: Any, question: ChatConfig, go: Callable[..., Any]
) -> None:
    server.say(tool_calls=[ToolCall(name="picture"), ROME])
    server.say("A blue sky.")
    response, _ = go(MCPAgent(kit, TOOLS), question)
    assert response.content == "A blue sky."
    sent = json.dumps(server.last.json)
    # Either the provider takes it, or the model is told what it misses.
    is_sent = "iVBORw0K" in sent
    assert is_sent != ("not shown, because this model takes no such image" in sent)
    assert response.tool_runs[0].result.content[0].data == PNG


def test_the_time_of_a_run_ends_a_hanging_server(
    server: LoopbackServer, kit: Any, question: ChatConfig
) -> None:
    server.say(tool_calls=[ROME])
    server.say("too late", conduct=Conduct(delay=30.0))
    response = MCPAgent(kit, TOOLS, limits=AgentLimits(max_seconds=2.0)).run(question)
    assert response.stop_reason is StopReason.MAX_SECONDS
    assert response.transcript[-1].parts[0].text == "sunny in Rome"
