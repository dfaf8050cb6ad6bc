"""Batches keep their order, ask once for equal texts, and stay within their width."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from typing import Any

import pytest

from racto.core.errors import ConfigurationError, RateLimitError, ResponseModelValidationError
from racto.core.responses import LLMResponse
from racto.core.testing import DictMemory, ScriptedKit
from racto.pipelines.list_classifier import ListClassifierPipeline

OPTIONS = ["A", "B", "C"]


def echoing(config: Any) -> str:
    return json.dumps({"selected": config.user_message.split()[0]})


class Counting:
    """Answers slowly, and counts how many ask at once."""

    def __init__(self) -> None:
        self.now = self.most = 0
        self.lock = threading.Lock()

    def enter(self, step: int) -> None:
        with self.lock:
            self.now += step
            self.most = max(self.most, self.now)

    def chat(self, config: Any) -> LLMResponse:
        self.enter(1)
        time.sleep(0.005)
        self.enter(-1)
        return LLMResponse(content=echoing(config))

    async def achat(self, config: Any) -> LLMResponse:
        self.enter(1)
        await asyncio.sleep(0.005)
        self.enter(-1)
        return LLMResponse(content=echoing(config))


TEXTS = [f"{OPTIONS[number % 3]} {number}" for number in range(40)]
WANTED = [OPTIONS[number % 3] for number in range(40)]


@pytest.mark.parametrize(("width", "most"), [(None, 1), (1, 1), (4, 4), (100, 40)])
def test_threads(width: int | None, most: int) -> None:
    kit = Counting()
    one = ListClassifierPipeline(kit, options=OPTIONS)
    results = one.batch_run(TEXTS, max_concurrency=width)
    assert [result.first for result in results] == WANTED
    assert [result.user_query for result in results] == TEXTS
    assert kit.most <= most
    assert (kit.most > 1) == (most > 1)


@pytest.mark.parametrize(("width", "most"), [(None, 40), (1, 1), (4, 4)])
def test_tasks(width: int | None, most: int) -> None:
    kit = Counting()
    one = ListClassifierPipeline(kit, options=OPTIONS)
    results = asyncio.run(one.abatch_run(TEXTS, max_concurrency=width, output_format="string"))
    assert results == WANTED
    assert kit.most == most


@pytest.mark.parametrize("width", [None, 3])
def test_equal_texts_are_asked_once(width: int | None) -> None:
    kit = ScriptedKit(echoing)
    one = ListClassifierPipeline(kit, options=OPTIONS)
    told: list[tuple[int, int]] = []
    results = one.batch_run(
        ["A x", "B x", "A x", "A x"],
        max_concurrency=width,
        progress=lambda *how_far: told.append(how_far),
    )
    assert [result.first for result in results] == ["A", "B", "A", "A"]
    assert [result.deduplicated for result in results] == [False, False, True, True]
    assert [result.usage.total_tokens > 0 for result in results] == [True, True, False, False]
    assert len(kit.requests) == 2
    assert told[-1] == (4, 4)
    results[2].selected.append("changed")
    assert results[0].selected == results[3].selected == ["A"]


def test_equal_texts_are_asked_again_when_they_are_to_be() -> None:
    kit = ScriptedKit(echoing)
    one = ListClassifierPipeline(kit, options=OPTIONS, memory=DictMemory())
    one.batch_run(["A", "A"], deduplicate=False)
    one.batch_run(["A", "A"], session_id="s")
    assert len(kit.requests) == 4


@pytest.mark.parametrize("way", ["in turn", "threads", "tasks"])
def test_an_error_ends_a_batch_but_in_safe_mode(way: str) -> None:
    def answer(config: Any) -> Any:
        return RateLimitError("slow down") if config.user_message == "B" else echoing(config)

    def run(*, safe: bool) -> list[Any]:
        one = ListClassifierPipeline(ScriptedKit(answer), options=OPTIONS, safe_mode=safe)
        if way == "tasks":
            return asyncio.run(one.abatch_run(["A", "B", "C"], max_concurrency=1))
        return one.batch_run(["A", "B", "C"], max_concurrency=2 if way == "threads" else None)

    with pytest.raises(RateLimitError):
        run(safe=False)
    results = run(safe=True)
    assert [result.first for result in results] == ["A", None, "C"]
    assert results[1].error == "RateLimitError: slow down"


def test_an_error_stops_the_other_tasks() -> None:
    class Failing(Counting):
        async def achat(self, config: Any) -> LLMResponse:
            if config.user_message == TEXTS[5]:
                raise RateLimitError("slow down")
            return await super().achat(config)

    async def asked() -> None:
        with pytest.raises(RateLimitError):
            await ListClassifierPipeline(Failing(), options=OPTIONS).abatch_run(
                TEXTS, max_concurrency=3
            )
        assert len(asyncio.all_tasks()) == 1

    asyncio.run(asked())


def test_what_is_no_batch() -> None:
    one = ListClassifierPipeline(ScriptedKit(echoing), options=OPTIONS, max_retries=0)
    assert one.batch_run([]) == []
    assert asyncio.run(one.abatch_run([])) == []
    with pytest.raises(ConfigurationError, match="queries is one text"):
        one.batch_run("A")
    with pytest.raises(ConfigurationError, match="max_concurrency"):
        one.batch_run(["A"], max_concurrency=0)
    with pytest.raises(ResponseModelValidationError):
        one.batch_run(["A", "Z"])
