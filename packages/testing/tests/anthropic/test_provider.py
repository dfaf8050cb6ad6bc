"""Keys, versions and paths are checked before anything else."""

from __future__ import annotations

import json
from typing import Any

import anthropic
import pytest
from hypothesis import given, strategies as st

from racto.testing import AnthropicServer, Incoming
from racto.testing.anthropic import AnthropicProtocol, provider
from racto.testing.scripts import ScriptedAnswers

VERSION = {"anthropic-version": "2026-10-21"}


def status(method: str = "GET", path: str = "/v1/models", body: bytes = b"", **headers: str) -> int:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    request = Incoming(method=method, path=path, headers={**VERSION, **named}, body=body)
    return AnthropicProtocol(key="k").answer(request, ScriptedAnswers()).status


def test_a_key_is_taken_in_either_header() -> None:
    assert status(x_api_key="k") == status(authorization="Bearer k") == 200


@pytest.mark.parametrize(
    "headers",
    [{}, {"x_api_key": "other"}, {"authorization": "Bearer other"}, {"authorization": "Basic k"}],
    ids=str,
)
def test_another_key_is_not(headers: Any) -> None:
    assert status(**headers) == 401


@pytest.mark.parametrize(
    ("client", "words"),
    [
        ({"api_key": "wrong"}, "Invalid bearer token"),
        ({"api_key": "test-key", "default_headers": {"x-api-key": "wrong"}}, "invalid x-api-key"),
    ],
)
def test_the_sdk_raises_for_a_wrong_key(
    anthropic_server: AnthropicServer, ask: dict[str, Any], client: dict[str, Any], words: str
) -> None:
    with (
        anthropic.Anthropic(base_url=anthropic_server.url, max_retries=0, **client) as sdk,
        pytest.raises(anthropic.AuthenticationError) as caught,
    ):
        sdk.messages.create(**ask)
    assert caught.value.api_message == words
    assert "wrong" not in str(caught.value.body)


def test_a_server_without_a_key_takes_any(ask: dict[str, Any]) -> None:
    with (
        AnthropicServer(key=None) as server,
        anthropic.Anthropic(base_url=server.url, api_key="any", max_retries=0) as sdk,
    ):
        assert sdk.messages.create(**ask).stop_reason == "end_turn"


def test_the_version_must_be_one_that_is_known(
    sdk: anthropic.Anthropic, ask: dict[str, Any]
) -> None:
    for version, words in (
        (anthropic.Omit(), "anthropic-version: header is required"),
        ("2026-01-01", 'anthropic-version: "2026-01-01" is not a valid version'),
    ):
        with pytest.raises(anthropic.BadRequestError) as caught:
            sdk.messages.create(**ask, extra_headers={"anthropic-version": version})
        assert caught.value.api_message == words


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("GET", "/v1/messages", 405),
        ("POST", "/v1/models", 405),
        ("PUT", "/v1/messages/batches", 405),
        ("GET", "/v1/messages/", 404),
        ("GET", "/v1/nowhere", 404),
        ("GET", "/v1/messages/batches/gone", 404),
    ],
)
def test_other_paths_and_methods_are_refused(method: str, path: str, expected: int) -> None:
    assert status(method, path, x_api_key="k") == expected


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff", b"[" * 100_000], ids=repr)
def test_a_body_that_is_no_object_is_refused(body: bytes) -> None:
    assert status("POST", "/v1/messages", body, x_api_key="k") == 400


def test_a_body_that_is_too_large_is_refused() -> None:
    body = bytes(32 * 1024 * 1024 + 1)
    assert status("POST", "/v1/messages", body, x_api_key="k") == 413


def test_it_is_a_provider() -> None:
    protocol = AnthropicProtocol()
    assert (protocol.name, protocol.root) == ("anthropic", "")
    assert provider.MODELS


KEYS = st.sampled_from(
    [
        "type",
        "text",
        "role",
        "content",
        "messages",
        "model",
        "max_tokens",
        "tools",
        "name",
        "input_schema",
        "system",
        "thinking",
        "source",
        "data",
        "id",
        "tool_use_id",
        "input",
        "cache_control",
        "output_config",
        "format",
        "schema",
        "properties",
        "required",
        "enum",
        "anyOf",
        "allOf",
        "$ref",
        "$defs",
        "items",
        "strict",
        "tool_choice",
        "budget_tokens",
        "custom_id",
        "params",
        "requests",
    ],
)
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers(-2, 2000)
    | st.sampled_from(
        [
            "user",
            "assistant",
            "system",
            "text",
            "tool_use",
            "tool_result",
            "thinking",
            "image",
            "object",
            "json_schema",
            "string",
            "adaptive",
            "enabled",
            "ephemeral",
            "auto",
            "tool",
            "look",
            "#/$defs/a",
        ],
    )
)
JSON = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=25,
)
FIELDS = st.dictionaries(KEYS, JSON, max_size=4)
GOOD: dict[str, Any] = {
    "model": "m",
    "max_tokens": 9,
    "messages": [{"role": "user", "content": "hi"}],
}


@given(
    FIELDS,
    st.booleans(),
    st.sampled_from(["/v1/messages", "/v1/messages/count_tokens", "/v1/messages/batches"]),
)
def test_whatever_is_sent_it_is_taken_or_refused(
    fields: dict[str, Any], is_nearly_good: bool, path: str
) -> None:
    body = {**GOOD, **fields} if is_nearly_good else fields
    assert status("POST", path, json.dumps(body).encode(), x_api_key="k") in (200, 400)


@given(JSON)
def test_whatever_schema_is_sent_it_is_taken_or_refused(schema: Any) -> None:
    for given_schema in (schema, {"type": "object", "properties": {"a": schema}}):
        config = {"format": {"type": "json_schema", "schema": given_schema}}
        body = json.dumps({**GOOD, "output_config": config}).encode()
        assert status("POST", "/v1/messages", body, x_api_key="k") in (200, 400)


@pytest.mark.parametrize("path", ["/v1/messages", "/v1/messages/count_tokens"])
def test_depth_is_no_danger(path: str) -> None:
    deep: Any = "x"
    for _ in range(400):
        deep = {"type": "object", "additionalProperties": False, "properties": {"a": deep}}
    tool = {"name": "look", "strict": True, "input_schema": deep}
    call = {"type": "tool_use", "id": "t", "name": "look", "input": deep}
    result = {"type": "tool_result", "tool_use_id": "t"}
    turns = [
        *GOOD["messages"],
        {"role": "assistant", "content": [call]},
        {"role": "user", "content": [result]},
    ]
    body: dict[str, Any] = {"model": "m", "messages": turns, "tools": [tool]}
    if path == "/v1/messages":
        body["max_tokens"] = 9
    assert status("POST", path, json.dumps(body).encode(), x_api_key="k") == 400
    tool["strict"] = False
    assert status("POST", path, json.dumps(body).encode(), x_api_key="k") == 200
