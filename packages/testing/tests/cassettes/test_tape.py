"""A recording reads back as it was written, and is never half written."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, strategies as st

from racto.testing.cassettes import Exchange, Tape
from racto.testing.cassettes.tape import body_of, readable

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=7), inner),
    max_leaves=6,
)


@given(st.binary(max_size=40) | st.text(max_size=20).map(str.encode))
@example(b'"in quotes"')
@example(b"NaN")
@example(b"[1e999]")
@example(b'{"$base64": "AA=="}')
@example("7".encode("utf-16"))
def test_any_body_survives(body: bytes) -> None:
    kept = json.loads(json.dumps(readable(body)))
    back = body_of(kept)
    # Objects and lists are kept as values, so that their spaces may differ.
    assert back == body or json.loads(back) == json.loads(body)


@given(JSON)
def test_any_json_keeps_its_meaning(value: Any) -> None:
    body = json.dumps(value, ensure_ascii=False).encode("utf-8", "replace")
    assert json.loads(body_of(readable(body))) == json.loads(body)


def test_exchanges_read_back(tmp_path: Path) -> None:
    made = [
        Exchange(method="GET", path="/models", answered={"data": []}),
        Exchange(method="POST", path="/empty", query={"a": ["1", "2"]}, asked={}, answered={}),
        Exchange(method="POST", path="/lists", asked=[], answered=[]),
        Exchange(method="POST", path="/silent", events=[]),
        Exchange(method="POST", path="/x", asked={"a": "ü"}, status=429, headers={"retry-after": "1"},
                 events=["data: 1\n\n"]),
    ]  # fmt: skip
    tape = Tape(tmp_path / "new" / "tape.json")
    tape.write(made)
    assert tape.read() == made
    assert "ü" in tape.path.read_text("utf-8")


def test_a_failed_write_leaves_the_old_one(tmp_path: Path) -> None:
    tape = Tape(tmp_path / "tape.json")
    tape.write([Exchange(method="GET", path="/old")])
    with pytest.raises(TypeError):
        tape.write([Exchange(method="GET", path="/new", answered=object())])
    assert [each.path for each in tape.read()] == ["/old"]
    assert list(tmp_path.iterdir()) == [tape.path]
