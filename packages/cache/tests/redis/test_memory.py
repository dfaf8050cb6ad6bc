"""The memory on Redis: shared, renewed, and loud where the server fails."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from racto.cache import ChatMemoryConfig, RedisChatMemory
from racto.cache.redis import RedisOptions
from racto.core.errors import (
    APIConnectionError,
    BadRequestError,
    InvalidResponseError,
    OverloadedError,
    RactoGatewayAuthError,
    RactoGatewayError,
    RactoGatewayTimeoutError,
)
from racto.core.messages import Message

if TYPE_CHECKING:
    from .redis_server import RedisServer

PATIENT = RedisOptions(timeout=10.0, connect_timeout=10.0)


def memory_of(
    url: str, prefix: str, options: RedisOptions = PATIENT, **fields: object
) -> RedisChatMemory:
    config = ChatMemoryConfig.model_validate({"key_prefix": prefix, **fields})
    return RedisChatMemory(url=url, config=config, options=options)


def test_a_pair_is_added_whole_among_many_writers(redis_url: str, prefix: str) -> None:
    memory = memory_of(redis_url, prefix, max_turns=200)

    def say(number: int) -> None:
        pair = [Message.user(f"{number}"), Message.assistant(f"{number}")]
        memory.extend("c", pair)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(say, range(80)))
    found = [turn.text for turn in memory.messages("c")]
    assert found[::2] == found[1::2]
    assert sorted(map(int, found[::2])) == list(range(80))
    memory.close()


def test_fractions_of_seconds_to_live_begin_anew(shared_redis: RedisServer, prefix: str) -> None:
    memory = memory_of(shared_redis.url, prefix, ttl_seconds=2.5)
    name = f"{prefix}:history:{{c}}"
    memory.append("c", "user", "1")
    with shared_redis.admin() as admin:
        assert 0 < admin.pttl(name) <= 2_500
        admin.pexpire(name, 60_000)
        memory.append("c", "user", "2")
        assert 0 < admin.pttl(name) <= 2_500
        admin.pexpire(name, 1)
        time.sleep(0.01)
    assert memory.messages("c") == []
    memory.close()


def test_hostile_ids_stand_for_themselves(redis_url: str, prefix: str) -> None:
    memory = memory_of(redis_url, prefix)
    names = ["*", "c", "c:*", "a}b{c", "{}", "", "ünï\n", "\ud800", "x" * 10_000, "x" * 10_001]
    for number, name in enumerate(names):
        memory.append(name, "user", str(number))
    memory.clear("*")
    found = [[turn.text for turn in memory.messages(name)] for name in names]
    assert found == [[], *([str(number)] for number in range(1, len(names)))]
    memory.close()


def test_a_large_message_comes_back(redis_url: str, prefix: str) -> None:
    memory = memory_of(redis_url, prefix)
    memory.append("c", "user", "ü" * 5_000_000)
    assert memory.messages("c")[0].text == "ü" * 5_000_000
    memory.clear("c")
    memory.close()


def test_damaged_and_foreign_records_are_told(shared_redis: RedisServer, prefix: str) -> None:
    memory = memory_of(shared_redis.url, prefix)
    name = f"{prefix}:history:{{c}}"
    memory.append("c", "user", "mine")
    with shared_redis.admin() as admin:
        admin.rpush(name, b"\xffgarbage", b'9 ab {"r": ["x"]}\n{}')
        with pytest.raises(InvalidResponseError, match="record 1 of the conversation 'c' in redis"):
            memory.messages("c")
        memory.append("c", "user", "more")
        assert memory.count("c") == 4
        memory.clear("c")
        admin.set(name, "a string")
    for call in (memory.messages, memory.count, lambda c: memory.append(c, "user", "x")):
        with pytest.raises(BadRequestError, match="WRONGTYPE"):
            call("c")
    memory.clear("c")
    assert memory.messages("c") == []
    memory.close()


def test_an_outage_is_never_an_empty_history(redis_server: RedisServer) -> None:
    memory = memory_of(redis_server.url, "p")
    memory.append("c", "user", "1")
    redis_server.kill()
    for call in (memory.messages, memory.get_history, memory.count, memory.clear):
        with pytest.raises(APIConnectionError, match="is the server running"):
            call("c")
    with pytest.raises(APIConnectionError):
        asyncio.run(memory.aappend("c", "user", "2"))
    redis_server.start()
    memory.append("c", "user", "3")
    assert [turn.text for turn in memory.messages("c")] == ["3"]
    memory.close()


def test_every_way_to_fail_has_its_error(redis_server: RedisServer) -> None:
    memory = memory_of(redis_server.url, "p")
    memory.append("c", "user", "1")
    redis_server.fill()
    with pytest.raises(OverloadedError, match="maxmemory"):
        memory.append("c", "user", "2")
    redis_server.empty()
    redis_server.make_replica()
    with pytest.raises(RactoGatewayError, match="replica"):
        memory.append("c", "user", "2")
    redis_server.make_primary()
    redis_server.tell("SCRIPT", "FLUSH")
    memory.append("c", "user", "2")
    assert [turn.text for turn in memory.messages("c")] == ["1", "2"]
    memory.close()
    hurried = memory_of(redis_server.url, "p", RedisOptions(timeout=0.2))
    redis_server.stall()
    with pytest.raises(RactoGatewayTimeoutError):
        hurried.messages("c")
    redis_server.resume()
    hurried.close()


def test_a_wrong_password_is_not_printed(make_redis: Callable[..., RedisServer]) -> None:
    server = make_redis("--requirepass", "correct-horse")
    memory = memory_of(server.url.replace("://", "://:battery-staple@"), "p")
    with pytest.raises(RactoGatewayAuthError) as caught:
        memory.append("c", "user", "1")
    assert "battery-staple" not in str(caught.value)
    memory.close()


def test_one_pool_serves_all_calls(redis_server: RedisServer) -> None:
    memory = memory_of(redis_server.url, "p")
    for number in range(50):
        memory.append("c", "user", str(number))
        memory.messages("c")
    assert redis_server.connections() <= 3
    memory.close()


def test_adding_takes_one_round_trip(redis_server: RedisServer) -> None:
    memory = memory_of(redis_server.url, "p", ttl_seconds=60)
    memory.append("c", "user", "1")
    redis_server.tell("CONFIG", "RESETSTAT")
    memory.extend("c", [Message.user("2"), Message.assistant("3")])
    sent = redis_server.tell("INFO", "commandstats")
    assert sent["cmdstat_evalsha"]["calls"] == 1
    assert "cmdstat_eval" not in sent
    memory.close()
