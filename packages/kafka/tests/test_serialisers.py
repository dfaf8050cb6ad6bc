"""Values and keys survive the way to bytes and back."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, strategies as st

from racto.core.errors import ConfigurationError
from racto.kafka.serialisers import json_bytes, json_value, key_bytes, key_text, with_topic

plain = st.none() | st.booleans() | st.integers() | st.text() | st.floats(allow_nan=False)
values = st.recursive(
    plain,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(values)
def test_json_round_trip(value: Any) -> None:
    assert json_value(json_bytes(value, "t"), "t") == value


@given(st.text())
def test_text_keys_round_trip(key: str) -> None:
    assert key_text(key_bytes(key, "t"), "t") == key


@given(st.binary())
def test_bytes_pass(data: bytes) -> None:
    for form in (data, bytearray(data), memoryview(data)):
        assert json_bytes(form, "t") == data
        assert key_bytes(form, "t") == data
    back = key_text(data, "t")
    assert (back.encode() if isinstance(back, str) else back) == data


@given(st.binary(max_size=50))
def test_garbage_is_a_value_error_or_json(data: bytes) -> None:
    try:
        json_value(data, "t")
    except ValueError:
        return


def test_deep_nesting_is_refused() -> None:
    with pytest.raises(ValueError, match="recursion"):
        json_value(b"[" * 100_000, "t")


def test_numbers_are_keys() -> None:
    assert key_bytes(17, "t") == b"17"


def test_topic_goes_to_those_who_want_it() -> None:
    assert with_topic(lambda v, t: (v, t), "s")(1, "t") == (1, "t")
    assert with_topic(lambda v: v, "s")(1, "t") == 1
    assert with_topic(str.encode, "s")("a", "t") == b"a"
    assert with_topic(lambda v, *, deep=1: v, "s")(1, "t") == 1


@pytest.mark.parametrize("bad", [lambda: 1, lambda a, b, c: 1, "text"])
def test_wrong_functions_are_refused(bad: Any) -> None:
    with pytest.raises(ConfigurationError, match="s "):
        with_topic(bad, "s")
