"""Payloads: any bytes are an object or a refusal, and depth is measured right."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, strategies as st

from racto.retrieval.server.errors import InvalidRequestError
from racto.retrieval.server.http.payloads import object_from, request_id_from, seconds_from

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text('ab[]{}\\"é'),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("x[{"), inner, max_size=4),
    max_leaves=30,
)


def _depth(value: object) -> int:
    if isinstance(value, dict):
        return 1 + max(map(_depth, value.values()), default=0)
    if isinstance(value, list):
        return 1 + max(map(_depth, value), default=0)
    return 0


@given(st.binary(max_size=200))
def test_any_bytes_are_an_object_or_a_refusal(body: bytes) -> None:
    try:
        found = object_from(body, max_depth=4)
    except InvalidRequestError:
        return
    assert isinstance(found, dict)


@given(st.dictionaries(st.text("x{"), VALUES, max_size=4), st.integers(1, 6))
def test_depth_is_what_nests_and_not_what_texts_hold(data: dict[str, object], most: int) -> None:
    body = json.dumps(data).encode()
    if _depth(data) > most:
        with pytest.raises(InvalidRequestError, match="nested"):
            object_from(body, max_depth=most)
    else:
        assert object_from(body, max_depth=most) == data


@given(st.binary(max_size=80))
def test_an_echoed_id_cannot_break_a_header(header: bytes) -> None:
    found = request_id_from(header)
    assert 1 <= len(found) <= 64
    assert found.isascii()
    assert found.isprintable()


@pytest.mark.parametrize(
    ("header", "seconds"), [(None, 9.0), (b"2.5", 2.5), (b"100", 9.0), (b"inf", 9.0)]
)
def test_a_client_may_ask_for_less_time(header: bytes | None, seconds: float) -> None:
    assert seconds_from(header, 9.0) == seconds
