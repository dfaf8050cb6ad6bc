"""The registry: services by name and role, made from engines in one line."""

from __future__ import annotations

from typing import Any

import pytest

from racto.core import Engine
from racto.core.errors import ConfigurationError, UnsupportedFeatureError
from racto.retrieval.server.engines import RRF
from racto.retrieval.server.registry import (
    DummyProcessor,
    ProcessorRegistry,
    Registry,
    ServiceNotFound,
    auto_register,
    builtin,
)


async def test_the_mergers_are_there_from_the_start() -> None:
    answer = await ProcessorRegistry.submit(
        "RRF", "fuse", {"query": "q", "scores": [{"a": 1.0, "b": 0.5}, {"b": 1.0}], "rrf_k": 60}
    )
    assert list(answer["scores"]) == ["b", "a"]
    assert answer["processed"] is True
    assert ProcessorRegistry["ScoreFusion"]["fuse"]


async def test_a_missing_service_says_which_there_are() -> None:
    registry = builtin(Registry())
    with pytest.raises(
        ServiceNotFound, match="no service 'bm25' that does search; there are: none"
    ):
        await registry.submit("bm25", "search", {"query": "q"})
    with pytest.raises(KeyError):
        registry["bm25"]
    # Not in quotes, as a plain KeyError would print it.
    with pytest.raises(ServiceNotFound) as caught:
        registry["bm25"]
    assert str(caught.value).startswith("there is no service")


def test_names_and_roles_are_checked() -> None:
    registry = Registry()
    registry.register("a", "fuse", DummyProcessor(RRF(), "fuse"))
    with pytest.raises(ConfigurationError, match="there already"):
        registry.register("a", "fuse", DummyProcessor(RRF(), "fuse"))
    with pytest.raises(ConfigurationError, match="no role of a service"):
        registry.register("a", "find", DummyProcessor(RRF(), "fuse"))
    assert registry.get_all_services()["fuse"] == ["a"]
    assert registry.get("a", "search") is None
    assert len(list(registry)) == 1


async def test_a_class_becomes_a_service_of_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ProcessorRegistry, "all_services", {})

    @auto_register(["search", "decompose_query"], view_kind="bytes", documents=3)
    class Counting(Engine):
        def __init__(self, **options: Any) -> None:
            super().__init__(**options)

        def search_batch(
            self, queries: Any, limit: Any = 20, subsets: Any = None, **kw: Any
        ) -> Any:
            return [{f"d{i}": -float(i) for i in range(self.config["documents"])} for _ in queries]

        def decompose_query_batch(self, queries: Any, limit: Any = 10, **kw: Any) -> Any:
            return [query.split() for query in queries]

    found = await ProcessorRegistry.submit("Counting", "search", {"query": "q", "limit": 2})
    assert found["scores"] == {"d0": 0.0, "d1": -1.0}
    split = await ProcessorRegistry.submit("Counting", "decompose_query", {"query": "a b"})
    assert split["queries"] == ["a", "b"]
    processor = ProcessorRegistry["Counting"]["search"]
    assert isinstance(processor, DummyProcessor)
    assert processor.host.engine.accepts_view_kind == "bytes"


def test_what_a_class_cannot_do_is_refused_and_nothing_is_registered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(ProcessorRegistry, "all_services", {})
    with pytest.raises(UnsupportedFeatureError, match="cannot search"):
        auto_register(["fuse", "search"])(RRF)
    assert ProcessorRegistry.all_services == {}
    with pytest.raises(ConfigurationError, match="no role of an engine"):
        auto_register("find")(RRF)
