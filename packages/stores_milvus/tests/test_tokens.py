"""Two values have one token exactly if the evaluator finds them equal."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest

from racto.core.documents import Chunk, ChunkMetadata
from racto.core.filters import lookup_of, matches, parse_filter
from racto.stores.milvus.tokens import (
    MOST,
    OVERFLOW,
    column_of,
    equality,
    existence,
    place_of,
    tokens_of,
)

NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)
VALUES: list[Any] = [
    None, True, False, 0, 1, 1.0, -0.0, 2**60, float(2**60), 2**60 + 1, 0.1, math.inf, "", "1", "n",
    "True", date(2026, 11, 30), datetime(2026, 11, 30), NOON, datetime.min.replace(tzinfo=UTC),
    NOON.astimezone(timezone(timedelta(hours=14))), [], [1], [1.0], (1,), [True], ["1"], [1, 1],
    ["1", ""], ["", "1"], ["a", "b"], ["ab", ""], [None],
]  # fmt: skip


@pytest.mark.parametrize("stored", VALUES, ids=repr)
def test_tokens_agree_with_the_evaluator(stored: Any) -> None:
    chunk = Chunk(content="", metadata=ChunkMetadata(extra={"k": stored}))
    held = set(tokens_of(chunk))
    assert existence("k") in held
    for asked in VALUES:
        expected = matches(parse_filter({"k": {"$eq": asked}}), lookup_of(chunk))
        assert (equality("k", asked) in held) is expected, asked


def test_what_equals_nothing_has_no_token() -> None:
    assert equality("k", math.nan) is None
    assert equality("k", [1, math.nan]) is None
    assert equality("k", {"a": 1}) is None


def test_keys_and_values_do_not_run_together() -> None:
    texts = ["a", "a=", "=", "b", "sb", "=sb", "a=sb"]
    numbers = [equality(key, value) for key in texts for value in texts]
    assert len(set(numbers)) == len(texts) ** 2


def test_dotted_keys_are_read_as_the_evaluator_reads_them() -> None:
    extra = {"deep.level": 1, "deep": {"level": 2, "other": {"x": 3}}, "source": "shadowed"}
    chunk = Chunk(content="", metadata=ChunkMetadata(source="a.md", extra=extra))
    held = tokens_of(chunk)
    assert equality("deep.level", 1) in held
    assert equality("deep.level", 2) not in held
    assert equality("deep.other.x", 3) in held
    named = place_of(chunk)
    assert equality("source", "a.md") in named
    assert equality("source", "shadowed") not in {*named, *held}
    assert existence("page") not in named
    assert [column_of(key) for key in ("source", "page", "deep", "extra")] == [
        "place", "place", "tokens", "tokens",
    ]  # fmt: skip


def test_too_many_facts_become_one_mark() -> None:
    extra = {"tags": [str(number) for number in range(MOST)]}
    assert tokens_of(Chunk(content="", metadata=ChunkMetadata(extra=extra))) == [OVERFLOW]
