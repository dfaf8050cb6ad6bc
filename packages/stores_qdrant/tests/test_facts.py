"""Facts: what Qdrant is told of metadata, and where it is told that it cannot know."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from racto.core.documents import Chunk, ChunkMetadata
from racto.stores.qdrant.facts import ODD, FactBook, path_to


def told(**extra: object) -> dict[str, object]:
    chunk = Chunk(content="", metadata=ChunkMetadata(page=2, source="a.md", extra=extra))
    return FactBook().facts_of(chunk)


def test_what_chunks_share_is_told_of_each() -> None:
    shared: dict[str, Any] = {"tags": ["a", 1, None], "ok": True, "deep": {"level": 3}}
    book = FactBook()
    for at in range(600):
        # Every third has facts of its own; a book forgets rather than grow without end.
        extra = {"at": at} if at % 3 == 0 else shared
        facts = ChunkMetadata(page=at, chunk_index=at, section="x" * (at % 2 * 2000), extra=extra)
        chunk = Chunk(content="", metadata=facts)
        assert book.facts_of(chunk) == FactBook().facts_of(chunk)


def test_a_field_that_is_no_plain_one_is_marked_too() -> None:
    facts: Any = FactBook().facts_of(
        Chunk(content="", metadata=ChunkMetadata(source="\ud800", section="x" * 2000))
    )
    assert (facts["facts"]["source"], facts["facts"]["section"]) == (ODD, ODD)
    assert facts["keys"] == ["section"]


def test_each_kind_has_its_place() -> None:
    facts = told(
        lang="en", tags=["a", 1, None], ok=True, day=date(1, 1, 2),
        at=datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC), deep={"level": 3},
    )  # fmt: skip
    assert facts["facts"] == {
        "source": "a.md", "page": 2, "chunk_index": 0, "total_chunks": 1, "start_char": 0,
        "end_char": 0, "doc_id": "", "lang": "en", "tags": ["a", 1], "deep.level": 3,
    }  # fmt: skip
    assert facts["flags"] == {"ok": True}
    assert facts["dates"] == {"day": {"day": 2}, "instant": {"at": 1_000_000}}
    assert facts["nulls"] == ["tags"]
    assert facts["keys"] == ["page", "lang", "tags", "ok", "day", "at", "deep", "deep.level"]


def test_what_qdrant_cannot_compare_is_marked() -> None:
    facts: Any = told(
        big=2**53 + 1,
        far=float("inf"),
        long="x" * 1025,
        plain=2**53,
        nan=float("nan"),
        odd=[ODD, 1],
    )
    assert [key for key, value in facts["facts"].items() if value == ODD] == ["big", "far", "long"]
    assert facts["facts"]["odd"] == [ODD, 1]
    assert "nan" not in facts["facts"]


def test_deep_metadata_costs_in_proportion() -> None:
    wide: Any = {f"k{n}": {"a": {"b": n}} for n in range(1000)}
    assert len(str(told(**wide))) < 5 * len(str(wide))
    deep: Any = {}
    for _ in range(400):
        deep = {"k": deep}
    assert len(str(told(**deep))) < 40_000


def test_paths_quote_what_is_no_plain_name() -> None:
    assert path_to("facts", "lang") == "facts.lang"
    assert path_to("facts", "deep.level") == 'facts."deep.level"'
    assert path_to("facts", 'a"b') is None
    assert path_to("facts", "a\nb") is None
