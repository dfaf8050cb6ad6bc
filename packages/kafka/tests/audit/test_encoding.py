"""Events become one line of JSON, whatever text they hold; what is no JSON is refused by name."""

from __future__ import annotations

import json
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given, strategies as st

from racto.core.errors import BadRequestError
from racto.kafka.audit.encoding import check_texts, encoded, facts_of, key_of, now_utc

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip
# Half a surrogate pair included, which a stream can cut off.
ANY_TEXT = st.text(st.characters(), max_size=30)


def _event(**fields: Any) -> dict[str, Any]:
    given_ = {"user_id": "u", "model": "m", "prompt": "p", "response": "r"}
    return given_ | {"timestamp_utc": now_utc(), "event_id": "e-1", "metadata": {}} | fields


@given(prompt=ANY_TEXT, metadata=st.dictionaries(st.text(max_size=5), JSON, max_size=3))
def test_events_are_kept_whole(prompt: str, metadata: dict[str, Any]) -> None:
    data = encoded(_event(prompt=prompt, metadata=metadata))
    assert b"\n" not in data
    read = json.loads(data)
    assert (read["prompt"], read["metadata"]) == (prompt, metadata)


def test_half_an_emoji_in_metadata_is_kept() -> None:
    read = json.loads(encoded(_event(metadata={"text": "\ud83d"})))
    assert read["metadata"] == {"text": "\ud83d"}
    assert key_of("\ud83d") == b"\\ud83d"


def test_what_json_has_no_number_for_is_text() -> None:
    read = json.loads(encoded(_event(metadata={"cost": float("nan")})))
    assert read["metadata"] == {"cost": "NaN"}


def test_what_is_no_json_is_refused() -> None:
    with pytest.raises(BadRequestError, match="metadata: cannot be written as JSON"):
        encoded(_event(metadata={"thing": object()}))


def test_wrong_types_are_told_without_their_content() -> None:
    with pytest.raises(BadRequestError, match="prompt must be text, not list") as caught:
        check_texts(_event(prompt=["my secret"]))
    assert "my secret" not in str(caught.value)


def test_metadata_is_a_mapping() -> None:
    assert facts_of(None) == {}
    assert facts_of(MappingProxyType({"a": 1})) == {"a": 1}
    with pytest.raises(BadRequestError, match="metadata: must be a mapping, not list"):
        facts_of([1])  # type: ignore[arg-type]
