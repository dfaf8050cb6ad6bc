"""What Ollama refuses is refused in its words, and what it ignores is refused too, on request."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ollama
import pytest

from racto.testing import OllamaServer

USER = {"role": "user", "content": "hi"}
CALL = {"role": "assistant", "tool_calls": [{"function": {"name": "f", "arguments": {}}}]}
RESULT = {"role": "tool", "content": "x", "tool_name": "f"}
Refuse = Callable[..., str]


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"model": ""}, "model is required"),
        (
            {"think": "much"},
            'invalid think value: "much" (must be "high", "medium", "low", "max", true, or false)',
        ),
        (
            {"format": "xml"},
            'invalid format: "\\"xml\\""; expected "json" or a valid JSON Schema object',
        ),
        ({"top_logprobs": 21}, "top_logprobs must be between 0 and 20"),
        ({"keep_alive": "5"}, 'time: invalid duration "5"'),
        ({"keep_alive": "soon"}, 'time: invalid duration "soon"'),
        ({"options": {"temperature": "hot"}}, 'option "temperature" must be of type float32'),
        ({"options": {"num_ctx": True}}, 'option "num_ctx" must be of type integer'),
        ({"options": {"use_mmap": 1}}, 'option "use_mmap" must be of type boolean'),
        ({"options": {"stop": "x"}}, 'option "stop" must be of type array'),
        ({"options": {"stop": [1]}}, 'option "stop" must be of type array'),
        ({"messages": [{**USER, "images": ["a*"]}]}, "illegal base64 data at input byte 1"),
        ({"messages": [{**USER, "images": ["abc"]}]}, "illegal base64 data at input byte 3"),
        ({"tools": [{"type": "function", "function": {}}]}, "tool function name is required"),
    ],
)
def test_rules_are_kept(fields: dict[str, Any], told: str, refuse: Refuse) -> None:
    assert refuse(**fields) == told


@pytest.mark.parametrize("field", [{"system": "x"}, {"template": "x"}, {"context": [1]}])
def test_raw_prompts_stand_alone(field: dict[str, Any], post: Callable[..., Any]) -> None:
    answer = post("/api/generate", {"model": "m", "prompt": "x", "raw": True, **field})
    told = "raw mode does not support template, system, or context"
    assert (answer.status_code, answer.json()) == (400, {"error": told})


@pytest.mark.parametrize(
    ("messages", "told"),
    [
        (
            [{"role": "wizard", "content": "x"}],
            "invalid role: must be one of system user assistant tool",
        ),
        ([USER, RESULT], "messages[1]: a tool result without its tool call"),
        ([USER, CALL, {**RESULT, "tool_name": "g"}], "messages[2]: no tool call has the name 'g'"),
        ([USER, CALL, USER], "messages[2]: tool calls were not answered: f"),
        ([USER, CALL], "tool calls were not answered: f"),
        ([{**CALL, "role": "user"}], "messages[0]: only an assistant calls tools"),
        ([USER, CALL, RESULT, RESULT], "messages[3]: a tool result without its tool call"),
    ],
)
def test_calls_and_results_match(messages: list[Any], told: str, refuse: Refuse) -> None:
    assert refuse(messages=messages) == told


def test_unknown_fields_and_options_are_refused(refuse: Refuse) -> None:
    assert refuse(tempature=1) == 'json: unknown field "tempature"'
    assert refuse(messages=[{**USER, "img": []}]) == 'json: unknown field "img"'
    assert refuse(options={"num_token": 1}) == "invalid options: num_token"


def test_a_lenient_server_ignores_what_ollama_ignores() -> None:
    with OllamaServer(strict=False) as server, ollama.Client(server.url, verify=False) as client:
        messages = [{**USER, "mood": "good"}, CALL, {"role": "wizard", "content": "x"}]
        said = client.chat("m", messages=messages, options={"num_token": 1})
        assert said.message.content == "ok"
        with pytest.raises(ollama.ResponseError, match="must be of type float32"):
            client.chat("m", messages=[USER], options={"temperature": "hot"})


@pytest.mark.parametrize("keep_alive", ["5m", "1h30m", "-1s", "0", "300ms", 5, -1, 0.5])
def test_durations_are_those_of_go(keep_alive: Any, client: ollama.Client) -> None:
    assert client.chat("m", messages=[USER], keep_alive=keep_alive).message.content == "ok"


def test_every_option_of_the_client_is_known(client: ollama.Client) -> None:
    values: dict[str, Any] = {"stop": ["x"]}
    for name, field in ollama.Options.model_fields.items():
        if name not in values:
            values[name] = True if "bool" in str(field.annotation) else 1
    said = client.chat("m", messages=[USER], options=ollama.Options(**values))
    assert said.message.content == "ok"
