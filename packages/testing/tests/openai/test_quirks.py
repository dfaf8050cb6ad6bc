"""Habits of compatible servers, one by one."""

from __future__ import annotations

import json
from typing import Any

import httpx2
import openai
import pytest

from racto.testing import OpenAIServer, ToolCall
from racto.testing.openai import Quirks

HELLO: Any = [{"role": "user", "content": "hello"}]
CALLS = [ToolCall(name=name, arguments={"letters": name * 20}) for name in ("f", "g")]
TOOLS: Any = [{"type": "function", "function": {"name": call.name}} for call in CALLS]


def ask(server: OpenAIServer, **fields: Any) -> httpx2.Response:
    url = f"{server.url}/chat/completions"
    body = {"model": "m", "messages": HELLO, **fields}
    headers = {"authorization": "Bearer test-key"}
    return httpx2.post(url, json=body, headers=headers, verify=False)


def stream(server: OpenAIServer, **fields: Any) -> list[Any]:
    lines = ask(server, stream=True, **fields).text.splitlines()
    return [json.loads(line[6:]) if "{" in line else line[6:] for line in lines if line]


def call_parts(events: list[Any]) -> list[Any]:
    deltas = [event["choices"][0]["delta"] for event in events if event != "[DONE]"]
    return [part for delta in deltas for part in delta.get("tool_calls", ())]


def test_without_quirks_nothing_is_left_out(openai_server: OpenAIServer) -> None:
    openai_server.say("x", tool_calls=CALLS)
    events = stream(openai_server, tools=TOOLS, stream_options={"include_usage": True})
    assert events[-1] == "[DONE]"
    assert events[-2]["usage"]["total_tokens"] == 15
    assert events[-3]["choices"][0]["finish_reason"] == "tool_calls"
    assert all("index" in part for part in call_parts(events[:-2]))


def test_usage_is_never_told() -> None:
    with OpenAIServer(quirks=Quirks(no_usage=True)) as server:
        events = stream(server, stream_options={"include_usage": True})
        assert not any("usage" in event for event in events[:-1])
        assert "usage" not in ask(server).json()


def test_a_stream_ends_without_a_reason() -> None:
    with OpenAIServer(quirks=Quirks(no_finish_reason=True)) as server:
        *events, last = stream(server)
        assert {event["choices"][0]["finish_reason"] for event in events} == {None}
        assert last == "[DONE]"


def test_a_stream_ends_without_done() -> None:
    with OpenAIServer(quirks=Quirks(no_done=True)) as server:
        assert stream(server)[-1]["choices"][0]["finish_reason"] == "stop"


def test_fragments_of_calls_have_no_index_and_keep_together() -> None:
    with OpenAIServer(quirks=Quirks(no_index=True)) as server:
        server.say(tool_calls=CALLS)
        parts = call_parts(stream(server, tools=TOOLS))
        assert not any("index" in part for part in parts)
        told = "".join(part["function"].get("name", "") for part in parts)
        arguments = "".join(part["function"]["arguments"] for part in parts)
        assert told == "fg"
        assert arguments == "".join(json.dumps(call.arguments).replace(" ", "") for call in CALLS)


def test_calls_have_no_ids() -> None:
    with OpenAIServer(quirks=Quirks(no_call_ids=True)) as server:
        server.add(*2 * [_calling()])
        assert not any("id" in part for part in call_parts(stream(server, tools=TOOLS)))
        message = ask(server, tools=TOOLS).json()["choices"][0]["message"]
        assert not any("id" in call for call in message["tool_calls"])


def _calling() -> Any:
    from racto.testing import Reply

    return Reply(tool_calls=CALLS)


def test_calls_come_in_one_piece() -> None:
    with OpenAIServer(quirks=Quirks(whole_calls=True)) as server:
        server.say(tool_calls=CALLS)
        parts = call_parts(stream(server, tools=TOOLS))
        told = [json.loads(part["function"]["arguments"]) for part in parts]
        assert told == [call.arguments for call in CALLS]


def test_thinking_is_shown_in_a_field_of_its_own() -> None:
    with OpenAIServer(quirks=Quirks(reasoning_content=True)) as server:
        server.say("x", thinking=["let me ", "see"])
        server.say("x", thinking=["let me ", "see"])
        deltas = [event["choices"][0]["delta"] for event in stream(server)[:-1]]
        thought = [delta["reasoning_content"] for delta in deltas if "reasoning_content" in delta]
        assert thought == ["let me ", "see"]
        message = ask(server).json()["choices"][0]["message"]
        assert message["reasoning_content"] == "let me see"


def test_unknown_fields_are_ignored_and_known_ones_still_checked() -> None:
    with OpenAIServer(quirks=Quirks(any_field=True)) as server:
        message = {"role": "user", "content": "hello", "mood": "good"}
        assert ask(server, top_k=5, messages=[message], guided={"a": 1}).status_code == 200
        refused = ask(server, top_k=5, temperature=9)
        assert refused.json()["error"]["param"] == "temperature"


def test_the_official_client_still_assembles_a_quirky_stream() -> None:
    quirks = Quirks(no_done=True, no_usage=True, whole_calls=True)
    with OpenAIServer(quirks=quirks) as server:
        server.say(["a", "b"], tool_calls=CALLS)
        client = openai.OpenAI(base_url=server.url, api_key="test-key", max_retries=0)
        with (
            client,
            client.chat.completions.stream(model="m", messages=HELLO, tools=TOOLS) as told,
        ):
            choice = told.get_final_completion().choices[0]
        assert choice.message.content == "ab"
        assert len(choice.message.tool_calls or ()) == 2


@pytest.mark.parametrize("name", Quirks.__dataclass_fields__)
def test_every_quirk_is_off_by_default(name: str) -> None:
    assert getattr(Quirks(), name) is False
