"""Searches and splits: each request by its own options, its own limits, its own errors."""

from __future__ import annotations

import asyncio
import math
from typing import Any

import pytest

from racto.core.errors import EngineError, UnsupportedFeatureError
from racto.retrieval.server.errors import InvalidRequestError
from racto.retrieval.server.processors import (
    AsyncQueryProcessor,
    BatchDecomposeQueryProcessor,
    BatchQueryProcessor,
)
from racto.retrieval.server.processors.queries import scope_for

from .engines import ByLength, Echo, Saying


@pytest.mark.parametrize("kind", [AsyncQueryProcessor, BatchQueryProcessor])
async def test_a_search_answers_in_the_shape_of_the_wire(kind: Any) -> None:
    processor = kind(Echo("svc"))
    item = {"service": "svc", "query": " q ", "limit": 2, "subset": "fr"}
    response = await processor.submit(item)
    assert response["query"] == " q "
    assert response["scores"] == {"fr/ q /0": 1.0, "fr/ q /1": 0.5}
    assert (response["service"], response["processed"], response["cached"]) == ("svc", True, False)
    assert item == {"service": "svc", "query": " q ", "limit": 2, "subset": "fr"}
    again = await processor.submit(item)
    assert again["cached"] is True
    assert again["scores"] == response["scores"]
    await processor.aclose()


@pytest.mark.parametrize("kind", [AsyncQueryProcessor, BatchQueryProcessor])
async def test_options_reach_the_engine_and_never_a_neighbour(kind: Any) -> None:
    engine = Echo()
    processor = kind(engine, cache_size=0)
    await asyncio.gather(
        processor.submit({"query": "a", "instruction": "one"}),
        processor.submit({"query": "b", "instruction": "two"}),
        processor.submit({"query": "c", "instruction": "one"}),
    )
    asked = {query: call["instruction"] for call in engine.calls for query in call["queries"]}
    assert asked == {"a": "one", "b": "two", "c": "one"}


async def test_subsets_and_all_other_fields_are_in_the_cache_key() -> None:
    processor = BatchQueryProcessor(Echo())
    french = await processor.submit({"query": "q", "limit": 1, "subset": "fr"})
    english = await processor.submit({"query": "q", "limit": 1, "subset": "en"})
    other = await processor.submit({"query": "q", "limit": 1, "subset": "en", "prompt": "p"})
    assert list(french["scores"]) == ["fr/q/0"]
    assert list(english["scores"]) == ["en/q/0"]
    assert other["cached"] is False


async def test_two_services_with_one_cache_never_share_an_answer() -> None:
    from racto.retrieval.server.cache import LRUCache

    cache = LRUCache(100)
    one = BatchQueryProcessor(Echo("one"), cache=cache)
    two = BatchQueryProcessor(Echo("two"), cache=cache)
    await one.submit({"query": "q"})
    assert (await two.submit({"query": "q"}))["cached"] is False
    # Nor do two indexes of one kind.
    fresh = BatchQueryProcessor(Echo("one", index="other"), cache=cache)
    assert (await fresh.submit({"query": "q"}))["cached"] is False


async def test_changing_a_response_changes_no_other() -> None:
    processor = BatchQueryProcessor(Echo())
    item = {"query": "q", "limit": 3}
    first, joined = await asyncio.gather(processor.submit(item), processor.submit(item))
    first["scores"].clear()
    assert len(joined["scores"]) == 3
    assert len((await processor.submit(item))["scores"]) == 3
    assert processor.stats.items == 1


@pytest.mark.parametrize("kind", [AsyncQueryProcessor, BatchQueryProcessor])
async def test_one_bad_request_of_32_fails_alone(kind: Any) -> None:
    processor = kind(Echo(), cache_size=0)
    items: list[dict[str, Any]] = [{"query": f"q{i}", "limit": 1} for i in range(32)]
    items[3] = {"query": "x", "limit": "ten"}
    items[7] = {"limit": 4}
    items[11] = {"query": "poison"}
    answers = await asyncio.gather(*map(processor.submit, items), return_exceptions=True)
    wrong = {i: type(a).__name__ for i, a in enumerate(answers) if isinstance(a, Exception)}
    assert wrong == {3: "InvalidRequestError", 7: "InvalidRequestError", 11: "EngineError"}
    assert "poisoned" not in str(answers[11])


@pytest.mark.parametrize(
    ("item", "field"),
    [
        ({}, "query"),
        ({"query": None}, "query"),
        ({"query": ["a"]}, "query"),
        ({"query": "q", "limit": -5}, "limit"),
        ({"query": "q", "limit": 0}, "limit"),
        ({"query": "q", "limit": True}, "limit"),
        ({"query": "q", "limit": 2.5}, "limit"),
        ({"query": "q", "limit": float("nan")}, "limit"),
        ({"query": "q", "limit": 10**9}, "limit"),
        ({"query": "q", "limit": "9" * 5000}, "limit"),
        ({"query": "q", "subset": 7}, "subset"),
        ({"query": "q", "x": object()}, "request"),
    ],
    # An object prints its address, which no two processes share.
    ids=range(12),
)
async def test_a_wrong_field_is_named_before_anything_runs(item: Any, field: str) -> None:
    engine = Echo()
    with pytest.raises(InvalidRequestError) as caught:
        await BatchQueryProcessor(engine).submit(item)
    assert caught.value.field == field
    assert engine.calls == []


@pytest.mark.parametrize("limit", [5, 5.0, "5"], ids=["whole", "float", "digits"])
async def test_whole_numbers_in_other_clothes_are_read(limit: Any) -> None:
    engine = Echo()
    await BatchQueryProcessor(engine).submit({"query": "q", "limit": limit})
    assert engine.calls[0]["limit"] == [5]


@pytest.mark.parametrize("kind", [AsyncQueryProcessor, BatchQueryProcessor])
@pytest.mark.parametrize(
    ("found", "message"),
    [
        ({"a": math.nan}, "nan"),
        ({"a": math.inf}, "inf"),
        ({"a": "0.5"}, "str as the score"),
        ({"a": None}, "NoneType as the score"),
        ({7: 0.5}, "ids are texts"),
        ([("a", 1.0), ("a", 2.0)], "twice"),
        ("abc", "str instead of a ranking"),
        (None, "NoneType instead of a ranking"),
    ],
    ids=["nan", "inf", "text", "none", "number-id", "twice", "string", "nothing"],
)
async def test_nonsense_of_an_engine_is_an_error(kind: Any, found: Any, message: str) -> None:
    with pytest.raises(EngineError, match=message):
        await kind(Saying(found)).submit({"query": "q"})


async def test_unordered_and_too_long_rankings_are_put_right() -> None:
    numpy = pytest.importorskip("numpy")
    processor = BatchQueryProcessor(Saying({"a": 1, "b": numpy.float32(3.5), "c": 2.0}))
    response = await processor.submit({"query": "q", "limit": 2})
    assert response["scores"] == {"b": 3.5, "c": 2.0}
    assert list(response["scores"]) == ["b", "c"]
    assert all(type(score) is float for score in response["scores"].values())


async def test_each_tenants_prompt_is_used_for_its_own_query() -> None:
    processor = BatchDecomposeQueryProcessor(Echo())
    one, two = await asyncio.gather(
        processor.submit({"query": "q", "prompt": "1:"}),
        processor.submit({"query": "q", "prompt": "2:"}),
    )
    assert one["queries"] == ["1:q A", "1:q B"]
    assert two["queries"] == ["2:q A", "2:q B"]


async def test_sub_queries_are_checked_cut_and_different() -> None:
    processor = BatchDecomposeQueryProcessor(Saying(["a", "b", "a", "c", "d"]))
    assert (await processor.submit({"query": "q", "limit": 3}))["queries"] == ["a", "b", "c"]
    for wrong in ("text", [1], None):
        with pytest.raises(EngineError):
            await BatchDecomposeQueryProcessor(Saying(wrong)).submit({"query": "q"})


def test_an_engine_that_cannot_search_is_refused_at_once() -> None:
    with pytest.raises(UnsupportedFeatureError, match="it can: score"):
        BatchQueryProcessor(ByLength())


def test_engines_whose_settings_are_no_data_share_no_keys() -> None:
    # The address of an object comes again in another process that shares the Redis server.
    engine = Echo(store=object())
    assert scope_for(engine, "") != scope_for(engine, "")
    assert scope_for(Echo(path="a"), "") == scope_for(Echo(path="a"), "")


async def test_what_only_names_a_request_keeps_it_from_no_batch() -> None:
    engine = Echo()
    processor = BatchQueryProcessor(engine, cache_size=0)
    asked = [{"query": f"q{i}", "request_id": f"r{i}", "timestamp": i} for i in range(8)]
    await asyncio.gather(*map(processor.submit, asked))
    assert [call["queries"] for call in engine.calls] == [[f"q{i}" for i in range(8)]]
    assert "request_id" not in engine.calls[0]
