"""Payloads: packed and unpacked without loss, and refused when they are not ours."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given, strategies as st

from racto.celery.payloads import VERSION, GeneratePayload, IngestPayload, unpacked
from racto.celery.requests import payload_of
from racto.core.chat import ChatConfig
from racto.core.errors import ConfigurationError, JobError
from racto.core.files import RactoFile
from racto.core.messages import Message
from racto.core.tools import ToolRegistry
from racto.core.usage import Usage

LIMIT = 10**6

json_data = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


def get_price(item: str) -> int:
    """The price."""
    return len(item)


def travelled(config: ChatConfig) -> ChatConfig:
    text = payload_of(config, {}).packed(LIMIT)
    return unpacked(GeneratePayload, text).request(tools=ToolRegistry([get_price]))


@given(
    st.text(min_size=1),
    st.dictionaries(st.text(), json_data, max_size=4),
    st.binary(max_size=50),
    st.none() | st.floats(0.0, 2.0),
)
def test_request_comes_out_as_it_went_in(
    words: str, extra: dict[str, Any], data: bytes, temperature: float | None
) -> None:
    config = ChatConfig(
        user_message=words,
        extra=extra,
        temperature=temperature,
        attachments=(RactoFile(data, "image/png", "a.png"),),
        history=(Message.user("x", [RactoFile(data, "image/png")]), Message.assistant("y")),
    )
    assert travelled(config) == config


def test_only_what_was_given_travels() -> None:
    payload = payload_of(ChatConfig(user_message="x", seed=1), {})
    assert payload.config == {"user_message": "x", "seed": 1}


def test_tools_and_model_come_back_as_objects() -> None:
    registry = ToolRegistry([get_price, Usage])
    config = ChatConfig(
        user_message="x",
        tools=registry,
        tool_choice="get_price",
        auto_execute_tools=True,
        response_model=Usage,
    )
    with pytest.raises(ConfigurationError, match=r"no tools \['Usage'\]; it knows: get_price"):
        travelled(config)
    found = travelled(config.model_copy(update={"tools": ToolRegistry([get_price])}))
    assert found.tools is not None
    assert found.tools.get_callable("get_price") is get_price
    assert (found.tool_choice, found.auto_execute_tools) == ("get_price", True)
    assert found.response_model is Usage


@given(st.dictionaries(st.text(min_size=1), json_data, max_size=4))
def test_ingestion_comes_out_as_it_went_in(metadata: dict[str, Any]) -> None:
    payload = IngestPayload(path="/a/b.txt", metadata=metadata)
    assert unpacked(IngestPayload, payload.packed(LIMIT)) == payload


@given(st.text() | json_data)
def test_whatever_is_in_the_queue_is_read_or_refused(data: Any) -> None:
    for text in (data, json.dumps(data)):
        with contextlib.suppress(JobError):
            assert unpacked(GeneratePayload, text).v <= VERSION


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"v": 2, "config": {}, "news": 1}', f"version 2, known is {VERSION}"),
        ('{"v": 2, "config": {}}', "upgrade racto-celery on the workers first"),
        ('{"v": 1}', "config: Field required"),
        ('{"v": 1, "config": {}, "extra": 1}', "extra: Extra inputs"),
        ("[" * 100_000, "malformed"),
        (b"bytes", "bytes instead of JSON text"),
        (None, "NoneType instead of JSON text"),
    ],
)
def test_foreign_payload_says_what_is_wrong(text: Any, words: str) -> None:
    with pytest.raises(JobError, match=words):
        unpacked(GeneratePayload, text)


def test_values_stay_out_of_messages() -> None:
    with pytest.raises(JobError) as caught:
        unpacked(GeneratePayload, '{"v": 1, "config": "private words"}')
    assert "private" not in str(caught.value)


def test_malformed_request_is_refused_in_the_worker() -> None:
    payload = GeneratePayload(config={"user_message": "x", "temperature": 77})
    with pytest.raises(ConfigurationError, match="temperature"):
        payload.request()


@pytest.mark.parametrize("words", ["x" * 900, "ü" * 450])
def test_size_is_limited_in_bytes(words: str) -> None:
    payload = payload_of(words, {})
    size = len(payload.packed(LIMIT).encode())
    assert payload.packed(size)
    with pytest.raises(ConfigurationError, match=f"has {size} bytes, the limit is {size - 1}"):
        payload.packed(size - 1)


def test_objects_in_extra_are_refused() -> None:
    with pytest.raises(ConfigurationError, match="JSON"):
        payload_of({"user_message": "x", "extra": {"a": object()}}, {})
