"""Responses, whole, in the background and kept, as the official client reads them."""

from __future__ import annotations

from typing import Any

import openai
import pytest
from pydantic import BaseModel

from racto.core.logprobs import TokenLogprob
from racto.core.responses import FinishReason
from racto.core.usage import Usage
from racto.testing import OpenAIServer, Reply, ToolCall

TOOLS: Any = [{"type": "function", "name": "f", "parameters": None, "strict": False}]


class City(BaseModel):
    name: str
    people: int


def test_a_response_has_words_and_usage(openai_server: OpenAIServer, client: openai.OpenAI) -> None:
    used = Usage(
        input_tokens=3,
        cache_read_tokens=4,
        cache_write_5m_tokens=5,
        cache_write_1h_tokens=6,
        output_tokens=7,
        reasoning_tokens=2,
    )
    openai_server.say(["The sea ", "is wide."], usage=used)
    response = client.responses.create(model="m", input="What is the sea?")
    assert response.output_text == "The sea is wide."
    assert (response.status, response.model, response.incomplete_details) == (
        "completed",
        "m",
        None,
    )
    told = response.usage
    assert told is not None
    assert (told.input_tokens, told.output_tokens, told.total_tokens) == (18, 7, 25)
    assert told.input_tokens_details.cached_tokens == 4
    assert told.input_tokens_details.cache_write_tokens == 11
    assert told.output_tokens_details.reasoning_tokens == 2


def test_a_response_repeats_the_settings_of_its_request(client: openai.OpenAI) -> None:
    response = client.responses.create(
        model="m",
        input="hi",
        instructions="be brief",
        temperature=0.5,
        max_output_tokens=100,
        metadata={"k": "v"},
        tools=TOOLS,
        tool_choice="required",
        text={"verbosity": "low"},
        reasoning={"effort": "low"},
        prompt_cache_retention="24h",
    )
    told = response.model_dump()
    assert told["instructions"] == "be brief"
    assert (told["temperature"], told["top_p"], told["truncation"]) == (0.5, 1.0, "disabled")
    assert told["tools"][0]["name"] == "f"
    assert told["tool_choice"] == "required"
    assert told["text"] == {"format": {"type": "text"}, "verbosity": "low"}
    assert told["reasoning"]["effort"] == "low"
    assert told["prompt_cache_retention"] == "24h"
    assert "input" not in told


def test_thinking_is_summed_up_when_asked_and_sealed_when_included(
    openai_server: OpenAIServer, client: openai.OpenAI
) -> None:
    thinking = Reply(text="x", thinking=["let me ", "see"])
    openai_server.add(*3 * [thinking])
    hidden = client.responses.create(model="m", input="hi").output[0]
    assert hidden.type == "reasoning"
    assert (hidden.summary, hidden.encrypted_content) == ([], None)
    shown = client.responses.create(
        model="m",
        input="hi",
        reasoning={"summary": "auto"},
        include=["reasoning.encrypted_content"],
    ).output[0]
    assert shown.type == "reasoning"
    assert [part.text for part in shown.summary] == ["let me see"]
    assert shown.encrypted_content
    openai_server.clear()
    openai_server.say("x", signature="proof")
    own = client.responses.create(
        model="m", input="hi", include=["reasoning.encrypted_content"]
    ).output[0]
    assert own.type == "reasoning"
    assert own.encrypted_content == "proof"


def test_a_conversation_goes_on_from_a_stored_response(
    openai_server: OpenAIServer, client: openai.OpenAI
) -> None:
    openai_server.say(tool_calls=[ToolCall(name="f", arguments={"x": 1}, id="call_1")])
    openai_server.say("done")
    first = client.responses.create(model="m", input="hi", tools=TOOLS)
    (call,) = first.output
    assert call.type == "function_call"
    assert (call.call_id, call.name, call.arguments) == ("call_1", "f", '{"x":1}')
    output: Any = [{"type": "function_call_output", "call_id": "call_1", "output": "2"}]
    second = client.responses.create(model="m", input=output, previous_response_id=first.id)
    assert second.output_text == "done"
    assert second.previous_response_id == first.id
    third = client.responses.create(model="m", input="more", previous_response_id=second.id)
    assert third.status == "completed"


def test_a_conversation_goes_on_by_sending_everything_again(
    openai_server: OpenAIServer, client: openai.OpenAI
) -> None:
    calling = [ToolCall(name="f"), ToolCall(name="sql", arguments="SELECT 1")]
    openai_server.say("Let me look.", thinking="hm", tool_calls=calling)
    openai_server.say("done")
    tools: Any = [*TOOLS, {"type": "custom", "name": "sql"}]
    included: Any = ["reasoning.encrypted_content"]
    asked: list[Any] = [{"role": "user", "content": "hi"}]
    first = client.responses.create(
        model="m", input=asked, tools=tools, store=False, include=included
    )
    assert [item.type for item in first.output] == [
        "reasoning",
        "message",
        "function_call",
        "custom_tool_call",
    ]
    for item in first.output:
        asked.append(item)
        if item.type in ("function_call", "custom_tool_call"):
            asked.append({"type": f"{item.type}_output", "call_id": item.call_id, "output": "1"})
    # Answers follow the calls, as a client that runs tools in parallel sends them.
    asked.sort(key=lambda item: isinstance(item, dict) and "output" in item)
    second = client.responses.create(
        model="m", input=asked, tools=tools, store=False, include=included
    )
    assert second.output_text == "done"


@pytest.mark.parametrize(
    ("reply", "status", "reason"),
    [
        (Reply(text="x", finish=FinishReason.LENGTH), "incomplete", "max_output_tokens"),
        (Reply(text="x", finish=FinishReason.CONTENT_FILTER), "incomplete", "content_filter"),
        (Reply(text="x", raw_finish="steered"), "incomplete", "steered"),
        (Reply(finish=FinishReason.CANCELLED), "cancelled", None),
        (Reply(finish=FinishReason.ERROR), "failed", None),
        (Reply(refusal="no"), "completed", None),
    ],
)
def test_every_end_has_its_status(
    openai_server: OpenAIServer,
    client: openai.OpenAI,
    reply: Reply,
    status: str,
    reason: str | None,
) -> None:
    openai_server.add(reply)
    response = client.responses.create(model="m", input="hi")
    assert response.status == status
    assert (response.incomplete_details and response.incomplete_details.reason) == reason
    assert (response.error is not None) == (status == "failed")


def test_a_response_of_a_given_form_is_parsed(
    openai_server: OpenAIServer, client: openai.OpenAI
) -> None:
    openai_server.say('{"name": "Rome", "people": 2800000}')
    parsed = client.responses.parse(model="m", input="hi", text_format=City)
    assert parsed.output_parsed == City(name="Rome", people=2800000)


def test_a_refusal_is_a_part_of_its_own(openai_server: OpenAIServer, client: openai.OpenAI) -> None:
    openai_server.say(refusal="I cannot.")
    (message,) = client.responses.create(model="m", input="hi").output
    assert message.type == "message"
    assert message.content[0].type == "refusal"
    assert message.content[0].refusal == "I cannot."


def test_citations_and_log_probabilities_stand_with_the_words(
    openai_server: OpenAIServer, client: openai.OpenAI
) -> None:
    cited = {
        "type": "url_citation",
        "url": "https://example.org",
        "title": "t",
        "start_index": 0,
        "end_index": 1,
    }
    tokens = [TokenLogprob(token="x", logprob=-0.5)]
    openai_server.say("x", citations=[cited], logprobs=tokens)
    (message,) = client.responses.create(
        model="m", input="hi", include=["message.output_text.logprobs"], top_logprobs=2
    ).output
    assert message.type == "message"
    part = message.content[0]
    assert part.type == "output_text"
    assert part.annotations[0].type == "url_citation"
    assert part.logprobs is not None
    assert part.logprobs[0].logprob == -0.5


def test_a_response_is_kept_shown_and_deleted(client: openai.OpenAI) -> None:
    response = client.responses.create(model="m", input="hi")
    assert client.responses.retrieve(response.id) == response
    listed = list(client.responses.input_items.list(response.id))
    assert [item.type for item in listed] == ["message"]
    client.responses.delete(response.id)
    with pytest.raises(openai.NotFoundError, match=r"Response with id 'resp_\w+' not found"):
        client.responses.retrieve(response.id)


def test_input_items_come_newest_first_unless_asked_otherwise(client: openai.OpenAI) -> None:
    said: Any = [{"role": "user", "content": word} for word in ("one", "two")]
    response = client.responses.create(model="m", input=said)
    newest = client.responses.input_items.list(response.id).data
    oldest = client.responses.input_items.list(response.id, order="asc").data
    assert newest == oldest[::-1]
    assert len({item.id for item in newest}) == 2


def test_a_response_that_was_not_stored_is_gone(client: openai.OpenAI) -> None:
    response = client.responses.create(model="m", input="hi", store=False)
    with pytest.raises(openai.NotFoundError):
        client.responses.retrieve(response.id)
    with pytest.raises(openai.BadRequestError) as caught:
        client.responses.create(model="m", input="hi", previous_response_id=response.id)
    assert caught.value.code == "previous_response_not_found"


def test_a_response_in_the_background_goes_on_with_each_look(
    openai_server: OpenAIServer, client: openai.OpenAI
) -> None:
    openai_server.say("done")
    response = client.responses.create(model="m", input="hi", background=True)
    assert (response.status, response.output) == ("queued", [])
    states = [client.responses.retrieve(response.id) for _ in range(3)]
    assert [state.status for state in states] == ["in_progress", "completed", "completed"]
    assert states[-1].output_text == "done"


def test_only_a_response_in_the_background_can_be_cancelled(client: openai.OpenAI) -> None:
    waiting = client.responses.create(model="m", input="hi", background=True)
    assert client.responses.cancel(waiting.id).status == "cancelled"
    assert client.responses.retrieve(waiting.id).status == "cancelled"
    done = client.responses.create(model="m", input="hi")
    with pytest.raises(openai.BadRequestError, match="Cannot cancel a synchronous response"):
        client.responses.cancel(done.id)


def test_input_tokens_are_counted(openai_server: OpenAIServer, client: openai.OpenAI) -> None:
    short = client.responses.input_tokens.count(model="m", input="hi").input_tokens
    long = client.responses.input_tokens.count(model="m", input="hi " * 100).input_tokens
    with_tools = client.responses.input_tokens.count(model="m", input="hi", tools=TOOLS)
    assert 0 < short < with_tools.input_tokens < long
    openai_server.fail("overloaded")
    with pytest.raises(openai.InternalServerError):
        client.responses.input_tokens.count(model="m", input="hi")


def test_everything_that_a_user_can_show_is_taken(
    openai_server: OpenAIServer, client: openai.OpenAI
) -> None:
    content: Any = [
        {"type": "input_text", "text": "what is this?"},
        {"type": "input_image", "image_url": "https://example.org/x.png", "detail": "low"},
        {"type": "input_image", "file_id": "file-1", "detail": "auto"},
        {
            "type": "input_file",
            "filename": "a.pdf",
            "file_data": "data:application/pdf;base64,AA==",
        },
        {"type": "input_file", "file_url": "https://example.org/a.pdf"},
    ]
    said: Any = [
        {"role": "developer", "content": "brief"},
        {"role": "user", "content": content},
        {"type": "web_search_call", "id": "ws_1", "status": "completed", "action": {}},
        {"role": "assistant", "content": [{"type": "output_text", "text": "a cat"}]},
        {"role": "user", "content": "sure?"},
    ]
    tools: Any = [{"type": "web_search"}, {"type": "mcp", "server_label": "x", "server_url": "y"}]
    assert client.responses.create(model="m", input=said, tools=tools).output_text == "ok"


async def test_async_clients_are_served_alike(
    openai_server: OpenAIServer, async_client: openai.AsyncOpenAI
) -> None:
    openai_server.say("hello")
    response = await async_client.responses.create(model="m", input="hi")
    assert response.output_text == "hello"


def test_paths_that_lead_nowhere_are_refused(client: openai.OpenAI) -> None:
    with pytest.raises(openai.NotFoundError, match="Invalid URL"):
        client.post("/responses/resp_1/dance", body={}, cast_to=object)


def test_a_stored_response_is_not_streamed_again(client: openai.OpenAI) -> None:
    made = client.responses.create(model="m", input="x")
    with pytest.raises(openai.BadRequestError, match="does not stream a stored response"):
        client.responses.retrieve(made.id, stream=True)
