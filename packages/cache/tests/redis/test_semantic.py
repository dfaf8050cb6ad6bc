"""RedisSemanticCache: shared, kept in step, bounded, and a miss when Redis fails in any way."""

from __future__ import annotations

import asyncio
import os
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from racto.cache import RedisSemanticCache
from racto.cache.redis.connections import RedisOptions
from racto.cache.redis.keys import key
from racto.cache.semantic.scopes import named_scope, question_id
from racto.core.errors import (
    ConfigurationError,
    DimensionMismatchError,
    OverloadedError,
    RactoGatewayAuthError,
    RactoGatewayError,
    ServerError,
)
from racto.core.telemetry import RecordingMetrics
from racto.core.testing.contracts.requests import reply_of

from .redis_proxy import RedisProxy
from .redis_server import RedisServer

OPTIONS = RedisOptions(timeout=0.3, connect_timeout=5.0, cool_down=0.001)
SERVED = "server"
SCOPE = named_scope("")
Make = Callable[..., RedisSemanticCache]


class Calls:
    """Embeds "x y" as the direction (x, y, 1), and counts its calls."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def __call__(self, text: str) -> list[float]:
        self.asked.append(text)
        return [*map(float, text.split()[:2]), 1.0]


@pytest.fixture
def make(request: pytest.FixtureRequest, redis_url: str, prefix: str) -> Iterator[Make]:
    """Makes caches under one prefix, as several processes would."""
    made: list[RedisSemanticCache] = []
    used: dict[str, str] = {}

    def one(**settings: Any) -> RedisSemanticCache:
        search = settings.get("search", "local")
        # Started for those tests alone that need it.
        url = request.getfixturevalue("vector_redis_url") if search == "server" else redis_url
        used[search] = url
        given = {"url": url, "embed_fn": Calls(), "key_prefix": f"{prefix}:{os.getpid()}",
                 "similarity_threshold": 0.99, "options": OPTIONS, "search": "local"}  # fmt: skip
        made.append(RedisSemanticCache(**{**given, **settings}))
        return made[-1]

    yield one
    for cache in made:
        if cache._link.place.startswith(("redis://127.0.0.1", "redis://localhost")):
            cache.close()
    for search, url in list(used.items()):
        one(url=url, search=search).clear()
        made[-1].close()


def content(cache: RedisSemanticCache, query: str, **where: str) -> str | None:
    found = cache.get(query, **where)
    return None if found is None else found.content


def recovered(cache: RedisSemanticCache, query: str) -> str | None:
    """What is found as soon as the cool-down is over and old connections are gone."""
    end = time.monotonic() + 10
    found = None
    while found is None and time.monotonic() < end:
        time.sleep(2 * OPTIONS.cool_down)
        found = content(cache, query)
    return found


@pytest.mark.parametrize("search", ["local", SERVED])
class TestShared:
    """What one process remembers, another finds."""

    def test_similar_question_of_another_process(self, make: Make, search: str) -> None:
        one, two = make(search=search), make(search=search)
        assert content(two, "1 0") is None
        one.put("1 0", reply_of("right"))
        one.put("0 1", reply_of("up"))
        found = two.get("1 0.01")
        assert found is not None
        assert (found.content, found.cached) == ("right", True)
        assert content(two, "0.01 1") == "up"
        assert content(two, "5 -9") is None
        assert asyncio.run(two.aget("1.01 0")) is not None
        assert (two.stats.hits, two.stats.misses, two.stats.size) == (3, 2, 2)

    def test_same_question_needs_no_embedding(self, make: Make, search: str) -> None:
        calls = Calls()
        one, two = make(search=search), make(search=search, embed_fn=calls)
        one.put("1 0", reply_of())
        assert content(two, "1 0") is not None
        assert calls.asked == []

    def test_one_embedding_a_request(self, make: Make, search: str) -> None:
        calls = Calls()
        cache = make(search=search, embed_fn=calls)
        assert content(cache, "1 0") is None
        cache.put("1 0", reply_of())
        assert calls.asked == ["1 0"]

    def test_newer_reply_replaces(self, make: Make, search: str) -> None:
        one, two = make(search=search), make(search=search)
        one.put("1 0", reply_of("old"))
        assert content(two, "1 0.01") == "old"
        one.put("1 0", reply_of("new"))
        assert content(two, "1 0.01") == "new"
        assert two.stats.size == 1

    def test_entries_end_one_by_one(self, make: Make, search: str) -> None:
        one, two = make(search=search), make(search=search)
        one.put("1 0", reply_of("short"), ttl_seconds=0.02)
        one.put("1 0.1", reply_of("long"), ttl_seconds=600)
        for _ in range(500):
            if content(two, "1 0") == "long":
                break
        assert content(two, "1 0") == "long"

    def test_oldest_go_first(self, make: Make, search: str) -> None:
        metrics = RecordingMetrics()
        cache = make(search=search, max_size=3, metrics=metrics)
        for number in range(5):
            cache.put(f"{number * 10} -7", reply_of(str(number)))
        other = make(search=search)
        found = [content(other, f"{number * 10} -7.01") for number in range(5)]
        assert found == [None, None, "2", "3", "4"]

    def test_cleared_by_another_process(self, make: Make, search: str) -> None:
        one, two = make(search=search), make(search=search)
        one.put("1 0", reply_of())
        assert content(two, "1 0.01") is not None
        one.clear()
        assert content(two, "1 0.01") is None
        one.put("9 9 9", reply_of())
        assert content(two, "1 0.01") is None
        assert content(two, "9 9") is not None

    def test_other_dimension(self, make: Make, search: str) -> None:
        one = make(search=search)
        one.put("1 0", reply_of())
        other = make(search=search, embed_fn=lambda text: [1.0, 2.0], fail_open=False)
        with pytest.raises(DimensionMismatchError):
            other.put("1 2", reply_of())
        with pytest.raises(RactoGatewayError):
            other.get("3 4")
        lenient = make(search=search, embed_fn=lambda text: [1.0, 2.0])
        assert content(lenient, "3 4") is None
        assert lenient.errors == 1
        assert content(one, "1 0.01") is not None

    def test_hostile_names_stand_for_themselves(self, make: Make, search: str) -> None:
        names = ["*", "a:b", "{a}", "}{", "[a-z]", "\\", "Ärger", "\ud800", "\n", "n" * 5000]
        cache = make(search=search)
        for number, name in enumerate(names):
            cache.put("1 0", reply_of(str(number)), scope=name)
        assert [content(cache, "1 0.01", scope=name) for name in names] == [
            str(number) for number in range(len(names))
        ]

    def test_prefixes_share_nothing(self, make: Make, search: str, prefix: str) -> None:
        one = make(search=search, key_prefix=f"{prefix}*")
        two = make(search=search, key_prefix=f"{prefix}*2")
        two.put("1 0", reply_of("two"))
        assert content(one, "1 0") is None
        one.clear()
        assert content(two, "1 0.01") == "two"
        two.clear()

    def test_damaged_reply_is_a_miss(self, make: Make, search: str) -> None:
        cache = make(search=search)
        cache.put("1 0", reply_of())
        name = cache._reply_key(SCOPE, question_id("1 0"))
        cache._link.client().set(name, b"not ours")
        assert content(cache, "1 0") is None
        assert cache.errors > 0
        cache.put("1 0", reply_of("again"))
        assert content(cache, "1 0.01") == "again"

    def test_eight_threads_lose_nothing(self, make: Make, search: str) -> None:
        caches = [make(search=search), make(search=search)]
        missing: list[str] = []

        def work(thread: int) -> None:
            for number in range(4):
                caches[thread % 2].put(
                    f"{thread * 10} {number * 10}", reply_of(f"{thread} {number}")
                )
            for number in range(4):
                # What another process wrote is found by it, and by everybody.
                query = f"{thread * 10} {number * 10} again"
                found = content(caches[(thread + number) % 2], query)
                if found != f"{thread} {number}":
                    missing.append(query)

        threads = [threading.Thread(target=work, args=(number,)) for number in range(1, 9)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert missing == []
        assert caches[0].stats.size == 32


class TestMirror:
    """A mirror fetches what is new, and no more."""

    def test_fetches_only_what_is_new(self, make: Make, shared_redis: RedisServer) -> None:
        one, two = make(), make()
        for number in range(300):
            one.put(f"{number} 1", reply_of())
        assert content(two, "299 1.0001") is not None
        sent = shared_redis.tell("INFO", "stats")["total_net_output_bytes"]
        for _ in range(10):
            assert content(two, "299 1.0001") is not None
        grown = shared_redis.tell("INFO", "stats")["total_net_output_bytes"] - sent
        # Ten replies and some answers of a few bytes; the vectors alone would be 36 kB.
        assert grown < 25_000
        one.put("0 -9", reply_of("new"))
        assert content(two, "0 -9.1") == "new"

    def test_foreign_vectors_are_passed_over(self, make: Make) -> None:
        cache = make()
        cache.put("1 0", reply_of("right"))
        state, order, _, vectors = cache._home.keys(SCOPE)  # type: ignore[union-attr]
        client = cache._link.client()
        for number, value in enumerate(
            [b"", b"abc", b"\x00\x00\xc0\x7f" * 3, b"\x00" * 12, b"x" * 8]
        ):
            client.hset(vectors, f"bad{number}", value)
            client.zadd(order, {f"bad{number}": client.hincrby(state, "n", 1)})
        assert content(cache, "1 0.01") == "right"
        assert cache.errors == 5
        assert content(cache, "1 0.01") == "right"
        assert cache.errors == 5

    def test_foreign_keys_are_misses(self, make: Make) -> None:
        cache = make()
        client = cache._link.client()
        for name in cache._home.keys(SCOPE):  # type: ignore[union-attr]
            client.set(name, "foreign")
        cache.put("1 0", reply_of())
        name = cache._reply_key(SCOPE, question_id("1 0"))
        client.delete(name)
        client.lpush(name, "foreign")
        assert content(cache, "1 0") is None
        assert content(cache, "2 0") is None
        assert cache.errors >= 3

    def test_mirror_is_bounded(self, make: Make) -> None:
        one, two = make(), make(max_mirrored=10)
        for number in range(30):
            one.put(f"{number * 10} -7", reply_of())
        assert content(two, "290 -7.01") is not None
        assert len(two._home._shelf) == 10  # type: ignore[union-attr]

    def test_keys_end_when_all_their_questions_do(self, make: Make) -> None:
        cache = make(ttl_seconds=60)
        cache.put("1 0", reply_of())
        keys = cache._home.keys(SCOPE)  # type: ignore[union-attr]
        client = cache._link.client()
        assert all(55_000 < client.pttl(name) <= 61_000 for name in keys)
        cache.put("2 0", reply_of(), ttl_seconds=600)
        cache.put("3 0", reply_of(), ttl_seconds=1)
        assert all(595_000 < client.pttl(name) <= 601_000 for name in keys)
        cache._ttl = None
        cache.put("4 0", reply_of())
        cache.put("5 0", reply_of(), ttl_seconds=1)
        assert client.pttl(keys[0]) == client.pttl(keys[3]) == -1

    def test_keys_of_a_scope_lie_in_one_slot(self) -> None:
        from redis.crc import key_slot

        slots = {key_slot(key("p", kind, "s}{cope")) for kind in ("state", "order", "ends", "set")}
        assert len(slots) == 1

    def test_search_is_chosen_by_what_the_server_can(self, make: Make) -> None:
        cache = make(search="auto")
        cache.put("1 0", reply_of())
        assert cache._home is not None
        assert cache._home.kind == b"hash"

    def test_large_reply_and_long_times(self, make: Make) -> None:
        cache = make()
        cache.put("1 0", reply_of("x" * 10_000_000), ttl_seconds=float("inf"))
        assert len(content(cache, "1 0.01") or "") == 10_000_000


class TestFaults:
    """A Redis that fails is a miss that is counted; no request waits or fails for it."""

    @pytest.fixture
    def own(self, redis_server: RedisServer, make: Make) -> RedisSemanticCache:
        cache = make(url=redis_server.url)
        cache.put("1 0", reply_of())
        return cache

    def misses(self, cache: RedisSemanticCache) -> None:
        before = cache.errors
        assert content(cache, "1 0") is None
        assert asyncio.run(cache.aget("1 0.01")) is None
        assert cache.errors > before

    def test_stopped_and_restarted(
        self, own: RedisSemanticCache, redis_server: RedisServer
    ) -> None:
        redis_server.kill()
        self.misses(own)
        own.put("2 0", reply_of())
        assert own.stats.size == 0
        redis_server.start()
        time.sleep(2 * OPTIONS.cool_down)
        assert content(own, "1 0.01") is None
        own.put("1 0", reply_of("again"))
        assert recovered(own, "1 0.01") == "again"

    def test_stalled(self, own: RedisSemanticCache, redis_server: RedisServer) -> None:
        redis_server.stall()
        try:
            self.misses(own)
        finally:
            redis_server.resume()
        assert recovered(own, "1 0.01") is not None

    def test_out_of_memory(self, own: RedisSemanticCache, redis_server: RedisServer) -> None:
        redis_server.fill()
        own.put("5 5", reply_of())
        assert own.errors > 0
        assert content(own, "1 0.01") is not None
        redis_server.empty()
        own.put("5 5", reply_of())
        assert content(own, "5 5.01") is not None

    def test_read_only_replica(self, own: RedisSemanticCache, redis_server: RedisServer) -> None:
        redis_server.make_replica()
        own.put("5 5", reply_of())
        assert own.errors > 0
        assert content(own, "1 0.01") is not None

    def test_errors_are_raised_on_request(self, redis_server: RedisServer, make: Make) -> None:
        strict = make(url=redis_server.url, fail_open=False)
        strict.put("1 0", reply_of())
        redis_server.fill()
        with pytest.raises(OverloadedError):
            strict.put("5 5", reply_of())
        redis_server.empty()
        redis_server.make_replica()
        with pytest.raises(ServerError):
            strict.put("5 5", reply_of())

    def test_wrong_password(self, redis_server: RedisServer, make: Make) -> None:
        redis_server.lock("right-secret")
        cache = make(url=redis_server.url.replace("://", "://:wrong-secret@"))
        with pytest.raises(RactoGatewayAuthError) as caught:
            cache.get("1 0")
        assert "secret" not in str(caught.value)

    def test_cut_in_the_middle_of_a_reply(self, redis_server: RedisServer, make: Make) -> None:
        with RedisProxy(redis_server.port) as proxy:
            cache = make(url=proxy.url)
            cache.put("1 0", reply_of("whole"))
            proxy.cut_replies(9)
            assert content(cache, "1 0") is None
            assert content(cache, "1 0.01") is None
            proxy.cut_replies(None)
            assert recovered(cache, "1 0.01") == "whole"

    def test_clear_that_fails_says_so(
        self, own: RedisSemanticCache, redis_server: RedisServer
    ) -> None:
        redis_server.kill()
        with pytest.raises(RactoGatewayError):
            own.clear()


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"search": "magic"}, "search"),
        ({"max_size": -1}, "max_size"),
        ({"key_prefix": ""}, "key_prefix"),
        ({"similarity_threshold": 2}, "similarity_threshold"),
        ({"ttl_seconds": 0}, "ttl_seconds"),
        ({"url": "http://x"}, "redis://"),
    ],
)
def test_bad_settings(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        RedisSemanticCache(**{"embed_fn": Calls(), **settings})


def test_replies_that_had_to_go_leave_the_server(make: Make) -> None:
    cache = make(max_size=3)
    for number in range(9):
        cache.put(f"{number} {number * number}", reply_of(str(number)))
    assert cache.stats.size == 3
    assert content(cache, "0 0") is None
    assert content(cache, "8 64") == "8"
