"""Filters over columns decide as the reference evaluator does, once a distinct value."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from racto.core import Chunk, ChunkMetadata
from racto.core.filters import lookup_of, matches, parse_filter
from racto.core.testing.contracts.generators import FACTS, FILTERS
from racto.stores.memory import filters as filters_room
from racto.stores.memory.filters import satisfying
from racto.stores.memory.records import Records


def chunk(number: int, extra: dict[str, Any], page: int | None = None) -> Chunk:
    metadata = ChunkMetadata(source=f"{number % 2}.md", page=page, chunk_index=number, extra=extra)
    return Chunk(content="", chunk_id=str(number), metadata=metadata)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(FACTS, st.sampled_from([None, 1, 3])), max_size=8), FILTERS)
def test_columns_decide_as_the_reference_does(
    facts: list[tuple[dict[str, Any], int | None]], given_filter: dict[str, Any]
) -> None:
    chunks = [chunk(number, extra, page) for number, (extra, page) in enumerate(facts)]
    tree = parse_filter(given_filter)
    assert tree is not None
    found = satisfying(tree, Records.of(chunks), len(chunks)).tolist()
    assert found == [matches(tree, lookup_of(item)) for item in chunks]


@pytest.mark.parametrize(
    ("given_filter", "wanted"),
    [
        ({"chunk_index": {"$gte": 2}}, [False, False, True, True]),
        ({"start_char": 0}, [True] * 4),
        ({"source": "1.md"}, [False, True, False, True]),
        ({"section": {"$exists": False}}, [True] * 4),
        ({"level": 1}, [True, False, False, False]),
        ({"level": True}, [False, True, False, False]),
        ({"level": 1.0}, [True, False, False, False]),
    ],
)
def test_fields_and_kinds(given_filter: dict[str, Any], wanted: list[bool]) -> None:
    levels: list[Any] = [1, True, "1", None]
    records = Records.of([chunk(at, {"level": level}) for at, level in enumerate(levels)])
    tree = parse_filter(given_filter)
    assert tree is not None
    assert satisfying(tree, records, 4).tolist() == wanted


def test_rows_beyond_the_readers_size_are_not_seen() -> None:
    records = Records.of([chunk(0, {"a": 1}), chunk(1, {"a": 1})])
    tree = parse_filter({"a": 1})
    assert tree is not None
    assert satisfying(tree, records, 1).tolist() == [True]


def test_equal_values_are_decided_once(monkeypatch: pytest.MonkeyPatch) -> None:
    decided = []

    def counting(*arguments: Any) -> bool:
        decided.append(arguments)
        return matches(*arguments)

    monkeypatch.setattr(filters_room, "matches", counting)
    records = Records.of([chunk(at, {"tenant": f"t{at % 3}"}) for at in range(300)])
    tree = parse_filter({"tenant": "t1"})
    assert tree is not None
    assert satisfying(tree, records, 300).sum() == 100
    assert len(decided) == 3
