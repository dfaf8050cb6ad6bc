"""Runs: every score with its own document, every sub-query really searched, every mistake named."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from racto.core import Engine
from racto.core.errors import DeadlineExceededError, EngineError
from racto.retrieval.server.cache import LRUCache
from racto.retrieval.server.errors import (
    DocumentNotFoundError,
    InvalidRequestError,
    PipelineError,
)
from racto.retrieval.server.pipeline import PipelineLimits, Pipelines
from racto.retrieval.server.processors import (
    AsyncQueryProcessor,
    BatchDecomposeQueryProcessor,
    BatchPairwiseScoreProcessor,
    BatchQueryProcessor,
    Processor,
)
from racto.retrieval.server.registry import Registry, ServiceNotFound, builtin


class Index(Engine):
    """Finds its documents in the order of their list, and keeps what it was asked."""

    def __init__(self, name: str, ids: Sequence[str]) -> None:
        super().__init__(name)
        self.ids = ids
        self.asked: list[tuple[str, int, dict[str, Any]]] = []
        self.pause = 0.0

    async def search_batch(
        self, queries: Any, limit: Any = 20, subsets: Any = None, **kw: Any
    ) -> list[dict[str, float]]:
        await asyncio.sleep(self.pause)
        self.asked += [(q, n, kw) for q, n in zip(queries, limit, strict=True)]
        return [{key: 1.0 - i / 100 for i, key in enumerate(self.ids[:n])} for n in limit]


class Truth(Engine):
    """Scores a passage by the number that it holds, and splits queries in two."""

    def score_batch(
        self, queries: Any, passages: Any, candidate_length: Any = None, **kw: Any
    ) -> Any:
        left = iter(passages)
        return [[float(next(left)) for _ in range(n)] for n in candidate_length]

    async def decompose_query_batch(self, queries: Any, limit: Any = 10, **kw: Any) -> Any:
        return [[] if q == "atom" else [f"{q} {part}" for part in "ABC"] for q in queries]


class Documents(Processor):
    """Document d7 has the text "0.7"."""

    def __init__(self, *missing: str) -> None:
        super().__init__(cache_size=0)
        self.missing = missing
        self.read: list[str] = []

    async def _submit(self, item: dict[str, Any]) -> dict[str, Any]:
        self.read.append(item["id"])
        if item["id"] in self.missing:
            return {"error": "no such document"}
        view = item.get("view", "")
        return {"text": f"{'-' if view == 'minus' else ''}0.{item['id'][1:]}"}


@pytest.fixture
def index() -> Index:
    return Index("s", ["d4", "d3", "d2", "d1", "d0"])


@pytest.fixture
def documents() -> Documents:
    return Documents()


@pytest.fixture
def registry(index: Index, documents: Documents) -> Registry:
    registry = builtin(Registry())
    registry.register("s", "search", BatchQueryProcessor(index, cache_size=0))
    registry.register("t", "search", AsyncQueryProcessor(Index("t", ["d9", "d4"]), cache_size=0))
    true = Truth("r")
    registry.register("r", "score", BatchPairwiseScoreProcessor(true, cache_size=0))
    registry.register("x", "decompose_query", BatchDecomposeQueryProcessor(true, cache_size=0))
    registry.register("docs", "content", documents)
    return registry


async def test_each_score_stays_with_its_own_document(registry: Registry) -> None:
    # Found as d4, d3, ... d0: any reordering of ids before the scores are laid beside them shows.
    result = await Pipelines(registry).arun("s%5 >> r", "q", collection="docs")
    assert result["scores"] == {f"d{i}": i / 10 for i in range(5)}
    assert list(result["scores"]) == ["d4", "d3", "d2", "d1", "d0"]
    turned = await Pipelines(registry).arun("s%5 >> r@minus%2", "q", collection="docs")
    assert turned["scores"] == {"d0": -0.0, "d1": -0.1}
    assert turned["query"] == "q"


async def test_limits_are_passed_on_and_cut(registry: Registry, index: Index) -> None:
    result = await Pipelines(registry).arun("s%3", "q")
    assert list(result["scores"]) == ["d4", "d3", "d2"]
    assert index.asked == [("q", 3, {})]


async def test_every_sub_query_goes_through_every_branch(registry: Registry, index: Index) -> None:
    result = await Pipelines(registry).arun("x%2{s%2, t%2}RRF%3", "q")
    assert [query for query, _, _ in index.asked] == ["q A", "q B"]
    assert result["expanded_queries"] == {"x": ["q A", "q B"]}
    # Four rankings: d4 is first in two and second in two.
    assert result["scores"] == {"d4": 3.0, "d9": 2.0, "d3": 1.0}


async def test_a_query_that_cannot_be_split_is_searched_itself(
    registry: Registry, index: Index
) -> None:
    result = await Pipelines(registry).arun("x{s%1}RRF", "atom")
    assert [query for query, _, _ in index.asked] == ["atom"]
    assert result["expanded_queries"] == {"x": ["atom"]}


async def test_a_fork_after_an_arrow_reorders(registry: Registry, documents: Documents) -> None:
    result = await Pipelines(registry).arun(
        "s%3 >> {r, r@minus}ScoreFusion", "q", collection="docs"
    )
    assert set(result["scores"]) == {"d4", "d3", "d2"}
    assert all(score == pytest.approx(0) for score in result["scores"].values())
    # A document is read once a run and view.
    assert len(documents.read) == 6


async def test_options_reach_their_own_call(registry: Registry, index: Index) -> None:
    await Pipelines(registry).arun(
        "{s[one]%1, s[two]%1}RRF", "q", runtime_kwargs={"two": {"instruction": "i"}}
    )
    assert sorted(index.asked, key=str) == [("q", 1, {"instruction": "i"}), ("q", 1, {})]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"zzz": {}}, "no call of that name; it has: s"),
        ({"s": ["x"]}, "must be an object"),
        ({"s": {"query": "other"}}, "must not set query"),
        ({"s": {"view": "v"}}, "must not set view: .*write name@view"),
    ],
    ids=["unknown", "list", "query", "view"],
)
async def test_wrong_options_are_named(registry: Registry, options: Any, message: str) -> None:
    with pytest.raises(InvalidRequestError, match=message):
        await Pipelines(registry).arun("s", "q", runtime_kwargs=options)


@pytest.mark.parametrize(
    ("text", "message", "column"),
    [
        ("zz", "no service 'zz' that searches", 1),
        ("S%5", "did you mean 's'", 1),
        ("r", "'r' has the roles score, and here a service is needed that searches", 1),
        ("s >> t", "'t' has the roles search, and here .* scores passages", 6),
        ("{s}s", "'s' has the roles search, and here .* merges", 4),
        ("RRF{s}RRF", "splits queries", 1),
        ("x%100{s,s,s}RRF", "302 calls", 1),
    ],
    ids=["unknown", "near", "scorer", "searcher", "merger", "expander", "fan-out"],
)
async def test_a_wrong_call_is_pointed_at(
    registry: Registry, text: str, message: str, column: int
) -> None:
    with pytest.raises(PipelineError, match=f"(?s){message}") as caught:
        await Pipelines(registry).arun(text, "q")
    assert caught.value.column == column


async def test_reordering_needs_a_collection_that_is_there(registry: Registry) -> None:
    with pytest.raises(InvalidRequestError, match="'collection'"):
        await Pipelines(registry).arun("s >> r", "q")
    with pytest.raises(ServiceNotFound, match="there are: docs"):
        await Pipelines(registry).arun("s >> r", "q", collection="dox")
    with pytest.raises(InvalidRequestError, match="query must be a text"):
        await Pipelines(registry).arun("s", 7)  # type: ignore[arg-type]


async def test_a_missing_document_is_named(registry: Registry) -> None:
    registry.register("gaps", "content", Documents("d3"))
    with pytest.raises(DocumentNotFoundError, match="'d3'"):
        await Pipelines(registry).arun("s >> r", "q", collection="gaps")


async def test_one_failing_branch_ends_the_others_and_is_raised(
    registry: Registry, index: Index
) -> None:
    class Failing(Engine):
        async def search_batch(self, *args: Any, **kw: Any) -> Any:
            raise ValueError("broken")

    index.pause = 30
    registry.register("bad", "search", AsyncQueryProcessor(Failing("bad"), cache_size=0))
    started = asyncio.get_running_loop().time()
    with pytest.raises((EngineError, ValueError)):
        await Pipelines(registry).arun("{s, bad}RRF", "q")
    assert asyncio.get_running_loop().time() - started < 10


async def test_a_deadline_ends_a_run(registry: Registry, index: Index) -> None:
    index.pause = 30
    loop = asyncio.get_running_loop()
    with pytest.raises(DeadlineExceededError):
        await Pipelines(registry).arun("s", "q", deadline=loop.time() + 0.02)


async def test_explaining_tells_each_stage(registry: Registry) -> None:
    result = await Pipelines(registry).arun("s%4 >> r%2", "q", collection="docs", explain=True)
    told = [(entry["stage"], entry["role"], entry["results"]) for entry in result["explain"]]
    assert told == [("s%4", "search", 4), ("r%2", "score", 4)]
    assert all(entry["ms"] >= 0 for entry in result["explain"])


async def test_only_named_pipelines_where_that_is_the_rule(registry: Registry) -> None:
    pipelines = Pipelines(registry, aliases={"best": "{s, t}RRF"}, dynamic=False)
    assert list((await pipelines.arun("best%1", "q"))["scores"]) == ["d4"]
    for text in ("s", "best >> r", "{best}RRF"):
        with pytest.raises(PipelineError, match="named pipelines only: best"):
            await pipelines.arun(text, "q")


async def test_results_are_kept_by_everything_that_makes_them(
    registry: Registry, index: Index
) -> None:
    pipelines = Pipelines(registry, cache=LRUCache(100))
    first = await pipelines.arun("s%2", "q")
    first["scores"].clear()
    again = await pipelines.arun(" s %2", "q")
    assert again["cached"] is True
    assert len(again["scores"]) == 2
    for other in (
        {"query": "p"},
        {"query": "q", "runtime_kwargs": {"s": {"instruction": "i"}}},
        {"query": "q", "collection": "docs"},
    ):
        assert (await pipelines.arun("s%2", **other))["cached"] is False
    assert len(index.asked) == 4


async def test_a_service_may_not_hide_behind_an_alias(registry: Registry) -> None:
    with pytest.raises(PipelineError, match="names of services: s"):
        Pipelines(registry, aliases={"s": "t"})
    # A collection is no service that a pipeline could call.
    Pipelines(registry, aliases={"docs": "t"})


async def test_plans_are_bounded_in_number(registry: Registry) -> None:
    pipelines = Pipelines(registry, limits=PipelineLimits())
    for number in range(1, 1500):
        pipelines.plan(f"s%{number}")
    assert pipelines.plan("s%1499") is pipelines.plan("s%1499")
    assert len(pipelines._plans) <= 1024


def test_scripts_run_without_a_loop(index: Index) -> None:
    registry = builtin(Registry())
    registry.register("s", "search", BatchQueryProcessor(index))
    assert list(Pipelines(registry).run("{s, s}RRF%2", "q")["scores"]) == ["d4", "d3"]


async def test_options_do_not_lift_the_limit_of_sub_queries(
    registry: Registry, index: Index
) -> None:
    # The fan-out is counted before a run: what comes later must not be more.
    pipelines = Pipelines(registry, limits=PipelineLimits(subqueries=2))
    result = await pipelines.arun("x{s}RRF", "q", runtime_kwargs={"x": {"limit": 1000}})
    assert result["expanded_queries"] == {"x": ["q A", "q B"]}
    assert len(index.asked) == 2


async def test_thousands_of_documents_are_read_a_few_at_a_time(registry: Registry) -> None:
    ids = [f"d{i}" for i in range(1500)]
    registry.register("many", "search", AsyncQueryProcessor(Index("many", ids), cache_size=0))
    result = await Pipelines(registry).arun("many%1500 >> r", "q", collection="docs")
    assert result["scores"] == {f"d{i}": float(f"0.{i}") for i in range(1500)}


async def test_those_who_share_a_run_share_neither_answer_nor_deadline(
    registry: Registry, index: Index
) -> None:
    index.pause = 0.05
    pipelines = Pipelines(registry, cache=LRUCache(10))
    soon = asyncio.get_running_loop().time() + 0.01
    hurried = asyncio.create_task(pipelines.arun("s%2", "q", deadline=soon))
    await asyncio.sleep(0)

    async def spoil() -> dict[str, Any]:
        answer = await pipelines.arun("s%2", "q")
        before = {**answer, "scores": dict(answer["scores"])}
        answer["scores"].clear()
        return before

    answers = await asyncio.gather(spoil(), spoil())
    with pytest.raises(DeadlineExceededError):
        await hurried
    kept = await pipelines.arun("s%2", "q")
    assert [list(answer["scores"]) for answer in (*answers, kept)] == [["d4", "d3"]] * 3
    assert len(index.asked) == 1
