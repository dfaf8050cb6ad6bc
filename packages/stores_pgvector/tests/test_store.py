"""What the store does beyond the contract: indexes, filters through them, names, choices."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from racto.core import Chunk, ChunkMetadata
from racto.core.errors import ConfigurationError
from racto.stores.pgvector import PGVectorStore
from racto.stores.pgvector.sessions import ask
from racto.stores.pgvector.statements import NEAREST, filled

Maker = Callable[..., PGVectorStore]
COUNT, DIMENSION = 1500, 16


def crowd() -> list[Chunk]:
    vectors = np.random.default_rng(7).standard_normal((COUNT, DIMENSION), dtype=np.float32)
    # The rare ones are the farthest from where the queries are.
    order = np.argsort(-vectors[:, 0])
    return [
        Chunk(
            content=f"text {n}",
            chunk_id=f"c{n}",
            embedding=vectors[row],
            metadata=ChunkMetadata(extra={"rare": n >= COUNT - 12, "tenth": n % 10 == 0}),
        )
        for n, row in enumerate(order)
    ]


def ahead() -> list[float]:
    return [1.0] + [0.0] * (DIMENSION - 1)


@pytest.mark.parametrize(
    "options",
    [
        {"index": "hnsw"},
        {"index": "hnsw", "iterative_scan": "strict_order", "hnsw_max_scan_tuples": 100},
        {"index": "hnsw", "iterative_scan": "off", "hnsw_ef_search": 10},
        {"index": "hnsw", "halfvec": True},
        {"index": "ivfflat", "ivfflat_lists": 20, "ivfflat_probes": 12},
        {"index": "ivfflat", "ivfflat_lists": 20, "ivfflat_probes": 1, "iterative_scan": "off"},
    ],
    ids=str,
)
def test_filtered_searches_through_an_index_are_full(
    make_store: Maker, options: dict[str, Any]
) -> None:
    store = make_store(**options, batch_size=1000)
    chunks = crowd()
    store.add(chunks)
    store.build_index()
    exact = make_store(batch_size=1000, halfvec=options.get("halfvec", False))
    exact.add(chunks)
    for filters, size in (({"rare": True}, 12), ({"tenth": True}, 50), (None, 200)):
        found = store.search(ahead(), size, filters)
        assert len(found) == size
        assert all(one.score >= two.score for one, two in pairwise(found))
        right = {r.chunk.chunk_id for r in exact.search(ahead(), size, filters)}
        assert len(right & {r.chunk.chunk_id for r in found}) >= 0.6 * size
        batch = store.search_batch([ahead(), ahead()], size, filters)
        assert [len(results) for results in batch] == [size, size]


def test_index_is_used(make_store: Maker) -> None:
    store = make_store(table="indexed", index="hnsw", batch_size=1000)
    store.add(crowd())
    assert "indexed_embedding_idx" in plan(store)
    assert "indexed_embedding_idx" not in plan(make_store(table="indexed"), "id = 'c1'")


def plan(store: PGVectorStore, where: str = "TRUE") -> str:
    """How the server would answer a search."""
    query = "EXPLAIN " + filled(NEAREST, store._table.layout, where)
    rows = store._sessions.run(lambda conn: ask(conn, query, [np.ones(DIMENSION), 5]))
    return "\n".join(str(row[0]) for row in rows)


def test_scores_of_each_distance(make_store: Maker) -> None:
    wanted = {
        "cosine": 0.6, "dot": 3.0, "inner_product": 3.0, "l2": -math.sqrt(20), "euclidean": -math.sqrt(20),
        "manhattan": -6.0,
    }  # fmt: skip
    for distance, score in wanted.items():
        store = make_store(distance=distance)
        store.add([Chunk(content="", embedding=[3.0, 4.0])])
        assert store.search([1.0, 0.0])[0].score == pytest.approx(score), distance


def test_vector_without_direction_comes_last(make_store: Maker) -> None:
    store = make_store()
    store.add(
        [
            Chunk(content="", chunk_id=name, embedding=vector)
            for name, vector in (("none", [0.0, 0.0]), ("back", [-1.0, 0.1]), ("on", [1.0, 0.0]))
        ]
    )
    found = store.search([1.0, 0.0])
    assert [result.chunk.chunk_id for result in found] == ["on", "back", "none"]
    assert found[-1].score == -1.0


@pytest.mark.parametrize(
    "name", ['x"; DROP TABLE chunks; --', "%s %% %(a)s", "Größe 日本", "select"]
)
def test_names_are_names(make_store: Maker, name: str) -> None:
    store = make_store(table=name, schema=f"in {name}", text_search="simple", index="hnsw")
    for _ in range(2):
        store.add([Chunk(content="moon", chunk_id="a", embedding=[1.0, 0.0])])
    assert store.search_hybrid("moon", [1.0, 0.0])[0].chunk.content == "moon"
    store.build_index()
    store.delete(["a"])
    store.clear()
    store.drop()
    assert not store.exists()


@pytest.mark.parametrize(
    "options",
    [
        {"table": ""}, {"table": "x" * 60}, {"table": "a\x00b"}, {"schema": ""},
        {"distance": "hamming"}, {"dimension": 0},
        {"dimension": 20_000}, {"index": "hnsw", "dimension": 2001}, {"index": "flat"},
        {"index": "ivfflat", "distance": "l1"}, {"batch_size": 0}, {"hnsw_m": 1},
        {"hnsw_ef_construction": 20}, {"hnsw_ef_search": 0}, {"ivfflat_lists": 0},
        {"iterative_scan": "yes"}, {"pool_size": 0}, {"statement_timeout": 0},
        {"pool_timeout": math.nan},
        {"network_timeout": 0.5},
    ],
    ids=lambda options: repr(options)[:40],
)  # fmt: skip
def test_choices_are_checked_at_once(options: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError):
        PGVectorStore("postgresql://nowhere/", **options)


def test_halfvec_doubles_what_an_index_takes() -> None:
    PGVectorStore("postgresql://nowhere/", index="hnsw", dimension=4000, halfvec=True)


def test_settings_reach_the_server(make_store: Maker) -> None:
    store = make_store(index="hnsw", hnsw_ef_search=77, statement_timeout=5)
    query = "SELECT current_setting('hnsw.ef_search'), current_setting('statement_timeout')"
    found = store._sessions.run(lambda conn: ask(conn, query))
    assert found == [("77", "5s")]
