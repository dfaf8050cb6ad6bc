"""The tables that a question is about, with those that their foreign keys lead to."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from racto.core.embeddings import Matrix
from racto.core.flows import Flow, arun, run, step
from racto.core.protocols.embedders import Embedder
from racto.core.protocols.retrievers import Retriever

from .models import DatabaseSchema, TableInfo

if TYPE_CHECKING:
    from racto.core.documents import RetrievalResult

_WORD = re.compile(r"[^\W_]+")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def prune_schema(
    schema: DatabaseSchema,
    question: str,
    *,
    max_tables: int = 12,
    finder: Retriever | Embedder | None = None,
) -> DatabaseSchema:
    """Keep the tables that a question is about, and their neighbours by foreign key.

    Args:
        schema: All tables that the policy shows.
        question: In the user's words.
        max_tables: Most tables that are chosen for themselves; a schema that is no larger stays
            as it is. Neighbours come on top, at most as many again.
        finder: A retriever over chunks whose ``content`` or metadata ``table`` names a table, or
            an embedder; None compares words.

    Returns:
        The schema with fewer tables, in their old order.
    """
    return run(_pruned(schema, question, max_tables, finder))


async def aprune_schema(
    schema: DatabaseSchema,
    question: str,
    *,
    max_tables: int = 12,
    finder: Retriever | Embedder | None = None,
) -> DatabaseSchema:
    """Async twin of :func:`prune_schema`."""
    return await arun(_pruned(schema, question, max_tables, finder))


def _pruned(
    schema: DatabaseSchema,
    question: str,
    max_tables: int,
    finder: Retriever | Embedder | None,
) -> Flow[DatabaseSchema]:
    if len(schema.tables) <= max_tables:
        return schema
    if finder is None:
        ranked = _by_words(schema.tables, question)
    elif isinstance(finder, Retriever):
        found = yield from step(finder.retrieve, finder.aretrieve, question, max_tables)
        ranked = _named_by(schema.tables, found) or _by_words(schema.tables, question)
    else:
        texts = [question, *map(_told, schema.tables)]
        vectors = yield from step(finder.embed, finder.aembed, texts)
        ranked = _by_vectors(schema.tables, vectors)
    chosen = [table.full_name for table in ranked[:max_tables]]
    kept = {*chosen, *_neighbours(schema, chosen, max_tables)}
    return replace(schema, tables=tuple(t for t in schema.tables if t.full_name in kept))


def _words(text: str) -> set[str]:
    found = (word.casefold() for word in _WORD.findall(_CAMEL.sub(" ", text)))
    # A plural is the commonest way for a question to miss a table's name.
    return {word.removesuffix("s") if len(word) > 3 else word for word in found}


def _told(table: TableInfo) -> str:
    columns = " ".join(f"{column.name} {column.comment}" for column in table.columns)
    return f"{table.name} {table.comment} {columns}".strip()


def _by_words(tables: Sequence[TableInfo], question: str) -> list[TableInfo]:
    asked = _words(question)

    def score(table: TableInfo) -> float:
        name = len(_words(table.name) & asked)
        columns = sum(len(_words(column.name) & asked) > 0 for column in table.columns)
        told = len(_words(_told(table)) & asked)
        return name * 4 + columns + told * 0.5

    return sorted(tables, key=score, reverse=True)


def _by_vectors(tables: Sequence[TableInfo], vectors: Matrix) -> list[TableInfo]:
    question, *others = ([float(part) for part in vectors[row]] for row in range(len(tables) + 1))
    # Length is divided out, because not every embedder returns unit vectors.
    scores = [
        sum(a * b for a, b in zip(question, other, strict=True))
        / (sum(b * b for b in other) ** 0.5 or 1.0)
        for other in others
    ]
    order = sorted(range(len(tables)), key=lambda place: scores[place], reverse=True)
    return [tables[place] for place in order]


def _named_by(tables: Sequence[TableInfo], found: Sequence[RetrievalResult]) -> list[TableInfo]:
    by_name = {table.full_name.casefold(): table for table in tables}
    ranked: dict[str, TableInfo] = {}
    for result in found:
        extra = result.chunk.metadata.extra if result.chunk.metadata else {}
        told = str(extra.get("table") or result.chunk.content.split("\n", 1)[0]).casefold()
        for word in (told, *re.findall(r"[\w.]+", told)):
            if word in by_name:
                ranked.setdefault(word, by_name[word])
    return list(ranked.values())


def _neighbours(schema: DatabaseSchema, chosen: Sequence[str], room: int) -> list[str]:
    found: dict[str, None] = {}
    for name in chosen:
        table = schema.table(name)
        for key in table.foreign_keys if table else ():
            found[key.table] = None
    # Tables that join two chosen ones: without them the two cannot be brought together.
    for table in schema.tables:
        if len({key.table for key in table.foreign_keys} & set(chosen)) > 1:
            found[table.full_name] = None
    return [name for name in found if name not in chosen][:room]
