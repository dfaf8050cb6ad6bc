"""Tokens: what chunks share is worked out once and told of each."""

from __future__ import annotations

from typing import Any

from racto.core.documents import Chunk, ChunkMetadata
from racto.stores.chroma.tokens import TokenBook


def test_what_chunks_share_is_told_of_each() -> None:
    shared: dict[str, Any] = {"tags": ["a", 1, None], "ok": True, "deep": {"level": 3}}
    book = TokenBook()
    for at in range(600):
        # Every third has facts of its own; a book forgets rather than grow without end.
        extra = {"at": at} if at % 3 == 0 else shared
        facts = ChunkMetadata(
            source=f"{at % 300}.md", page=at, chunk_index=at, section="x" * (at % 2 * 2000),
            extra=extra,
        )  # fmt: skip
        chunk = Chunk(content="", metadata=facts)
        assert book.facts_of(chunk) == TokenBook().facts_of(chunk)


def test_a_field_of_another_kind_is_told_too() -> None:
    odd: Any = 2**60
    told = TokenBook().facts_of(Chunk(content="", metadata=ChunkMetadata(chunk_index=odd, page=3)))
    assert told["n.page"] == 3.0
    assert "n.chunk_index" not in told
    assert any(token.startswith("v11\x1fchunk_index") for token in told["facts"])
