"""SemanticCache: scopes, one embedding a request, bad vectors, threads, and the reference's faults."""

from __future__ import annotations

import asyncio
import logging
import math
import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from racto.cache import SemanticCache
from racto.core.errors import (
    ConfigurationError,
    DimensionMismatchError,
    EmbeddingError,
    InvalidEmbeddingError,
    PluginNotFoundError,
)
from racto.core.protocols.embedders import Embedder
from racto.core.telemetry import RecordingMetrics
from racto.core.testing import HashEmbedder
from racto.core.testing.contracts.requests import INCOMPLETE, reply_of, request_of, tool_reply

VECTORS = {
    "east": [1.0, 0.0, 0.0],
    "nearly east": [0.99, 0.1, 0.0],
    "north": [0.0, 1.0, 0.0],
    "nowhere": [0.0, 0.0, 0.0],
    "broken": [math.nan, 1.0, 0.0],
    "endless": [math.inf, 1.0, 0.0],
    "longer": [1.0, 0.0, 0.0, 0.0],
}


class Calls:
    """An embedding function that counts its calls."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def __call__(self, text: str) -> list[float]:
        self.asked.append(text)
        return VECTORS[text]


class Batches:
    """An embedder without the power to embed questions apart."""

    dimension = 3

    def embed(self, texts: Any) -> list[list[float]]:
        return [VECTORS[text] for text in texts]

    async def aembed(self, texts: Any) -> list[list[float]]:
        return self.embed(texts)


class TooMany(Batches):
    """One that returns a vector too many."""

    def embed(self, texts: Any) -> list[list[float]]:
        return [[1.0, 0.0, 0.0]] * 2


def cache_of(embed_fn: Any = None, **settings: Any) -> SemanticCache:
    return SemanticCache(embed_fn or Calls(), **{"similarity_threshold": 0.9, **settings})


class TestTheReference:
    """``get`` and ``put`` as the reference has them, and its faults mended."""

    def test_near_question_is_answered(self) -> None:
        cache = cache_of()
        cache.put("east", reply_of("right"))
        found = cache.get("nearly east")
        assert found is not None
        assert (found.content, found.cached) == ("right", True)
        assert cache.get("north") is None
        assert (cache.stats.hits, cache.stats.misses, len(cache)) == (1, 1, 1)

    def test_defaults(self) -> None:
        cache = SemanticCache(lambda text: [1.0, len(text) / 1e3])
        for number in range(600):
            cache.put("x" * (number + 1), reply_of())
        assert len(cache) == 512

    @pytest.mark.parametrize("field", ["system", "model", "provider", "scope"])
    def test_b12_key_covers_more_than_the_question(self, field: str) -> None:
        """B12: the reference ignores system text, model and temperature."""
        cache = cache_of()
        request = request_of(user_message="east")
        cache.remember(request, reply_of())
        changes: dict[str, Any] = {field: "another"}
        assert cache.nearest(replace(request, **changes)) is None
        assert cache.nearest(request_of(user_message="east", temperature=0.5)) is None
        assert cache.nearest(request_of(user_message="nearly east")) is not None

    def test_b12_named_scopes(self) -> None:
        cache = cache_of()
        cache.put("east", reply_of("one"), scope="tenant-1")
        assert cache.get("east") is None
        assert cache.get("east", scope="tenant-2") is None
        assert cache.get("east", scope="tenant-1") is not None
        # Whatever a caller names a scope, no request is in it.
        assert cache.nearest(request_of(user_message="east")) is None

    def test_b13_one_embedding_a_request(self) -> None:
        """B13: the reference embeds on a miss, and again to store."""
        calls = Calls()
        cache = cache_of(calls)
        request = request_of(user_message="east")
        assert cache.nearest(request) is None
        cache.remember(request, reply_of())
        assert calls.asked == ["east"]
        assert cache.nearest(request) is not None
        assert calls.asked == ["east"]
        assert cache.nearest(request_of(user_message="nearly east")) is not None
        assert calls.asked == ["east", "nearly east"]

    def test_b13_searches_outside_of_the_lock(self) -> None:
        """B13: while one embeds, another is answered."""
        inside, go_on = threading.Event(), threading.Event()

        def embed(text: str) -> list[float]:
            if text == "north":
                inside.set()
                assert go_on.wait(10)
            return VECTORS[text]

        cache = cache_of(embed)
        cache.put("east", reply_of())
        slow = threading.Thread(target=cache.get, args=("north",))
        slow.start()
        assert inside.wait(10)
        assert cache.get("nearly east") is not None
        go_on.set()
        slow.join()

    def test_b13_replies_are_copies(self) -> None:
        """B13: a caller's edit of the reference's reply spoils the entry."""
        cache = cache_of()
        cache.put("east", reply_of("clean", parsed={"n": [1]}))
        first = cache.get("east")
        assert first is not None
        first.content, first.parsed = "spoilt", None
        second = cache.get("nearly east")
        assert second is not None
        assert (second.content, second.parsed) == ("clean", {"n": [1]})

    def test_unfit_replies_are_not_put(self) -> None:
        calls = Calls()
        cache = cache_of(calls)
        for reply in [tool_reply(), *(reply_of(finish_reason=reason) for reason in INCOMPLETE)]:
            cache.put("east", reply)
        assert (len(cache), calls.asked) == (0, [])


class TestEmbedders:
    """Functions and embedders, sync and async."""

    @pytest.mark.parametrize("make", [Calls, Batches])
    def test_both_voices(self, make: Callable[[], Any]) -> None:
        cache = cache_of(make())
        cache.put("east", reply_of())
        assert asyncio.run(cache.aget("nearly east")) is not None
        asyncio.run(cache.aput("north", reply_of("up")))
        found = cache.get("north")
        assert found is not None
        assert found.content == "up"

    def test_async_function(self) -> None:
        async def embed(text: str) -> list[float]:
            await asyncio.sleep(0)
            return VECTORS[text]

        cache = cache_of(embed)
        cache.put("east", reply_of())
        assert cache.get("nearly east") is not None
        assert asyncio.run(cache.aget("nearly east")) is not None

    def test_callable_that_returns_an_awaitable(self) -> None:
        async def later(text: str) -> list[float]:
            return VECTORS[text]

        cache = cache_of(lambda text: later(text))
        cache.put("east", reply_of())
        assert cache.get("nearly east") is not None
        assert asyncio.run(cache.aget("nearly east")) is not None

    def test_protocols(self) -> None:
        assert isinstance(Batches(), Embedder)
        assert isinstance(HashEmbedder(), Embedder)

    def test_installed_plug_in_is_the_default(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def create(group: str, name: str) -> HashEmbedder:
            assert (group, name) == ("racto.embedders", "local")
            return HashEmbedder(8)

        monkeypatch.setattr("racto.core.discovery.create", create)
        SemanticCache().put("east", reply_of())

    def test_missing_plug_in_says_what_to_install(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("racto.core.discovery._entries", lambda group: ())
        with pytest.raises(PluginNotFoundError, match="racto-providers"):
            SemanticCache()

    def test_vectors_are_not_shared_with_the_embedder(self) -> None:
        array = np.array([1.0, 0.0], dtype=np.float32)
        cache = cache_of(lambda text: array)
        request = request_of(user_message="a")
        assert cache.nearest(request) is None
        array[:] = [0.0, 1.0]
        cache.remember(request, reply_of())
        # What was embedded by the miss is stored, not what the array holds by now.
        assert cache.nearest(request_of(user_message="b")) is None

    def test_failed_requests_leave_a_bounded_number_of_vectors(self) -> None:
        cache = cache_of(lambda text: [1.0, 0.0])
        for number in range(1000):
            assert cache.get(f"question {number}") is None
        assert len(cache._vectors) == 256


class TestBadVectors:
    """What an embedder may get wrong: a miss that is counted, never an entry."""

    @pytest.mark.parametrize(
        ("text", "kind"),
        [
            ("nowhere", InvalidEmbeddingError),
            ("broken", InvalidEmbeddingError),
            ("endless", InvalidEmbeddingError),
            ("longer", DimensionMismatchError),
            ("unknown", KeyError),
        ],
    )
    def test_bad_vector(self, text: str, kind: type[Exception]) -> None:
        metrics = RecordingMetrics()
        cache = cache_of(metrics=metrics)
        cache.put("east", reply_of())
        cache.put(text, reply_of())
        assert cache.get(text) is None
        assert asyncio.run(cache.aget(text)) is None
        assert (len(cache), cache.errors, cache.stats.misses) == (1, 3, 2)
        assert cache.get("nearly east") is not None
        strict = cache_of(fail_open=False)
        strict.put("east", reply_of())
        with pytest.raises(kind):
            strict.put(text, reply_of())
        with pytest.raises(kind):
            strict.get(text)

    @pytest.mark.parametrize(
        "embedder",
        [TooMany(), lambda text: "no vector", lambda text: None, lambda text: [[1.0]], lambda _: 1],
    )
    def test_no_vector(self, embedder: Any) -> None:
        with pytest.raises(EmbeddingError, match="the embedder returned"):
            cache_of(embedder, fail_open=False).get("east")

    def test_extreme_lengths_are_directions_too(self) -> None:
        scale = {"short": 1e-25, "long": 1e25, "unit": 1.0}
        cache = cache_of(lambda text: [scale[text], scale[text]])
        cache.put("short", reply_of())
        assert cache.get("long") is not None
        assert cache.get("unit") is not None

    def test_log_once_a_minute_without_secrets(self, caplog: pytest.LogCaptureFixture) -> None:
        def embed(text: str) -> list[float]:
            raise RuntimeError("refused: sk-abcdefghijklmnopqrstuvwxyz123456")

        cache = cache_of(embed)
        with caplog.at_level(logging.WARNING, "racto.cache"):
            for number in range(5):
                assert cache.get(f"{number}") is None
        assert len(caplog.records) == 1
        assert "RuntimeError" in caplog.text
        assert "abcdefghijklmnop" not in caplog.text
        assert cache.errors == 5

    def test_dimension_may_change_after_clear(self) -> None:
        cache = cache_of(fail_open=False)
        cache.put("east", reply_of())
        cache.clear()
        cache.put("longer", reply_of())
        assert cache.get("longer") is not None


class TestQuestions:
    """Questions that cannot be compared by meaning are misses, and cost no embedding."""

    @pytest.mark.parametrize("query", ["", "x" * 100_001])
    def test_unaskable(self, query: str) -> None:
        calls = Calls()
        cache = cache_of(calls)
        cache.put(query, reply_of())
        assert cache.get(query) is None
        assert asyncio.run(cache.aget(query)) is None
        assert (len(cache), calls.asked, cache.stats.misses) == (0, [], 2)

    def test_request_without_a_lasting_key(self) -> None:
        cache = cache_of()
        request = request_of(user_message="east", tool_context=(object(),))
        cache.remember(request, reply_of())
        assert cache.nearest(request) is None
        assert asyncio.run(cache.anearest(request)) is None
        assert len(cache) == 0

    def test_lone_surrogates(self) -> None:
        cache = cache_of(lambda text: [1.0, 0.0])
        cache.put("\ud800", reply_of(), scope="\ud800")
        assert cache.get("\ud800", scope="\ud800") is not None


class TestSettings:
    """Numbers out of range are refused, with their names."""

    @pytest.mark.parametrize(
        ("settings", "name"),
        [
            ({"similarity_threshold": 1.5}, "similarity_threshold"),
            ({"similarity_threshold": math.nan}, "similarity_threshold"),
            ({"max_size": -1}, "max_size"),
            ({"max_bytes": 0}, "max_bytes"),
            ({"ttl_seconds": 0}, "ttl_seconds"),
            ({"ttl_seconds": math.nan}, "ttl_seconds"),
            ({"index": "tree"}, "index"),
            ({"embed_fn": 7}, "embed_fn"),
        ],
    )
    def test_refused(self, settings: dict[str, Any], name: str) -> None:
        with pytest.raises(ConfigurationError, match=name):
            SemanticCache(**{"embed_fn": Calls(), **settings})

    def test_bad_ttl_of_one_entry(self) -> None:
        with pytest.raises(ConfigurationError, match="ttl_seconds"):
            cache_of().put("east", reply_of(), ttl_seconds=-1)


class TestThreads:
    """Eight threads at once lose nothing."""

    def test_each_finds_its_own(self) -> None:
        rows = np.eye(64, dtype=np.float32)
        cache = cache_of(lambda text: rows[int(text.split()[-1])], max_size=0)
        failures: list[str] = []

        def work(thread: int) -> None:
            for number in range(thread * 8, thread * 8 + 8):
                cache.put(f"put {number}", reply_of(str(number)))
            for _ in range(20):
                for number in range(thread * 8, thread * 8 + 8):
                    found = cache.get(f"ask {number}")
                    if found is None or found.content != str(number):
                        failures.append(f"{number}: {found}")

        threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert failures == []
        assert (len(cache), cache.stats.hits) == (64, 8 * 8 * 20)

    def test_evictions_never_mix_replies_up(self) -> None:
        """Rows are reused while others search: a found reply always belongs to its question."""
        rows = np.eye(32, dtype=np.float32)
        cache = cache_of(lambda text: rows[int(text.split()[-1])], max_size=8)
        wrong: list[str] = []

        def work(thread: int) -> None:
            for turn in range(150):
                number = (thread * 7 + turn * 5) % 32
                cache.put(f"put {number}", reply_of(str(number)))
                found = cache.get(f"ask {number}")
                if found is not None and found.content != str(number):
                    wrong.append(f"{number}: {found.content}")

        threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert wrong == []
        assert len(cache) == 8

    def test_large_searches_leave_the_loop_free(self) -> None:
        rng = np.random.default_rng(0)
        rows = rng.standard_normal((4100, 128)).astype(np.float32)
        cache = cache_of(lambda text: rows[int(text)], max_size=0)
        for number in range(4100):
            cache.put(str(number), reply_of(str(number)))
        where: list[str] = []
        search = cache._shelf.nearest

        def watched(*given: Any) -> Any:
            where.append(threading.current_thread().name)
            return search(*given)

        cache._shelf.nearest = watched  # type: ignore[method-assign, assignment]
        rows = np.concatenate([rows, rows[:1] * 2])
        found = asyncio.run(cache.aget("4100"))
        assert found is not None
        assert found.content == "0"
        assert where != []
        assert where != [threading.main_thread().name]
