"""What a chat request must keep, and the words with which it is refused."""

from __future__ import annotations

from typing import Any

import pytest

from racto.testing import OpenAIServer

PATH = "/chat/completions"
USER = {"role": "user", "content": "hello"}
TOOL = {"type": "function", "function": {"name": "f"}}
CALL = {"id": "call_1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
ASKING = {"role": "assistant", "content": None, "tool_calls": [CALL]}
ANSWER = {"role": "tool", "tool_call_id": "call_1", "content": "1"}


def ask(**fields: Any) -> dict[str, Any]:
    return {"model": "m", "messages": [USER], **fields}


@pytest.mark.parametrize(
    ("fields", "param", "words"),
    [
        ({"stream_options": {}}, "stream_options", "only allowed when 'stream' is enabled"),
        ({"top_logprobs": 1}, "top_logprobs", "only allowed when 'logprobs' is enabled"),
        ({"tool_choice": "auto"}, "tool_choice", "only allowed when 'tools' are specified"),
        ({"parallel_tool_calls": True}, "parallel_tool_calls", "only allowed when 'tools'"),
        ({"function_call": "auto"}, "function_call", "only allowed when 'functions'"),
        ({"max_tokens": 1, "max_completion_tokens": 1}, "max_tokens", "at the same time"),
        ({"modalities": ["audio"]}, "audio", "Missing required parameter: 'audio'"),
        (
            {"tools": [TOOL], "tool_choice": {"type": "function", "function": {"name": "g"}}},
            "tool_choice",
            "'g' not found in 'tools'",
        ),
        (
            {"tools": [TOOL], "tool_choice": {"type": "custom", "custom": {"name": "f"}}},
            "tool_choice",
            "'f' not found in 'tools'",
        ),
        ({"response_format": {"type": "json_object"}}, "messages", "must contain the word 'json'"),
        (
            {"response_format": {"type": "json_schema", "json_schema": {"name": "x"}}},
            "response_format.json_schema.schema",
            "Missing required parameter",
        ),
    ],
)
def test_one_field_demands_another(refuse: Any, fields: Any, param: str, words: str) -> None:
    error = refuse(PATH, ask(**fields))
    assert error["param"] == param
    assert words in error["message"]
    assert error["type"] == "invalid_request_error"


@pytest.mark.parametrize(
    ("fields"),
    [
        {"stream_options": {"include_usage": True}, "stream": True},
        {"top_logprobs": 1, "logprobs": True},
        {"tools": [TOOL], "tool_choice": {"type": "function", "function": {"name": "f"}}},
        {
            "messages": [{"role": "user", "content": "as JSON"}],
            "response_format": {"type": "json_object"},
        },
        {"messages": [USER, ASKING, ANSWER]},
        {"messages": [USER, {"role": "assistant", "content": None, "refusal": "no"}, USER]},
        {"messages": [USER, {"role": "assistant", "content": ""}]},
    ],
)
def test_what_fits_together_is_taken(openai_server: OpenAIServer, client: Any, fields: Any) -> None:
    client.post(PATH, body=ask(**fields), cast_to=object)
    assert len(openai_server.requests) == 1


@pytest.mark.parametrize(
    ("messages", "param", "words"),
    [
        ([USER, ANSWER], "messages.[1].role", "must be a response to a preceeding message"),
        ([USER, ASKING], "messages.[1].role", "did not have response messages: call_1"),
        ([USER, ASKING, USER, ANSWER], "messages.[1].role", "must be followed by tool messages"),
        ([USER, ASKING, ANSWER, ANSWER], "messages.[3].role", "must be a response"),
        (
            [USER, ASKING, {**ANSWER, "tool_call_id": "x"}],
            "messages.[2].role",
            "must be a response",
        ),
        ([USER, {"role": "assistant"}], "messages.[1].content", "expected a string, got null"),
    ],
)
def test_calls_and_answers_belong_together(
    refuse: Any, messages: Any, param: str, words: str
) -> None:
    error = refuse(PATH, ask(messages=messages))
    assert error["param"] == param
    assert words in error["message"]


@pytest.mark.parametrize(
    ("part", "place"),
    [
        ({"type": "image_url", "image_url": {"url": "x.png"}}, "image_url.url"),
        (
            {"type": "input_audio", "input_audio": {"data": "?", "format": "wav"}},
            "input_audio.data",
        ),
        ({"type": "file", "file": {}}, "file.file_id"),
        ({"type": "file", "file": {"file_data": "AAAA", "filename": "a.pdf"}}, "file.file_data"),
    ],
)
def test_media_must_be_there(refuse: Any, part: Any, place: str) -> None:
    content = [{"type": "text", "text": "x"}, part]
    error = refuse(PATH, ask(messages=[{"role": "user", "content": content}]))
    assert error["param"] == f"messages[0].content[1].{place}"


def test_a_strict_schema_is_checked_where_it_is_enforced(refuse: Any, client: Any) -> None:
    loose = {"type": "object", "properties": {"x": {"type": "string", "default": "y"}}}
    schema = {"name": "city", "schema": loose, "strict": True}
    error = refuse(PATH, ask(response_format={"type": "json_schema", "json_schema": schema}))
    assert error["message"].startswith("Invalid schema for response_format 'city': In context=(")
    function = {"name": "f", "parameters": loose, "strict": True}
    error = refuse(PATH, ask(tools=[TOOL, {"type": "function", "function": function}]))
    assert error["param"] == "tools[1].function.parameters"
    assert error["code"] == "invalid_function_parameters"
    schema["strict"] = False
    client.post(
        PATH,
        body=ask(response_format={"type": "json_schema", "json_schema": schema}),
        cast_to=object,
    )


def test_parameters_of_a_function_describe_an_object(refuse: Any) -> None:
    function = {"name": "f", "parameters": {"type": "array"}}
    error = refuse(PATH, ask(tools=[{"type": "function", "function": function}]))
    assert "got 'type: \"array\"'" in error["message"]
