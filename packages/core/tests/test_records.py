"""Records of chunks: what goes in comes out, and what cannot go in is named."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from enum import IntEnum, StrEnum
from typing import Any

import pytest
from hypothesis import given, strategies as st

from racto.core.documents import Chunk, ChunkMetadata
from racto.core.errors import IndexCorruptError, StoreError
from racto.core.records import DEEPEST, dumped, loaded, packed, plain, revived, unpacked

WHERE = "the metadata of chunk 'c'"

texts = st.text(st.characters(), max_size=20)  # lone surrogates and NUL included
scalars = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | texts
    | st.dates() | st.datetimes(timezones=st.none() | st.just(UTC))
)  # fmt: skip
keys = texts | st.sampled_from(["$date", "$tuple", "$", "$$datetime"])
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.lists(inner, max_size=4).map(tuple)
        | st.dictionaries(keys, inner, max_size=4)
    ),
    max_leaves=12,
)


def same(one: Any, two: Any) -> bool:
    """Equal in value and kind, all the way down, tuples apart from lists and -0.0 from 0.0."""
    if type(one) is not type(two):
        return False
    if isinstance(one, dict):
        return list(one) == list(two) and all(same(one[key], two[key]) for key in one)
    if isinstance(one, list | tuple):
        return len(one) == len(two) and all(map(same, one, two))
    # Times are compared by value: which of two equal hours was meant when clocks went back is lost.
    return one == two if isinstance(one, datetime) else repr(one) == repr(two)


def chunk(extra: Any = None, **changes: Any) -> Chunk:
    facts: dict[str, Any] = {"source": "a.md", "doc_id": "d", "page": 3, "section": "A > B"}
    made = ChunkMetadata(**facts, extra={} if extra is None else extra)
    return replace(Chunk(content="text", chunk_id="c", doc_id="d", metadata=made), **changes)


@given(values)
def test_metadata_returns_in_value_and_kind(value: Any) -> None:
    found = unpacked(packed(chunk({"key": value})), None)
    assert same(found.metadata.extra, {"key": value})


@given(texts, texts, texts, st.integers(), st.booleans())
def test_every_field_returns(
    content: str, chunk_id: str, doc_id: str, number: int, with_content: bool
) -> None:
    facts = ChunkMetadata(
        source=chunk_id, page=number, chunk_index=1, total_chunks=2, start_char=3, end_char=4,
        doc_id=content, section=None,
    )  # fmt: skip
    given_chunk = Chunk(content=content, chunk_id=chunk_id, doc_id=doc_id, metadata=facts)
    record = packed(given_chunk, with_content=with_content)
    record.encode()
    assert unpacked(record, None, content) == given_chunk


def test_vector_is_the_one_handed_in() -> None:
    vector = [1.0, 2.0]
    assert unpacked(packed(chunk(embedding=[3.0])), vector).embedding is vector


@pytest.mark.parametrize("number", [float("inf"), -float("inf"), 10**400, 2**63, 5e-324, 1e22])
def test_odd_numbers_return(number: float) -> None:
    found = unpacked(packed(chunk({"n": number})), None).metadata.extra["n"]
    assert same(found, number)


def test_nan_returns() -> None:
    found = unpacked(packed(chunk({"n": float("nan")})), None).metadata.extra["n"]
    assert found != found


def test_time_zones_return() -> None:
    when = datetime(2026, 5, 1, 12, tzinfo=timezone(timedelta(hours=5, minutes=30)))
    found = unpacked(packed(chunk({"when": when})), None).metadata.extra["when"]
    assert (found, found.utcoffset()) == (when, when.utcoffset())


def test_what_stands_for_a_plain_value_returns_as_it() -> None:
    class Colour(StrEnum):
        RED = "red"

    class Size(IntEnum):
        BIG = 3

    found = unpacked(packed(chunk({"c": Colour.RED, "s": Size.BIG, "l": [Size.BIG]})), None)
    assert same(found.metadata.extra, {"c": "red", "s": 3, "l": [3]})


def test_numbers_of_numpy_return_as_pythons() -> None:
    numpy = pytest.importorskip("numpy")
    extra = {"f": numpy.float32(0.5), "d": numpy.float64(0.1), "i": numpy.int64(7)}
    found = unpacked(packed(chunk({**extra, "a": numpy.arange(2)})), None).metadata.extra
    assert same(found, {"f": 0.5, "d": 0.1, "i": 7, "a": [0, 1]})


@pytest.mark.parametrize(
    ("extra", "place"),
    [
        ({"a": {"b": [1, object()]}}, r"holds a object at \['a'\]\['b'\]\[1\]"),
        ({"a": {1: 2}}, r"has the key 1 at \['a'\]"),
        ({"price": Decimal(1)}, r"chunk 'c' holds a Decimal at \['price'\]"),
        ({"raw": b"x"}, r"holds a bytes"),
    ],
)
def test_what_cannot_be_kept_is_named(extra: Any, place: str) -> None:
    with pytest.raises(StoreError, match=place):
        packed(chunk(extra))


def test_a_field_that_is_no_scalar_is_refused() -> None:
    bad = ChunkMetadata(source="a.md", page=date(2026, 1, 1), doc_id="d")  # type: ignore[arg-type]
    with pytest.raises(StoreError, match="chunk 'c' holds a date where"):
        packed(chunk(metadata=bad))


@pytest.mark.parametrize("levels", [DEEPEST, DEEPEST + 1, 5_000])
def test_depth_is_limited(levels: int) -> None:
    value: Any = 1
    for _ in range(levels - 1):
        value = [value]
    if levels <= DEEPEST:
        assert revived(loaded(dumped(plain({"k": value}, WHERE)))) == {"k": value}
        assert unpacked(packed(chunk({"k": value})), None).metadata.extra == {"k": value}
    else:
        for attempt in (lambda: plain({"k": value}, WHERE), lambda: packed(chunk({"k": value}))):
            with pytest.raises(StoreError, match=f"deeper than {DEEPEST} levels"):
                attempt()


def test_what_is_packed_does_not_change_the_chunk() -> None:
    extra = {"$a": (1, 2), "l": [date(2026, 1, 1)]}
    packed(chunk(extra))
    assert extra == {"$a": (1, 2), "l": [date(2026, 1, 1)]}


@pytest.mark.parametrize(
    "record",
    [
        "", "\ud800", "nothing", "{}", "[]", "[1]", "null", '"x"', "[2" + ",null" * 12 + "]",
        "[1" + ",null" * 12 + "]", '[1,"c","d","s",1,0,0,0,0,"d",null,"t",[]]',
        '[1,"c","d","s",1,0,0,0,0,"d",null,null,{}]',
        '[1,5,"d","s",1,0,0,0,0,"d",null,"t",{}]',
        '[1,"c","d","s",1,0,0,0,0,"d",null,"t",{"a":{"$date":"soon"}}]',
        '[1,"c","d","s",1,0,0,0,0,"d",null,"t",{"a":{"$tuple":5}}]',
        '[1,"c","d","s",1,0,0,0,0,"d",null,"t",{"a":{"$datetime":{}}}]',
        "[" * 100_000,
    ],
)  # fmt: skip
def test_foreign_records_are_refused(record: str) -> None:
    with pytest.raises(IndexCorruptError, match="add the document again"):
        unpacked(record, None)


@given(st.binary(max_size=60))
def test_mutated_records_end_in_one_error(noise: bytes) -> None:
    whole = packed(chunk({"a": (1, date(2026, 1, 1))}))
    at = len(noise) % len(whole)
    broken = whole[:at] + noise.decode("latin-1") + whole[at + len(noise) // 2 :]
    try:
        unpacked(broken, None)
    except IndexCorruptError:
        return
    json.loads(broken)  # what is read is JSON at least
