"""Chat Completions, whole, as the official client reads them."""

from __future__ import annotations

from typing import Any

import openai
import pytest
from pydantic import BaseModel

from racto.core.logprobs import TokenLogprob
from racto.core.responses import FinishReason
from racto.core.usage import Usage
from racto.testing import OpenAIServer, Reply, ToolCall

HELLO: Any = [{"role": "user", "content": "hello"}]


class City(BaseModel):
    name: str
    people: int


def tool(name: str) -> Any:
    return {"type": "function", "function": {"name": name}}


def test_a_reply_has_words_a_reason_and_usage(
    openai_server: OpenAIServer, client: openai.OpenAI
) -> None:
    used = Usage(
        input_tokens=3,
        cache_read_tokens=4,
        cache_write_5m_tokens=5,
        output_tokens=7,
        reasoning_tokens=2,
    )
    openai_server.say(["The sea ", "is wide."], usage=used)
    reply = client.chat.completions.create(model="m", messages=HELLO)
    assert reply.choices[0].message.content == "The sea is wide."
    assert reply.choices[0].finish_reason == "stop"
    assert (reply.model, reply.object) == ("m", "chat.completion")
    told = reply.usage
    assert told is not None
    assert told.prompt_tokens_details is not None
    assert told.completion_tokens_details is not None
    assert (told.prompt_tokens, told.completion_tokens, told.total_tokens) == (12, 7, 19)
    assert told.prompt_tokens_details.cached_tokens == 4
    assert told.prompt_tokens_details.cache_write_tokens == 5
    assert told.completion_tokens_details.reasoning_tokens == 2


def test_a_reply_may_tell_no_usage_and_another_model(
    openai_server: OpenAIServer, client: openai.OpenAI
) -> None:
    openai_server.say("x", usage=None, model="m-2026", headers={"x-ratelimit-remaining": "7"})
    answer = client.chat.completions.with_raw_response.create(model="m", messages=HELLO)
    assert answer.headers["x-ratelimit-remaining"] == "7"
    assert answer.headers["x-request-id"].startswith("req_")
    assert answer.parse().usage is None
    assert answer.parse().model == "m-2026"


@pytest.mark.parametrize(
    ("reply", "word"),
    [
        (Reply(text="x", finish=FinishReason.LENGTH), "length"),
        (Reply(text="x", finish=FinishReason.CONTENT_FILTER), "content_filter"),
        (Reply(tool_calls=[ToolCall(name="f")]), "tool_calls"),
        (Reply(refusal="no"), "stop"),
        (Reply(text="x", raw_finish="eos"), "eos"),
    ],
)
def test_every_reason_has_the_apis_word(
    openai_server: OpenAIServer, client: openai.OpenAI, reply: Reply, word: str
) -> None:
    openai_server.add(reply)
    answer = client.chat.completions.create(model="m", messages=HELLO, tools=[tool("f")])
    assert answer.choices[0].finish_reason == word


def test_tools_are_called_in_parallel_under_ids_of_their_own(
    openai_server: OpenAIServer, client: openai.OpenAI
) -> None:
    openai_server.say(
        tool_calls=[
            ToolCall(name="f", arguments={"x": "ü"}, id="call_own"),
            ToolCall(name="g", arguments="{broken"),
        ]
    )
    answer = client.chat.completions.create(model="m", messages=HELLO, tools=[tool("f"), tool("g")])
    message = answer.choices[0].message
    assert message.content is None
    calls: Any = message.tool_calls
    first, second = calls
    assert first.type == second.type == "function"
    assert (first.id, first.function.name, first.function.arguments) == (
        "call_own",
        "f",
        '{"x":"ü"}',
    )
    assert second.function.arguments == "{broken"
    assert second.id.startswith("call_")


def test_a_custom_tool_is_called_with_its_input(
    openai_server: OpenAIServer, client: openai.OpenAI
) -> None:
    openai_server.say(tool_calls=[ToolCall(name="sql", arguments="SELECT 1")])
    answer = client.chat.completions.create(
        model="m", messages=HELLO, tools=[{"type": "custom", "custom": {"name": "sql"}}]
    )
    calls: Any = answer.choices[0].message.tool_calls
    (call,) = calls
    assert call.type == "custom"
    assert call.custom.input == "SELECT 1"


def test_a_conversation_with_tools_goes_on(
    openai_server: OpenAIServer, client: openai.OpenAI
) -> None:
    openai_server.say(tool_calls=[ToolCall(name="f"), ToolCall(name="g")])
    openai_server.say("done")
    tools = [tool("f"), tool("g")]
    asked = client.chat.completions.create(model="m", messages=HELLO, tools=tools)
    message = asked.choices[0].message
    answers = [
        {"role": "tool", "tool_call_id": call.id, "content": "1"}
        for call in message.tool_calls or ()
    ]
    messages: Any = [*HELLO, message, *answers]
    done = client.chat.completions.create(model="m", messages=messages, tools=tools)
    assert done.choices[0].message.content == "done"


def test_a_reply_of_a_given_form_is_parsed(
    openai_server: OpenAIServer, client: openai.OpenAI
) -> None:
    openai_server.say('{"name": "Rome", "people": 2800000}')
    answer = client.chat.completions.parse(model="m", messages=HELLO, response_format=City)
    assert answer.choices[0].message.parsed == City(name="Rome", people=2800000)
    sent = openai_server.last.json["response_format"]["json_schema"]
    assert sent["strict"] is True


def test_a_refusal_stands_apart_from_the_words(
    openai_server: OpenAIServer, client: openai.OpenAI
) -> None:
    openai_server.say(refusal="I cannot.")
    message = client.chat.completions.create(model="m", messages=HELLO).choices[0].message
    assert (message.content, message.refusal) == (None, "I cannot.")


def test_log_probabilities_come_when_they_are_asked_for(
    openai_server: OpenAIServer, client: openai.OpenAI
) -> None:
    other = TokenLogprob(token="No", logprob=-2.5)
    sure = TokenLogprob(token="Yé", logprob=-0.1, alternatives=(other, other))
    openai_server.add(Reply(text="Yé", logprobs=[sure]), Reply(text="Yé", logprobs=[sure]))
    asked = client.chat.completions.create(model="m", messages=HELLO, logprobs=True, top_logprobs=1)
    told = asked.choices[0].logprobs
    assert told is not None
    content: Any = told.content
    (token,) = content
    assert (token.token, token.logprob, token.bytes) == ("Yé", -0.1, [89, 195, 169])
    assert [each.token for each in token.top_logprobs] == ["No"]
    unasked = client.chat.completions.create(model="m", messages=HELLO)
    assert unasked.choices[0].logprobs is None


def test_several_choices_say_the_same(openai_server: OpenAIServer, client: openai.OpenAI) -> None:
    openai_server.say("x")
    answer = client.chat.completions.create(model="m", messages=HELLO, n=3)
    assert [choice.index for choice in answer.choices] == [0, 1, 2]
    assert {choice.message.content for choice in answer.choices} == {"x"}


def test_citations_stand_as_the_provider_shapes_them(
    openai_server: OpenAIServer, client: openai.OpenAI
) -> None:
    place = {"start_index": 0, "end_index": 1, "title": "t", "url": "https://example.org"}
    openai_server.say("x", citations=[{"type": "url_citation", "url_citation": place}])
    message = client.chat.completions.create(model="m", messages=HELLO).choices[0].message
    assert message.annotations is not None
    assert message.annotations[0].url_citation.title == "t"


def test_thinking_is_not_shown(openai_server: OpenAIServer, client: openai.OpenAI) -> None:
    openai_server.say("x", thinking="hidden")
    answer = client.chat.completions.create(model="m", messages=HELLO, reasoning_effort="high")
    assert "hidden" not in answer.model_dump_json()


@pytest.mark.parametrize(
    ("body", "text"), [(b"<html>", "<html>"), ({"choices": []}, '{"choices":[]}')]
)
def test_a_reply_may_be_wrong_on_purpose(
    openai_server: OpenAIServer, client: openai.OpenAI, body: Any, text: str
) -> None:
    openai_server.say(body=body)
    answer = client.chat.completions.with_raw_response.create(model="m", messages=HELLO)
    assert answer.text == text


def test_everything_that_a_user_can_show_is_taken(
    openai_server: OpenAIServer, client: openai.OpenAI
) -> None:
    content: Any = [
        {"type": "text", "text": "what is this?"},
        {"type": "image_url", "image_url": {"url": "https://example.org/x.png", "detail": "low"}},
        {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}},
        {"type": "input_audio", "input_audio": {"data": "AAAA", "format": "wav"}},
        {"type": "file", "file": {"file_id": "file-1"}},
        {
            "type": "file",
            "file": {"filename": "a.pdf", "file_data": "data:application/pdf;base64,AAAA"},
        },
    ]
    messages: Any = [
        {"role": "developer", "content": "brief"},
        {"role": "user", "content": content},
    ]
    answer = client.chat.completions.create(
        model="m",
        messages=messages,
        reasoning_effort="xhigh",
        verbosity="low",
        seed=7,
        stop=["a", "b"],
        metadata={"k": "v"},
        max_completion_tokens=100,
        modalities=["text", "audio"],
        audio={"voice": "ash", "format": "mp3"},
        prompt_cache_retention="24h",
        service_tier="flex",
        logit_bias={"50256": -100},
    )
    assert answer.choices[0].message.content == "ok"
    assert openai_server.last.json["messages"][1]["content"] == content


async def test_async_clients_are_served_alike(
    openai_server: OpenAIServer, async_client: openai.AsyncOpenAI
) -> None:
    openai_server.say("hello")
    answer = await async_client.chat.completions.create(model="m", messages=HELLO)
    assert answer.choices[0].message.content == "hello"
