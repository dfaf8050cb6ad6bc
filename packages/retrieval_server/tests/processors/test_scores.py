"""Scores: in the order of the passages, batches bounded by passages, each request for itself."""

from __future__ import annotations

import asyncio
import math
from typing import Any

import pytest

from racto.core.errors import EngineError
from racto.retrieval.server.errors import InvalidRequestError
from racto.retrieval.server.processors import (
    AsyncPairwiseScoreProcessor,
    BatchPairwiseScoreProcessor,
)

from .engines import ByLength, Saying

BOTH = pytest.mark.parametrize("kind", [AsyncPairwiseScoreProcessor, BatchPairwiseScoreProcessor])


@BOTH
async def test_scores_stand_in_the_order_of_the_passages(kind: Any) -> None:
    processor = kind(ByLength("svc"))
    response = await processor.submit({"query": "q", "passages": ["aaa", "", "aa"]})
    assert response["scores"] == [3.0, 0.0, 2.0]
    assert response["meta"] == {"n_passages": 3}
    assert (response["query"], response["service"]) == ("q", "svc")


async def test_a_batch_gives_each_request_its_own_scores() -> None:
    engine = ByLength()
    processor = BatchPairwiseScoreProcessor(engine)
    answers = await asyncio.gather(
        *(processor.submit({"query": str(n), "passages": ["x" * n] * n}) for n in range(6))
    )
    assert [answer["scores"] for answer in answers] == [[float(n)] * n for n in range(6)]
    # A request without passages needs no engine.
    assert engine.calls == [(1, 2, 3, 4, 5)]


async def test_batches_are_bounded_by_passages() -> None:
    engine = ByLength()
    processor = BatchPairwiseScoreProcessor(engine, max_work=1000)
    await asyncio.gather(
        *(processor.submit({"query": str(n), "passages": ["x"] * 400}) for n in range(5))
    )
    assert engine.calls == [(400, 400), (400, 400), (400,)]


@BOTH
@pytest.mark.parametrize(
    ("found", "message"),
    [
        ([1.0], "1 scores for 2 passages"),
        ([1.0, 2.0, 3.0], "3 scores for 2 passages"),
        ([1.0, math.nan], "nan as the score of passage 1"),
        ([1.0, "2"], "str as the score"),
        ({"a": 1.0, "b": 2.0}, "instead of scores"),
        (None, "instead of scores"),
    ],
    ids=["few", "many", "nan", "text", "mapping", "nothing"],
)
async def test_nonsense_of_an_engine_is_an_error(kind: Any, found: Any, message: str) -> None:
    with pytest.raises(EngineError, match=message):
        await kind(Saying(found)).submit({"query": "q", "passages": ["a", "b"]})


async def test_arrays_are_read() -> None:
    numpy = pytest.importorskip("numpy")
    processor = BatchPairwiseScoreProcessor(Saying(numpy.array([1.5, 2.5], dtype="float32")))
    response = await processor.submit({"query": "q", "passages": ["a", "b"]})
    assert response["scores"] == [1.5, 2.5]


@pytest.mark.parametrize(
    ("passages", "field"),
    [(None, "passages"), ("text", "passages"), (["a", 7], "passages[1]"), ([b"x"], "passages[0]")],
    ids=["missing", "text", "number", "bytes"],
)
async def test_wrong_passages_are_named(passages: Any, field: str) -> None:
    engine = ByLength()
    with pytest.raises(InvalidRequestError) as caught:
        await BatchPairwiseScoreProcessor(engine).submit({"query": "q", "passages": passages})
    assert caught.value.field == field
    assert engine.calls == []


async def test_an_engine_of_bytes_takes_bytes() -> None:
    engine = ByLength()
    engine.accepts_view_kind = "bytes"
    processor = BatchPairwiseScoreProcessor(engine)
    response = await processor.submit({"query": "q", "passages": [b"abc", b"\xff"]})
    assert response["scores"] == [3.0, 1.0]
    with pytest.raises(InvalidRequestError, match="must be bytes"):
        await processor.submit({"query": "q", "passages": ["text"]})
