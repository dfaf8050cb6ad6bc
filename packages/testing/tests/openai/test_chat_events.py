"""Chat Completions as streams, as the official client puts them together."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import openai
import pytest
from hypothesis import given, settings, strategies as st

from racto.core.logprobs import TokenLogprob
from racto.testing import Failure, OpenAIServer, Reply, ToolCall

HELLO: Any = [{"role": "user", "content": "hello"}]
TOOLS: Any = [{"type": "function", "function": {"name": name}} for name in ("f", "g", "h")]


@pytest.fixture(scope="module")
def lasting() -> Iterator[tuple[OpenAIServer, openai.OpenAI]]:
    """A server and its client for many generated examples."""
    with (
        OpenAIServer() as server,
        openai.OpenAI(base_url=server.url, api_key="test-key", max_retries=0) as client,
    ):
        yield server, client


def assembled(client: openai.OpenAI, **options: Any) -> Any:
    with client.chat.completions.stream(model="m", messages=HELLO, **options) as stream:
        return stream.get_final_completion()


@settings(max_examples=40)
@given(
    pieces=st.lists(st.text(), max_size=12),
    arguments=st.lists(st.dictionaries(st.text(), st.integers() | st.text()), max_size=3),
)
def test_any_way_of_cutting_a_reply_gives_the_same_reply(
    lasting: Any, pieces: list[str], arguments: list[dict[str, Any]]
) -> None:
    server, client = lasting
    names = ("f", "g", "h")
    calls = [ToolCall(name=names[n], arguments=each) for n, each in enumerate(arguments)]
    server.add(Reply(text=pieces, tool_calls=calls), Reply(text="".join(pieces), tool_calls=calls))
    streamed = assembled(client, tools=TOOLS).choices[0]
    whole = client.chat.completions.create(model="m", messages=HELLO, tools=TOOLS).choices[0]
    assert (streamed.message.content or "") == whole.message.content == "".join(pieces)
    assert streamed.finish_reason == whole.finish_reason
    told = [call.function for call in streamed.message.tool_calls or ()]
    assert [call.name for call in told] == [call.name for call in calls]
    assert [json.loads(call.arguments) for call in told] == arguments


def test_parallel_calls_arrive_in_turns_and_in_pieces(
    openai_server: OpenAIServer, client: openai.OpenAI
) -> None:
    calls = [ToolCall(name=name, arguments={"letters": name * 20}) for name in ("f", "g")]
    openai_server.say(tool_calls=calls)
    order = [
        part.index
        for chunk in client.chat.completions.create(
            model="m", messages=HELLO, tools=TOOLS, stream=True
        )
        for part in chunk.choices[0].delta.tool_calls or ()
    ]
    assert order == [0, 1] * 5


def test_usage_comes_last_and_only_when_asked_for(
    openai_server: OpenAIServer, client: openai.OpenAI
) -> None:
    asked = client.chat.completions.create(
        model="m", messages=HELLO, stream=True, stream_options={"include_usage": True}
    )
    *others, last = list(asked)
    assert last.choices == []
    assert last.usage is not None
    assert last.usage.total_tokens == 15
    assert all(chunk.usage is None for chunk in others)
    assert others[-1].choices[0].finish_reason == "stop"
    unasked = client.chat.completions.create(model="m", messages=HELLO, stream=True)
    assert all(chunk.usage is None and chunk.choices for chunk in unasked)


def test_all_chunks_are_of_one_reply(openai_server: OpenAIServer, client: openai.OpenAI) -> None:
    chunks = list(client.chat.completions.create(model="m", messages=HELLO, stream=True))
    assert len({(chunk.id, chunk.created, chunk.model) for chunk in chunks}) == 1
    assert chunks[0].choices[0].delta.role == "assistant"


def test_log_probabilities_come_with_their_words(
    openai_server: OpenAIServer, client: openai.OpenAI
) -> None:
    tokens = [TokenLogprob(token=token, logprob=-1.0) for token in ("The", " sea", ".")]
    openai_server.say(["The sea", "."], logprobs=tokens)
    told = [
        [token.token for token in chunk.choices[0].logprobs.content or ()]
        for chunk in client.chat.completions.create(
            model="m", messages=HELLO, stream=True, logprobs=True
        )
        if chunk.choices[0].logprobs
    ]
    assert told == [["The", " sea"], ["."]]


def test_a_refusal_is_streamed(openai_server: OpenAIServer, client: openai.OpenAI) -> None:
    openai_server.say(refusal="I cannot do that.")
    message = assembled(client).choices[0].message
    assert message.refusal == "I cannot do that."
    assert not message.content


def test_several_choices_are_streamed_under_their_indexes(
    openai_server: OpenAIServer, client: openai.OpenAI
) -> None:
    openai_server.say(["a", "b"])
    assert [choice.message.content for choice in assembled(client, n=2).choices] == ["ab", "ab"]


def test_a_failure_comes_after_the_pieces_instead_of_the_end(
    openai_server: OpenAIServer, client: openai.OpenAI
) -> None:
    openai_server.say(["a", "b"], failure_after=Failure(kind="overloaded"))
    heard: list[Any] = []
    stream = client.chat.completions.create(model="m", messages=HELLO, stream=True)
    with pytest.raises(openai.APIError, match="currently overloaded") as caught:
        _hear(stream, heard)
    assert [choice.delta.content for choice in heard] == ["", "a", "b"]
    assert all(choice.finish_reason is None for choice in heard)
    assert caught.value.type == "server_error"


def _hear(stream: Any, heard: list[Any]) -> None:
    for chunk in stream:
        heard += chunk.choices


def test_events_can_be_said_as_they_are(openai_server: OpenAIServer, client: openai.OpenAI) -> None:
    openai_server.say(events=[{"id": "1", "choices": []}, "[DONE]"])
    (chunk,) = client.chat.completions.create(model="m", messages=HELLO, stream=True)
    assert chunk.id == "1"


async def test_async_streams_are_assembled_alike(
    openai_server: OpenAIServer, async_client: openai.AsyncOpenAI
) -> None:
    openai_server.say(["a", "b"], tool_calls=[ToolCall(name="f", arguments={"x": 1})])
    async with async_client.chat.completions.stream(
        model="m", messages=HELLO, tools=TOOLS
    ) as stream:
        kinds = [event.type async for event in stream]
        final = await stream.get_final_completion()
    assert "content.delta" in kinds
    assert final.choices[0].message.content == "ab"


def test_closing_a_stream_closes_its_connection(
    openai_server: OpenAIServer, client: openai.OpenAI
) -> None:
    from racto.testing import Conduct

    openai_server.say(["word "] * 1000, conduct=Conduct(pause=0.05))
    stream = client.chat.completions.create(model="m", messages=HELLO, stream=True)
    next(iter(stream))
    stream.close()
    assert openai_server.wait_until(lambda: openai_server.open_connections == 0)
