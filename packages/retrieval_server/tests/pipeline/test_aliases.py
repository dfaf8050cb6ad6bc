"""Aliases: written out before a run, limits and views where they belong, circles found at once."""

from __future__ import annotations

import pytest

from racto.retrieval.server.errors import PipelineError
from racto.retrieval.server.pipeline import Aliases, PipelineLimits, parse


def written(text: str, **aliases: str) -> str:
    return str(Aliases(aliases).expanded(parse(text), text))


def test_an_alias_stands_for_its_pipeline() -> None:
    assert written("best >> r%5", best="{a, b}RRF%100") == "{a, b}RRF%100 >> r%5"
    assert written("{best, c}RRF", best="a >> r") == "{a >> r, c}RRF"


def test_a_limit_at_the_place_of_use_replaces_the_outermost() -> None:
    assert written("best%7", best="a%100 >> r%20") == "a%100 >> r%7"
    assert written("best%7", best="{a%50, b}RRF%100") == "{a%50, b}RRF%7"


def test_a_view_fills_only_where_none_is_named() -> None:
    assert written("best@body", best="a >> r@title >> {x, y@z}m") == (
        "a@body >> r@title >> {x@body, y@z}m"
    )


def test_aliases_use_aliases_and_mergers_never_are_one() -> None:
    assert written("top", top="mid%3", mid="a >> r") == "a >> r%3"
    assert written("RRF{RRF}RRF", RRF="a") == "RRF{a}RRF"


@pytest.mark.parametrize(
    "aliases",
    [{"a": "a"}, {"a": "b", "b": "c >> a"}, {"a": "{x, b}m", "b": "e{a}m"}],
    ids=["itself", "two", "inside"],
)
def test_circles_are_found(aliases: dict[str, str]) -> None:
    with pytest.raises(PipelineError, match="circle: "):
        Aliases(aliases)


def test_clashes_and_mistakes_name_the_alias() -> None:
    with pytest.raises(PipelineError, match="names of services: bm25"):
        Aliases({"bm25": "x"}, taken={"bm25"})
    with pytest.raises(PipelineError, match="alias 'broken'"):
        Aliases({"broken": "a >>"})
    with pytest.raises(PipelineError, match=r"takes no \[x\]"):
        Aliases({"best": "a"}).expanded(parse("best[x]"), "best[x]")


def test_a_bomb_of_aliases_is_refused() -> None:
    texts = {"a0": "x"}
    texts |= {f"a{i}": f"{{a{i - 1}, a{i - 1}, a{i - 1}}}m" for i in range(1, 12)}
    with pytest.raises(PipelineError, match="more than 64"):
        Aliases(texts, limits=PipelineLimits())
