"""Assembly: each service has its own settings, and mistakes stop the start with their places."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from racto.core.errors import ConfigurationError
from racto.retrieval.server import BatchQueryProcessor, Pipelines
from racto.retrieval.server.config import Assembly, read_config
from racto.retrieval.server.registry import ProcessorRegistry

FILE = """
from racto.core import Engine
from racto.retrieval.server import AsyncQueryProcessor, Processor, auto_register


class Finder(Engine):
    async def search_batch(self, queries, limit=20, subsets=None, **options):
        return [{f"{subset}/{self.config['tag']}": 1.0} for subset in subsets]

    async def score_batch(self, queries, passages, candidate_length=None, **options):
        return [[1.0] * n for n in candidate_length]


class Broken(Engine):
    def __init__(self, name, config):
        raise OSError("no index here")


class Idle(Engine):
    pass


class Shelf(Processor):
    def __init__(self, collection_config):
        super().__init__(cache_size=0)
        self.texts = collection_config.model_extra["texts"]

    async def _submit(self, item):
        return {"text": self.texts[item["id"]]}


@auto_register("fuse")
class First(Engine):
    def fuse_batch(self, queries, batch_scores, **options):
        return [dict(rankings[0]) for rankings in batch_scores]
"""


def _service(name: str, engine: str = "Finder", **settings: Any) -> dict[str, Any]:
    return {"name": name, "engine": engine, "config": {"tag": name}, **settings}


def _made(folder: Path, **config: Any) -> Pipelines:
    (folder / "engines.py").write_text(FILE)
    read = read_config(json.dumps({"file_imports": ["engines.py"], **config}))
    return Assembly(read, folder, allow_file_imports=True).pipelines()


async def test_each_service_keeps_its_own_settings(tmp_path: Path) -> None:
    services = [
        _service("a", batch_size=4, cache=10, cache_key_fields=["query"]),
        _service("b", batch_size=8, cache=10, cache_key_fields=["query", "subset"]),
        _service("c", processor="AsyncQueryProcessor", scoring_disabled=True),
    ]
    registry = _made(tmp_path, services=services).registry
    first = registry.find("a", "search")
    assert isinstance(first, BatchQueryProcessor)
    assert first.batch_size == 4
    # RoutIR gave every service the key fields of the last one, and no subset by default.
    for name in "abc":
        for subset in ("fr", "en"):
            item = {"query": "q", "subset": subset}
            found = await registry.submit(name, "search", item)
            assert found["scores"] == {f"{subset}/{name}": 1.0}
    assert (await registry.submit("a", "search", {"query": "q", "subset": "fr"}))["cached"]
    assert registry.has_service("a", "score")
    assert not registry.has_service("c", "score")


async def test_a_collection_is_made_by_a_file_and_used_by_a_pipeline(tmp_path: Path) -> None:
    pipelines = _made(
        tmp_path,
        services=[_service("a")],
        collections=[{"name": "c", "processor": "Shelf", "texts": {"None/a": "tea"}}],
        pipeline_aliases={"best": "{a, a}First >> a%1"},
        pipeline_cache=8,
    )
    first = await pipelines.arun("best", "q", collection="c")
    again = await pipelines.arun("best", "q", collection="c")
    assert (first["scores"], first["cached"], again["cached"]) == ({"None/a": 1.0}, False, True)


def test_a_file_can_be_run_again_for_the_next_registry(tmp_path: Path) -> None:
    for _ in range(2):
        assert _made(tmp_path).registry.has_service("First", "fuse")
    assert "First" not in ProcessorRegistry.all_services


def test_files_run_only_with_consent(tmp_path: Path) -> None:
    (tmp_path / "engines.py").write_text("raise SystemExit('it ran')")
    config = read_config('{"file_imports": ["engines.py"]}')
    with pytest.raises(ConfigurationError, match="--allow-file-imports"):
        Assembly(config, tmp_path).pipelines()
    assert "file_imports" in Assembly(config, tmp_path).check()[0]


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ({"services": [_service("s", "Missing")]}, "services[0] (s): there is no engine 'Missing'"),
        ({"services": [_service("s", "Broken")]}, "could not be made: OSError: no index here"),
        ({"services": [_service("s", "Idle")]}, "nothing that can be served"),
        ({"services": [_service("s"), _service("s")]}, "services[1] (s): a service 's'"),
        ({"services": [_service("s", processor="X")]}, "there is no processor 'X'"),
        ({"services": [_service("s", cache=5, cache_ttl=0)]}, "ttl must be above 0"),
        ({"collections": [{"name": "c", "doc_path": "d"}]}, "collections[0] (c): there is no"),
        ({"server_imports": ["http://other:5000"]}, "server_imports: this release"),
        ({"file_imports": ["none.py"]}, "file_imports[0]: "),
        ({"pipeline_aliases": {"a": "b", "b": "a"}}, "circle"),
        ({"pipeline_aliases": {"a": "nothing"}}, "pipeline_aliases.a: "),
        ({"services": [_service("s")], "pipeline_aliases": {"s": "s"}}, "names of services"),
    ],
)
def test_mistakes_stop_the_start(tmp_path: Path, config: dict[str, Any], said: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        _made(tmp_path, **config)
    assert said in str(caught.value)


def test_a_check_lists_all_mistakes_and_makes_no_engine(tmp_path: Path) -> None:
    (tmp_path / "engines.py").write_text(FILE)
    config = {
        "file_imports": ["engines.py"],
        "services": [_service("s", "Broken"), _service("s", "Missing", processor="X")],
        "collections": [{"name": "c"}],
        "server_imports": ["http://other:5000"],
        "pipeline_aliases": {"a": "s%%"},
    }
    read = read_config(json.dumps(config))
    found = Assembly(read, tmp_path, allow_file_imports=True).check()
    assert [problem.partition(":")[0] for problem in found] == [
        "services[1].engine",
        "services[1].processor",
        "collections[0].processor",
        "server_imports",
        "services[1].name",
        "pipeline_aliases",
    ]


def test_an_engine_of_the_house_is_found_by_its_class() -> None:
    text = '{"services": [{"name": "merge", "engine": "RRF", "config": {"rrf_k": 60}}]}'
    registry = Assembly(read_config(text)).pipelines().registry
    item = {"query": "q", "scores": [{"a": 1.0}]}
    found = asyncio.run(registry.submit("merge", "fuse", item))
    assert found["scores"]["a"] == pytest.approx(1 / 61)
