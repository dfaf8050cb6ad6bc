"""Prompts of strangers are read within limits, and answers say what became of them."""

import json
from typing import Any

import pytest
from hypothesis import given, strategies as st

from racto.core.errors import BadRequestError, ContentFilterError
from racto.core.responses import LLMResponse
from racto.core.usage import Usage
from racto.kafka import KafkaMessage
from racto.kafka.prompts import PromptRecord, answer_of, read_prompt, refusal_of

MESSAGE = KafkaMessage(topic="in", partition=1, offset=5, value=b"hi")


def test_text_is_a_prompt() -> None:
    assert read_prompt("Grüße".encode(), limit=100) == PromptRecord(user_message="Grüße")


def test_an_object_is_a_prompt_with_settings() -> None:
    value = {
        "version": 1, "user_message": "hi", "system": "be short", "temperature": 0.5,
        "history": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}],
        "max_tokens": 9000, "stop": ["x"], "seed": 4, "top_p": 0.5, "metadata": {"a": "b"},
    }  # fmt: skip
    config = read_prompt(json.dumps(value).encode(), limit=1000).chat_config(
        system="operator", max_tokens=500
    )
    assert (config.user_message, config.system, config.max_tokens) == ("hi", "be short", 500)
    assert [m.role.value for m in config.history] == ["user", "assistant"]
    assert (config.temperature, config.seed, config.top_p) == (0.5, 4, 0.5)


def test_the_operators_system_text_is_for_prompts_without() -> None:
    config = PromptRecord(user_message="hi").chat_config(system="operator", max_tokens=7)
    assert (config.system, config.max_tokens) == ("operator", 7)


def test_the_format_can_be_fixed() -> None:
    assert read_prompt(b"{x", format="text", limit=9).user_message == "{x"
    with pytest.raises(BadRequestError, match="schema"):
        read_prompt(b"hi", format="json", limit=9)


@pytest.mark.parametrize(
    ("value", "word"),
    [
        (b"", "empty"),
        (None, "empty"),
        (b" \n", "empty"),
        (b"x" * 101, "101 bytes"),
        (b"\xff\xfe", "UTF-8"),
        (b'{"user_message": ', "JSON"),
        (b'{"user_message": ""}', "user_message"),
        (b'{"user_message": "x", "version": 2}', "version"),
        (b'{"user_message": "x", "model": "big"}', "model"),
        (b'{"user_message": "x", "temperature": 3}', "temperature"),
        (b'{"user_message": "x", "history": [{"role": "system", "content": "y"}]}', "history.0"),
        (b'{"a":' * 20, "JSON"),
    ],
)
def test_what_is_no_prompt_is_refused(value: Any, word: str) -> None:
    with pytest.raises(BadRequestError, match=word):
        read_prompt(value, limit=100)


def test_the_refusal_does_not_repeat_the_prompt() -> None:
    with pytest.raises(BadRequestError) as caught:
        read_prompt(b'{"user_message": "x", "temperature": "private words"}', limit=100)
    assert "private" not in str(caught.value)


@given(st.binary(max_size=300))
def test_any_bytes_are_a_prompt_or_an_error(value: bytes) -> None:
    try:
        prompt = read_prompt(value, limit=200)
    except BadRequestError:
        return
    assert prompt.user_message


def test_an_answer_says_where_its_prompt_stood() -> None:
    response = LLMResponse(
        content="yes", provider="p", model="m", usage=Usage(input_tokens=3, output_tokens=4)
    )
    answer = answer_of(MESSAGE, response)
    assert answer.prompt == {"topic": "in", "partition": 1, "offset": 5}
    assert (answer.content, answer.finish_reason, answer.error) == ("yes", "stop", None)
    assert answer.usage.output_tokens == 4


def test_a_refusal_is_an_answer_without_secrets() -> None:
    error = ContentFilterError("filtered sk-abcdefgh12345678", usage=Usage(input_tokens=2))
    answer = refusal_of(MESSAGE, error)
    assert (answer.content, answer.finish_reason) == (None, "error")
    assert answer.error is not None
    assert answer.error.type == "ContentFilterError"
    assert "abcdefgh" not in answer.error.message
    assert answer.usage.input_tokens == 2
