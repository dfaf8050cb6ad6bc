"""Responses as streams, as the official client puts them together."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import openai
import pytest
from hypothesis import given, settings, strategies as st

from racto.core.logprobs import TokenLogprob
from racto.core.responses import FinishReason
from racto.testing import Failure, OpenAIServer, Reply, ToolCall

TOOLS: Any = [
    {"type": "function", "name": name, "parameters": None, "strict": False} for name in "fgh"
]


@pytest.fixture(scope="module")
def lasting() -> Iterator[tuple[OpenAIServer, openai.OpenAI]]:
    """A server and its client for many generated examples."""
    with (
        OpenAIServer() as server,
        openai.OpenAI(base_url=server.url, api_key="test-key", max_retries=0) as client,
    ):
        yield server, client


def heard(client: openai.OpenAI, **options: Any) -> tuple[list[Any], Any]:
    with client.responses.stream(model="m", input="hi", **options) as stream:
        events = list(stream)
        return events, stream.get_final_response()


def kinds(events: list[Any]) -> list[str]:
    return [event.type.removeprefix("response.") for event in events]


@settings(max_examples=40)
@given(
    pieces=st.lists(st.text(), max_size=12),
    thoughts=st.lists(st.text(), max_size=4),
    arguments=st.lists(st.dictionaries(st.text(), st.integers() | st.text()), max_size=3),
)
def test_any_way_of_cutting_a_reply_gives_the_same_reply(
    lasting: Any, pieces: list[str], thoughts: list[str], arguments: list[dict[str, Any]]
) -> None:
    server, client = lasting
    calls = [ToolCall(name="fgh"[n], arguments=each) for n, each in enumerate(arguments)]
    server.say(pieces, thinking=thoughts, tool_calls=calls)
    server.say("".join(pieces), thinking="".join(thoughts), tool_calls=calls)
    options: Any = {"tools": TOOLS, "reasoning": {"summary": "auto"}}
    events, streamed = heard(client, **options)
    whole = client.responses.create(model="m", input="hi", **options)
    assert streamed.output_text == whole.output_text == "".join(pieces)
    assert [item.type for item in streamed.output] == [item.type for item in whole.output]
    told = [item for item in streamed.output if item.type == "function_call"]
    assert [json.loads(item.arguments) for item in told] == arguments
    summed = "".join(e.delta for e in events if e.type == "response.reasoning_summary_text.delta")
    assert summed == "".join(thoughts)


def test_every_event_is_numbered_and_in_its_place(
    openai_server: OpenAIServer, client: openai.OpenAI
) -> None:
    cited = {
        "type": "url_citation",
        "url": "https://example.org",
        "title": "t",
        "start_index": 0,
        "end_index": 1,
    }
    openai_server.say(
        ["a", "b"],
        thinking=["hm"],
        refusal="no",
        citations=[cited],
        tool_calls=[ToolCall(name="f", arguments="")],
    )
    stream = client.responses.create(
        model="m", input="hi", stream=True, reasoning={"summary": "auto"}, tools=TOOLS
    )
    events: list[Any] = list(stream)
    assert [event.sequence_number for event in events] == list(range(len(events)))
    assert kinds(events) == [
        "created",
        "in_progress",
        "output_item.added",
        "reasoning_summary_part.added",
        "reasoning_summary_text.delta",
        "reasoning_summary_text.done",
        "reasoning_summary_part.done",
        "output_item.done",
        "output_item.added",
        "content_part.added",
        "output_text.delta",
        "output_text.delta",
        "output_text.annotation.added",
        "output_text.done",
        "content_part.done",
        "content_part.added",
        "refusal.delta",
        "refusal.delta",
        "refusal.done",
        "content_part.done",
        "output_item.done",
        "output_item.added",
        "function_call_arguments.done",
        "output_item.done",
        "completed",
    ]
    places = [event.output_index for event in events if hasattr(event, "output_index")]
    assert places == sorted(places)
    assert events[0].response.status == "in_progress"
    assert events[2].item.summary == []
    assert events[8].item.content == []
    assert events[-1].response.status == "completed"


def test_parallel_calls_arrive_in_turns_and_in_pieces(
    openai_server: OpenAIServer, client: openai.OpenAI
) -> None:
    calls = [ToolCall(name=name, arguments={"letters": name * 20}) for name in "fg"]
    openai_server.say(tool_calls=calls)
    events, response = heard(client, tools=TOOLS)
    deltas = [e for e in events if e.type == "response.function_call_arguments.delta"]
    assert [delta.output_index for delta in deltas] == [0, 1] * 4
    assert [json.loads(item.arguments) for item in response.output] == [
        call.arguments for call in calls
    ]


def test_a_custom_tools_input_is_streamed(
    openai_server: OpenAIServer, client: openai.OpenAI
) -> None:
    openai_server.say(tool_calls=[ToolCall(name="sql", arguments="SELECT 1")])
    events, response = heard(client, tools=[{"type": "custom", "name": "sql"}])
    deltas = [e.delta for e in events if e.type == "response.custom_tool_call_input.delta"]
    assert "".join(deltas) == response.output[0].input == "SELECT 1"


def test_log_probabilities_come_with_their_words(
    openai_server: OpenAIServer, client: openai.OpenAI
) -> None:
    tokens = [TokenLogprob(token=token, logprob=-1.0) for token in ("a", "b", "c")]
    openai_server.say(["ab", "c"], logprobs=tokens)
    events, _ = heard(client, include=["message.output_text.logprobs"])
    told = [
        [token.token for token in event.logprobs]
        for event in events
        if event.type == "response.output_text.delta"
    ]
    assert told == [["a", "b"], ["c"]]


@pytest.mark.parametrize(
    ("reply", "ending"),
    [
        (Reply(text="x"), "completed"),
        (Reply(text="x", finish=FinishReason.LENGTH), "incomplete"),
        (Reply(text="x", finish=FinishReason.ERROR), "failed"),
    ],
)
def test_every_stream_has_an_ending(
    openai_server: OpenAIServer, client: openai.OpenAI, reply: Reply, ending: str
) -> None:
    openai_server.add(reply)
    events: list[Any] = list(client.responses.create(model="m", input="hi", stream=True))
    assert kinds(events)[-1] == ending
    assert events[-1].response.status == ending


def test_a_failure_comes_after_the_pieces_instead_of_the_end(
    openai_server: OpenAIServer, client: openai.OpenAI
) -> None:
    openai_server.say(["a", "b"], failure_after=Failure(kind="rate_limited"))
    events: list[Any] = list(client.responses.create(model="m", input="hi", stream=True))
    assert kinds(events)[-2:] == ["error", "failed"]
    assert events[-2].code == "rate_limit_exceeded"
    assert events[-1].response.error.code == "rate_limit_exceeded"
    with pytest.raises(openai.NotFoundError):
        client.responses.retrieve(events[-1].response.id)


def test_a_streamed_response_is_kept_too(client: openai.OpenAI) -> None:
    _, response = heard(client)
    assert client.responses.retrieve(response.id).output_text == "ok"


async def test_async_streams_are_assembled_alike(
    openai_server: OpenAIServer, async_client: openai.AsyncOpenAI
) -> None:
    openai_server.say(["a", "b"])
    async with async_client.responses.stream(model="m", input="hi") as stream:
        final = await stream.get_final_response()
    assert final.output_text == "ab"
