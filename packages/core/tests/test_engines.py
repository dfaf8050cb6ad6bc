"""An engine's powers follow from what it overrides, plain or async."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from racto.core import ConfigurationError, Engine, UnsupportedFeatureError
from racto.core.protocols import ScoreEngine, SearchEngine


class Echo(Engine):
    """Finds each query's words, and remembers how it was asked."""

    def search_batch(
        self, queries: Any, limit: Any = 20, subsets: Any = None, **kw: Any
    ) -> list[dict[str, float]]:
        """One document a word."""
        self.asked = (list(queries), limit, subsets, kw)
        return [dict.fromkeys(query.split()[:limit], 1.0) for query in queries]


class Everything(Echo):
    """Has all four powers, some of them async."""

    async def score_batch(
        self, queries: Any, passages: Any, candidate_length: Any = None, **kw: Any
    ) -> list[list[float]]:
        """Score by length."""
        assert sum(candidate_length) == len(passages)
        return [[float(len(passage)) for passage in passages]]

    async def fuse_batch(
        self, queries: Any, batch_scores: Sequence[Sequence[Mapping[str, float]]], **kw: Any
    ) -> list[dict[str, float]]:
        """Keep the last."""
        return [dict(scores[-1]) for scores in batch_scores]

    def decompose_query_batch(self, queries: Any, limit: Any = 10, **kw: Any) -> list[list[str]]:
        """Split at spaces."""
        return [query.split()[:limit] for query in queries]


def powers(engine: Engine) -> list[bool]:
    return [engine.can_search, engine.can_score, engine.can_fuse, engine.can_decompose_query]


def test_powers_follow_from_overriding() -> None:
    assert powers(Engine()) == [False] * 4
    assert powers(Echo()) == [True, False, False, False]
    assert powers(Everything()) == [True] * 4
    assert isinstance(Echo(), SearchEngine)
    assert isinstance(Everything(), ScoreEngine)


async def test_single_query_forms_await_what_is_async() -> None:
    engine = Everything("all")
    assert await engine.search("a b c", limit=2, instruction="x") == {"a": 1.0, "b": 1.0}
    assert engine.asked == (["a b c"], 2, [None], {"instruction": "x"})
    await engine.search("a", subset="news")
    assert engine.asked[2] == ["news"]
    assert await engine.score("q", ("a", "bbb")) == [1.0, 3.0]
    assert await engine.fuse("q", [{"a": 1.0}, {"b": 2.0}]) == {"b": 2.0}
    assert await engine.decompose_query("a b c", limit=2) == ["a", "b"]


async def test_a_power_that_is_missing_says_which_there_are() -> None:
    with pytest.raises(UnsupportedFeatureError, match="'Echo' cannot score; it can: search") as one:
        await Echo().score("q", ["p"])
    assert one.value.feature == "score"
    with pytest.raises(UnsupportedFeatureError, match="cannot decompose query; it can: nothing"):
        Engine("plain").decompose_query_batch(["q"])


def test_settings_come_from_a_mapping_or_a_file_and_options_override(tmp_path: Path) -> None:
    path = tmp_path / "engine.json"
    path.write_text(json.dumps({"a": 1, "b": "é"}), "utf-8")
    for config in (path, str(path), {"a": 1, "b": "é"}):
        engine = Engine("e", config, a=2)
        assert (engine.name, engine.config) == ("e", {"a": 2, "b": "é"})
    given = {"a": 1}
    Engine("e", given).config["a"] = 5
    assert given == {"a": 1}
    assert Echo().name == "Echo"
    assert Engine.accepts_view_kind == "text"


@pytest.mark.parametrize(
    ("text", "message"), [("[1]", "JSON object"), ("{", "engine.json"), (None, "No such file")]
)
def test_bad_settings_are_refused_with_their_path(
    tmp_path: Path, text: str | None, message: str
) -> None:
    path = tmp_path / "engine.json"
    if text is not None:
        path.write_text(text, "utf-8")
    with pytest.raises(ConfigurationError, match=message) as caught:
        Engine("e", path)
    assert str(path) in str(caught.value)
