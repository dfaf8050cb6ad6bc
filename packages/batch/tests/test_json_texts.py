"""JSON lines: whatever Python can hold comes through, and never breaks a line."""

from __future__ import annotations

import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given, strategies as st

from racto.batch.json_texts import dumped, loaded, redumped

TEXT = st.text(st.characters(), max_size=20) | st.sampled_from(
    ["\u2028", "\u2029", "\x85", "\ud83d", "\udc00", "a\nb\r\n", "\0", "", "\U0001f600"]
)
JSON: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)


def whole(value: Any) -> Any:
    """The value with each lone half of a surrogate pair as a question mark."""
    text = json.dumps(value, ensure_ascii=False).encode("utf-8", "replace")
    return json.loads(text)


@given(JSON)
def test_requests_come_through_on_one_line(value: Any) -> None:
    line = dumped({"body": value})
    assert b"\n" not in line
    assert b"\r" not in line
    assert json.loads(line) == whole({"body": value})


@given(JSON)
def test_replies_come_through_with_nothing_lost(value: Any) -> None:
    line = json.dumps({"body": value}).encode()
    assert json.loads(redumped(loaded(line))) == {"body": value}


def test_numbers_beyond_64_bits_are_written_whole() -> None:
    assert dumped({"a": 2**70}) == b'{"a":1180591620717411303424}'


def test_any_mapping_is_an_object_and_any_sequence_a_list() -> None:
    value: Mapping[str, Any] = MappingProxyType({"a": MappingProxyType({"b": range(2)})})
    assert dumped(value) == b'{"a":{"b":[0,1]}}'
    assert json.loads(dumped({"a": value, "b": "\ud83d"})) == {"a": {"a": {"b": [0, 1]}}, "b": "?"}


def test_what_is_no_json_is_told() -> None:
    with pytest.raises(TypeError, match="set"):
        dumped({"a": {1}})


@pytest.mark.parametrize(
    "line", [b"", b"{", b"nan", b"[" * 100_000], ids=["", "cut", "word", "deep"]
)
def test_what_cannot_be_read_is_a_value_error(line: bytes) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        loaded(line)
