"""Faults in single fields: which one is told, where, and how."""

from __future__ import annotations

from typing import Any

import pytest

from racto.testing.openai.validation import place_of

PATH = "/chat/completions"


def ask(**fields: Any) -> dict[str, Any]:
    return {"model": "m", "messages": [{"role": "user", "content": "hello"}], **fields}


def said(content: Any) -> dict[str, Any]:
    return ask(messages=[{"role": "user", "content": content}])


NAMELESS_CALL = {"type": "function", "function": {"name": "f", "arguments": "{}"}}


@pytest.mark.parametrize(
    ("body", "param", "code", "words"),
    [
        (
            ask(temperature="x"),
            "temperature",
            "invalid_type",
            "expected a decimal, but got a string",
        ),
        (
            ask(temperature=True),
            "temperature",
            "invalid_type",
            "expected a decimal, but got a boolean",
        ),
        (ask(n=1.5), "n", "invalid_type", "expected an integer, but got a decimal"),
        (ask(seed="1"), "seed", "invalid_type", "expected an integer, but got a string"),
        (ask(stream="yes"), "stream", "invalid_type", "expected a boolean, but got a string"),
        (ask(user=None), "user", "invalid_type", "expected a string, but got null"),
        (ask(tools={}), "tools", "invalid_type", "expected an array, but got an object"),
        (ask(stop=5), "stop", "invalid_type", "one of a string or an array, but got an integer"),
        (ask(stop=[5]), "stop[0]", "invalid_type", "expected a string, but got an integer"),
        (ask(metadata=5), "metadata", "invalid_type", "expected an object, but got an integer"),
        (ask(reasoning_effort=5), "reasoning_effort", "invalid_type", "expected a string"),
        (ask(temperature=2.5), "temperature", "decimal_above_max_value", "<= 2, but got 2.5"),
        (ask(temperature=-0.1), "temperature", "decimal_below_min_value", ">= 0, but got -0.1"),
        (ask(n=0), "n", "integer_below_min_value", "Expected a value >= 1, but got 0"),
        (ask(n=129), "n", "integer_above_max_value", "Expected a value <= 128, but got 129"),
        (ask(logit_bias={"1": 101}), "logit_bias.1", "integer_above_max_value", "<= 100"),
        (ask(messages=[]), "messages", "empty_array", "minimum length 1"),
        (ask(tools=[]), "tools", "empty_array", "minimum length 1"),
        (ask(stop=["a"] * 5), "stop", "array_above_max_length", "maximum length 4"),
        (ask(safety_identifier="x" * 65), "safety_identifier", "string_above_max_length", "65"),
        (
            ask(metadata={str(n): "x" for n in range(17)}),
            "metadata",
            "object_above_max_length",
            "maximum length 16",
        ),
        (ask(verbosity="loud"), "verbosity", "invalid_value", "'low', 'medium', and 'high'"),
        (
            ask(messages=[{"role": "robot", "content": "x"}]),
            "messages[0].role",
            "invalid_value",
            "Invalid value: 'robot'. Supported values are: 'system',",
        ),
        (ask(messages=[{}]), "messages[0].role", "missing_required_parameter", "Missing required"),
        (
            ask(messages=[{"role": "user"}]),
            "messages[0].content",
            "missing_required_parameter",
            "Missing required parameter: 'messages[0].content'.",
        ),
        (
            ask(messages=[{"role": "user", "content": "x", "mood": "good"}]),
            "messages[0].mood",
            "unknown_parameter",
            "Unknown parameter: 'messages[0].mood'.",
        ),
        (said([]), "messages[0].content", "empty_array", "Invalid 'messages[0].content': empty"),
        (said([{"type": "text"}]), "messages[0].content[0].text", "missing_required_parameter", ""),
        (said([{"type": "text", "text": 5}]), "messages[0].content[0].text", "invalid_type", ""),
        (said([{"type": "video"}]), "messages[0].content[0].type", "invalid_value", "'video'"),
        (
            said([{"type": "image_url", "image_url": {"url": "http://x", "size": 1}}]),
            "messages[0].content[0].image_url.size",
            "unknown_parameter",
            "",
        ),
        (
            said([{"type": "image_url", "image_url": {"url": "http://x"}, "size": 1}]),
            "messages[0].content[0].size",
            "unknown_parameter",
            "",
        ),
        (
            ask(tools=[{"type": "function", "function": {"name": "a b"}}]),
            "tools[0].function.name",
            "invalid_value",
            "does not match pattern",
        ),
        (
            ask(messages=[{"role": "assistant", "tool_calls": [NAMELESS_CALL]}]),
            "messages[0].tool_calls[0].id",
            "missing_required_parameter",
            "",
        ),
        (
            ask(tools=[{"type": "robot"}]),
            "tools[0].type",
            "invalid_value",
            "'function' and 'custom'",
        ),
        (ask(response_format={"type": "xml"}), "response_format.type", "invalid_value", "'xml'"),
        (
            ask(tools=[{"type": "function", "function": {"name": "f"}}], tool_choice={"type": "x"}),
            "tool_choice.type",
            "invalid_value",
            "'function', 'custom', and 'allowed_tools'",
        ),
        ({"model": "m"}, "messages", "missing_required_parameter", "'messages'"),
        (
            {"messages": []} | {"messages": ask()["messages"]},
            None,
            None,
            "provide a model parameter",
        ),
        (ask(mood="good"), None, None, "Unrecognized request argument supplied: mood"),
    ],
)
def test_a_fault_is_named_with_its_place(
    refuse: Any, body: Any, param: str | None, code: str | None, words: str
) -> None:
    error = refuse(PATH, body)
    assert (error["param"], error["code"]) == (param, code)
    assert words in error["message"]


@pytest.mark.parametrize("body", [[], "x", 5, None], ids=repr)
def test_a_body_that_is_no_object_is_refused(refuse: Any, body: Any) -> None:
    assert "could not parse the JSON body" in refuse(PATH, body)["message"]


def test_a_body_that_is_no_json_is_refused(openai_server: Any, raw: Any) -> None:
    for body in (b"{", b"\xff", b"[" * 10_000):
        sent = raw.message(body, connection="close")
        assert b"could not parse the JSON body" in raw.ask(openai_server, sent)


DATA = {"parts": [{"type": "text", "text": {"text": 1}}], "place": {"type": "in", "in": {}}}


@pytest.mark.parametrize(
    ("loc", "missing", "place"),
    [
        (("parts", 0, "text", "size"), True, ("parts", 0, "size")),
        (("parts", 0, "text", "text", "size"), True, ("parts", 0, "text", "size")),
        (("parts", 0, "text", "text", "text"), False, ("parts", 0, "text", "text")),
        (("parts", 0, "text", "type"), False, ("parts", 0, "type")),
        (("place", "in"), False, ("place", "in")),
        (("parts", "list[Part]", 0), False, ("parts", 0)),
        (("parts", "str"), False, ("parts",)),
        (("parts", 7), False, ("parts",)),
        ((), False, ()),
    ],
)
def test_branches_of_unions_are_no_places(loc: Any, missing: bool, place: Any) -> None:
    assert place_of(loc, DATA, missing=missing) == place
