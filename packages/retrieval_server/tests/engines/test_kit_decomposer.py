"""KitDecomposer: what a kit writes, cleaned and limited, and never nothing."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given, strategies as st

from racto.core.chat import ChatConfig
from racto.core.errors import InvalidResponseError
from racto.core.testing import EngineContract, ScriptedKit
from racto.retrieval.server.engines import KitDecomposer


def halves(config: ChatConfig) -> str:
    """A kit that splits a query's words in two."""
    (query,) = re.findall(r"<query>\n(.*?)\n</query>", config.user_message, re.DOTALL)
    words = query.split()
    return json.dumps({"queries": [" ".join(words[:2]), " ".join(words[2:]), query]})


class TestKitDecomposer(EngineContract):
    @pytest.fixture
    def engine(self) -> KitDecomposer:
        return KitDecomposer("split", kit=ScriptedKit(halves))


def engine(*replies: Any, **options: Any) -> KitDecomposer:
    """A decomposer over a script; replies that are no texts are sent as JSON."""
    script = [each if isinstance(each, str) else json.dumps(each) for each in replies]
    return KitDecomposer("split", kit=ScriptedKit(script), **options)


async def test_replies_are_cleaned_and_limited() -> None:
    said = {"queries": [" green  tea ", "Green tea", "", 3, "x" * 401, "black\ntea", "oolong"]}
    assert await engine(said).decompose_query_batch(["tea"], 2) == [["green tea", "black tea"]]
    (found,) = await engine(said, max_queries=1).decompose_query_batch(["tea"], 10)
    assert found == ["green tea"]


async def test_a_query_that_is_not_split_stays() -> None:
    assert await engine({"queries": []}).decompose_query_batch(["tea"]) == [["tea"]]
    assert await engine().decompose_query_batch([" "]) == [[" "]]


async def test_the_original_may_be_the_first() -> None:
    split = engine({"queries": ["TEA  and cake", "cake"]}, include_original=True)
    assert await split.decompose_query_batch(["tea and cake"], [3]) == [["tea and cake", "cake"]]
    # One place is its own: no call is made, and the script is not asked.
    assert await split.decompose_query_batch(["tea and cake"], 1) == [["tea and cake"]]


@pytest.mark.parametrize("reply", ["no list", '{"queries": "tea"}', '{"other": []}', "7"])
async def test_a_reply_without_a_list_is_an_error(reply: str) -> None:
    with pytest.raises(InvalidResponseError, match="a list of queries"):
        await engine(reply).decompose_query_batch(["tea"])


async def test_each_query_has_its_own_limit() -> None:
    kit = ScriptedKit(halves)
    split = KitDecomposer("split", kit=kit)
    found = await split.decompose_query_batch(["a b c d", "e f g h"], [1, 3])
    assert found == [["a b"], ["e f", "g h", "e f g h"]]
    assert [config.user_message.split("\n")[0] for config in kit.requests] == [
        "At most 1 queries.",
        "At most 3 queries.",
    ]


@given(
    st.text(min_size=1, max_size=20), st.lists(st.text(max_size=8), max_size=5), st.integers(1, 4)
)
async def test_there_is_always_something_to_search_for(
    query: str, said: list[str], most: int
) -> None:
    split = engine({"queries": said})
    (found,) = await split.decompose_query_batch([query], most)
    assert 1 <= len(found) <= most
    assert all(isinstance(text, str) and text for text in found)
