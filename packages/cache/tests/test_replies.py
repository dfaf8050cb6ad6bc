"""Replies come back whole, in memory and from bytes; nothing else is taken for one."""

from __future__ import annotations

import struct
import zlib
from typing import Any

import pytest
from hypothesis import given, strategies as st
from pydantic import Field

from racto.cache import replies
from racto.cache.replies import packed, snapshot, unpacked
from racto.core import FinishReason, LLMResponse, TextPart, Usage
from racto.core.errors import InvalidResponseError
from racto.core.testing.contracts.requests import reply_of, tool_reply

texts = st.text(st.characters(codec="utf-8"), max_size=20)
data = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)


@given(texts, st.dictionaries(texts, data), st.sampled_from(FinishReason))
def test_bytes_give_the_reply_back(text: str, parsed: dict[str, Any], reason: FinishReason) -> None:
    usage = Usage(input_tokens=3, cost=0.1)
    reply = reply_of(text, parsed=parsed, finish_reason=reason, usage=usage, logprobs=())
    assert unpacked(packed(reply)) == reply
    assert unpacked(packed(reply, compress_above=0)) == reply


@pytest.mark.parametrize("reply", [tool_reply(), reply_of(), LLMResponse()])
def test_snapshots_give_the_reply_back(reply: LLMResponse) -> None:
    kept = snapshot(reply)
    assert kept.response() == reply
    assert kept.response(cached=True) == reply.model_copy(update={"cached": True})
    assert unpacked(packed(reply)) == reply
    assert kept.size > 100


def test_a_copy_is_a_model_like_any_other() -> None:
    reply = reply_of("a" * 10, raw=object())
    twin = snapshot(reply).response()
    twin.content = "other"
    twin.tool_calls.append(tool_reply().tool_calls[0])
    again = snapshot(reply).response()
    assert (again.content, again.tool_calls, again.raw) == ("a" * 10, [], None)
    assert twin.model_copy(deep=True) == twin
    assert LLMResponse.model_validate_json(twin.model_dump_json()) == twin
    assert again.message.text == "a" * 10


def test_a_subclass_stays_what_it_is() -> None:
    class Told(LLMResponse):
        notes: list[str] = Field(default_factory=list)

    kept = snapshot(Told(content="x", notes=["a"]))
    first = kept.response()
    assert isinstance(first, Told)
    first.notes.append("b")
    second = kept.response()
    assert isinstance(second, Told)
    assert second.notes == ["a"]


def test_large_replies_are_compressed() -> None:
    small, large = packed(reply_of("x")), packed(reply_of("x" * 100_000))
    assert b'"content":"x"' in small
    assert len(large) < 5_000
    assert unpacked(large).content == "x" * 100_000


@given(st.binary(max_size=60))
def test_foreign_bytes_are_refused(foreign: bytes) -> None:
    with pytest.raises(InvalidResponseError):
        unpacked(foreign)


@given(st.data())
def test_damage_is_seen(draw: st.DataObject) -> None:
    whole = packed(reply_of("x" * 200), compress_above=draw.draw(st.sampled_from([0, 10_000])))
    place = draw.draw(st.integers(0, len(whole) - 1))
    bit = draw.draw(st.integers(0, 7))
    damaged = bytearray(whole)
    damaged[place] ^= 1 << bit
    with pytest.raises(InvalidResponseError):
        unpacked(bytes(damaged))
    with pytest.raises(InvalidResponseError):
        unpacked(whole[:place])


def _made(body: bytes, form: int, version: int = 1) -> bytes:
    return struct.pack(">4sBBI", b"rcto", version, form, zlib.crc32(body)) + body


def test_a_bomb_does_not_go_off() -> None:
    bomb = _made(zlib.compress(b" " * 50_000_000, 9), 1)
    with pytest.raises(InvalidResponseError, match="longer than 1000 bytes"):
        unpacked(bomb, most_bytes=1000)


@pytest.mark.parametrize(
    ("body", "form", "version", "word"),
    [
        (b"{}", 2, 1, "another version"),
        (b"{}", 0, 2, "another version"),
        (b"no json", 0, 1, "no reply: json_invalid"),
        (b'{"content": 5, "secret": "sk-1"}', 0, 1, "no reply: string_type"),
        (b"[" * 100_000, 0, 1, "no reply"),
        (b"not zlib", 1, 1, "cannot be decompressed"),
        (zlib.compress(b'{"content": "x"}')[:-6], 1, 1, "too early"),
    ],
)
def test_each_fault_has_its_words(body: bytes, form: int, version: int, word: str) -> None:
    with pytest.raises(InvalidResponseError, match=word) as caught:
        unpacked(_made(body, form, version))
    assert "sk-1" not in str(caught.value)


@pytest.mark.parametrize(
    "parsed",
    [
        {"a": float("nan")},
        {"a": float("inf")},
        {"a": (1, 2)},
        {"a": {1: 2}},
        {"a": b"x"},
        {"a": object()},
        {"a": "\ud800"},
    ],
)
def test_what_json_would_change_is_not_written(parsed: dict[str, Any]) -> None:
    with pytest.raises(InvalidResponseError):
        packed(reply_of(parsed=parsed))


def test_what_is_too_long_or_too_deep_is_not_written(monkeypatch: pytest.MonkeyPatch) -> None:
    deep: list[Any] = []
    for _ in range(200):
        deep = [deep]
    with pytest.raises(InvalidResponseError, match="deeper"):
        packed(reply_of(parsed=deep))
    monkeypatch.setattr(replies, "MOST_BYTES", 1000)
    with pytest.raises(InvalidResponseError, match="the most is 1000"):
        packed(reply_of("x" * 1000))


def test_parts_keep_what_json_can_carry() -> None:
    cited = TextPart(text="a", citations=({"url": "u", "n": [1, 2.5]},))
    reply = reply_of(parts=(cited,))
    assert unpacked(packed(reply)) == reply
    broken = TextPart.model_construct(text="a", citations=({"url": {1, 2}},))
    with pytest.raises(InvalidResponseError, match=r"parts.citations holds a set"):
        packed(reply_of(parts=(broken,)))
