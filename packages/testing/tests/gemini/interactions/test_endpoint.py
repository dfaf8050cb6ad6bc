"""Google's own client talks in interactions: created, continued, streamed and taken back."""

from __future__ import annotations

from typing import Any

import pytest

from racto.core import FinishReason, Usage
from racto.testing import Failure, GeminiServer, Reply, ToolCall

LOOK = {"type": "function", "name": "look", "parameters": {"type": "object"}}
THINKING = {"thinking_summaries": "auto", "thinking_level": "low"}


def test_a_question_is_answered(gemini_server: GeminiServer, client: Any) -> None:
    used = Usage(input_tokens=7, cache_read_tokens=3, output_tokens=9, reasoning_tokens=4)
    gemini_server.say(["Hel", "lo"], thinking="hm", signature="sig", usage=used)
    said = client.interactions.create(model="m", input="hi", generation_config=THINKING)
    assert (said.status, said.output_text, said.model) == ("completed", "Hello", "m")
    thought, words = said.steps
    assert (thought.type, thought.signature, thought.summary[0].text) == ("thought", "c2ln", "hm")
    assert words.type == "model_output"
    assert said.usage is not None
    assert (said.usage.total_input_tokens, said.usage.total_cached_tokens) == (10, 3)
    assert (said.usage.total_output_tokens, said.usage.total_thought_tokens) == (5, 4)
    assert said.usage.total_tokens == 19


async def test_async_clients_get_the_same(gemini_server: GeminiServer, aio: Any) -> None:
    gemini_server.say("one")
    assert (await aio.interactions.create(model="m", input="hi")).output_text == "one"


def test_thoughts_are_shown_when_they_were_asked_for(
    gemini_server: GeminiServer, client: Any
) -> None:
    gemini_server.say("x", thinking="hm")
    said = client.interactions.create(model="m", input="hi")
    assert [step.type for step in said.steps or ()] == ["model_output"]


def test_a_tool_is_called_and_answers(gemini_server: GeminiServer, client: Any) -> None:
    gemini_server.say(tool_calls=[ToolCall(name="look", arguments={"city": "Bonn"})])
    gemini_server.say("It rains.")
    asked = client.interactions.create(model="m", input="Weather?", tools=[LOOK])
    assert asked.status == "requires_action"
    (call,) = asked.steps
    assert (call.name, call.arguments) == ("look", {"city": "Bonn"})
    result = {"type": "function_result", "call_id": call.id, "name": "look", "result": "rain"}
    told = client.interactions.create(model="m", input=[result], previous_interaction_id=asked.id)
    assert told.output_text == "It rains."
    assert told.previous_interaction_id == asked.id


def streamed(client: Any, **fields: Any) -> list[Any]:
    return list(client.interactions.create(model="m", input="hi", stream=True, **fields))


def test_a_stream_tells_step_by_step(gemini_server: GeminiServer, client: Any) -> None:
    gemini_server.say(
        ["Hel", "lo"],
        thinking=["a", "b"],
        signature="sig",
        tool_calls=[ToolCall(name="look", arguments={"city": "Bonn", "days": [1, 2]})],
    )
    events = streamed(client, generation_config=THINKING)
    kinds = [event.event_type for event in events]
    assert kinds[:2] == ["interaction.created", "interaction.status_update"]
    assert kinds[-1] == "interaction.completed"
    assert kinds.count("step.start") == kinds.count("step.stop") == 3
    deltas = [event.delta for event in events if event.event_type == "step.delta"]
    assert "".join(each.text for each in deltas if each.type == "text") == "Hello"
    thoughts = [each.content.text for each in deltas if each.type == "thought_summary"]
    assert thoughts == ["a", "b"]
    fragments = [each.arguments for each in deltas if each.type == "arguments_delta"]
    assert "".join(fragments) == '{"city": "Bonn", "days": [1, 2]}'
    assert len(fragments) > 1
    assert events[-1].interaction.status == "requires_action"
    assert events[-1].interaction.usage.total_tokens == 15


def test_a_stream_may_fail_in_its_middle(gemini_server: GeminiServer, client: Any) -> None:
    gemini_server.say(["a"], failure_after=Failure(kind="overloaded"))
    *_, last = streamed(client)
    assert last.event_type == "error"
    assert last.error.code == "service_unavailable"


@pytest.mark.parametrize(
    ("reply", "status"),
    [
        (Reply(text="x", finish=FinishReason.LENGTH), "incomplete"),
        (Reply(text="x", finish=FinishReason.CANCELLED), "cancelled"),
        (Reply(refusal="no"), "failed"),
        (Reply(tool_calls=[ToolCall(name="f", arguments="{")]), "failed"),
        (Reply(text="x", raw_finish="budget_exceeded"), "budget_exceeded"),
    ],
)
def test_each_outcome_has_a_state(
    reply: Reply, status: str, gemini_server: GeminiServer, client: Any
) -> None:
    gemini_server.add(reply)
    assert client.interactions.create(model="m", input="hi").status == status


def test_a_call_that_is_no_json_is_told(gemini_server: GeminiServer, client: Any) -> None:
    gemini_server.say(tool_calls=[ToolCall(name="f", arguments="{")])
    said = client.interactions.create(model="m", input="hi")
    assert said.errors is not None
    assert said.errors[0].code == "malformed_function_call"


def test_what_is_kept_can_be_shown_streamed_and_deleted(
    gemini_server: GeminiServer, client: Any, post: Any
) -> None:
    gemini_server.say(["a", "b"])
    id = client.interactions.create(model="m", input="hi").id
    assert id is not None
    assert client.interactions.get(id).output_text == "ab"
    again = list(client.interactions.get(id, stream=True))
    assert again[-1].event_type == "interaction.completed"
    client.interactions.delete(id)
    answer = post(f"interactions/{id}", method="GET")
    assert answer.status_code == 404
    assert answer.json()["error"]["code"] == "model_not_found"


def test_what_is_not_stored_is_not_kept(client: Any, post: Any) -> None:
    id = client.interactions.create(model="m", input="hi", store=False).id
    assert post(f"interactions/{id}", method="GET").status_code == 404


def test_one_in_the_background_takes_a_while(gemini_server: GeminiServer, client: Any) -> None:
    gemini_server.interactions.polls_per_step = None
    made = client.interactions.create(model="m", input="hi", background=True)
    assert (made.status, made.steps) == ("in_progress", None)
    assert made.id is not None
    assert client.interactions.get(made.id).status == "in_progress"
    gemini_server.interactions.advance()
    assert client.interactions.get(made.id).output_text == "ok"


def test_one_in_the_background_can_be_cancelled(gemini_server: GeminiServer, client: Any) -> None:
    gemini_server.interactions.polls_per_step = None
    id = client.interactions.create(model="m", input="hi", background=True).id
    assert id is not None
    assert client.interactions.cancel(id).status == "cancelled"
    gemini_server.interactions.advance()
    assert client.interactions.get(id).status == "cancelled"


def test_failures_have_a_word_for_a_code(gemini_server: GeminiServer, client: Any) -> None:
    gemini_server.fail("bad_request")
    with pytest.raises(Exception, match="invalid_request"):
        client.interactions.create(model="m", input="hi")


def test_sources_stand_beside_the_words(gemini_server: GeminiServer, client: Any) -> None:
    note = {"type": "url_citation", "url": "https://example.com", "start_index": 0, "end_index": 1}
    gemini_server.say("one", citations=[note])
    gemini_server.say("one", citations=[note])
    said = client.interactions.create(model="m", input="hi")
    assert said.steps[0].content[0].annotations[0].url == "https://example.com"
    deltas = [each.delta for each in streamed(client) if each.event_type == "step.delta"]
    assert [each.type for each in deltas] == ["text", "text_annotation_delta"]


def test_a_thought_may_be_unsigned(gemini_server: GeminiServer, client: Any) -> None:
    gemini_server.say("x", thinking="hm")
    events = streamed(client, generation_config=THINKING)
    deltas = [each.delta.type for each in events if each.event_type == "step.delta"]
    assert deltas == ["thought_summary", "text"]


@pytest.mark.parametrize("store", [True, False])
def test_the_client_goes_on_after_a_pause(
    gemini_server: GeminiServer, client: Any, store: bool
) -> None:
    for _ in range(2):
        gemini_server.say("one ", finish=FinishReason.PAUSE)
        gemini_server.say("two")
    said = client.interactions.create(model="m", input="hi", store=store)
    assert (said.status, said.output_text) == ("completed", "one two")
    assert ("input" in gemini_server.last.json) is not store
    events = streamed(client, store=store)
    deltas = [event.delta for event in events if event.event_type == "step.delta"]
    assert "".join(each.text for each in deltas) == "one two"


def test_a_token_goes_on_with_its_own_interaction(gemini_server: GeminiServer, post: Any) -> None:
    gemini_server.say("x", finish=FinishReason.PAUSE)
    asked = {"model": "m", "input": "hi"}
    paused, other = post("interactions", asked).json(), post("interactions", asked).json()
    token = {"continuation_token": paused["continuation_token"]}

    def told(**fields: Any) -> str:
        answer = post("interactions", {"model": "m", **fields})
        assert answer.status_code == 400
        return str(answer.json()["error"]["message"])

    wrong = "continuation_token: belongs to no such interaction"
    assert told(**token, previous_interaction_id=other["id"]) == wrong
    assert told(continuation_token="x", input="hi") == wrong
    assert "input: must not be" in told(**asked, **token, previous_interaction_id=paused["id"])
    assert told(**token) == "input: must be specified"


def test_a_failure_may_have_a_body_of_its_own(gemini_server: GeminiServer, post: Any) -> None:
    gemini_server.fail(body={"error": "so"})
    answer = post("interactions", {"model": "m", "input": "hi"})
    assert answer.json() == {"error": "so"}
