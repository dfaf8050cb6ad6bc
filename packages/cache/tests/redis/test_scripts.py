"""Scripts are sent by their digest, and loaded where the server does not know them."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from racto.cache.redis import RedisOptions
from racto.cache.redis.connections import RedisLink
from racto.cache.redis.scripts import Script
from racto.core.errors import BadRequestError

if TYPE_CHECKING:
    from .redis_server import RedisServer

# The laws are about answers, not about how busy the machine is.
PATIENT = RedisOptions(timeout=30.0, connect_timeout=30.0, pool_timeout=30.0)

ECHO = Script("return {KEYS[1], ARGV[1], ARGV[2]}")


def test_a_server_that_forgot_the_script_is_told_again(redis_server: RedisServer) -> None:
    link = RedisLink(redis_server.url, options=PATIENT)
    for _ in range(2):
        redis_server.tell("SCRIPT", "FLUSH")
        found = link.call(lambda client: ECHO.run(client, [b"{k}"], [b"a", b"\xff\x00"]))
        assert found == [b"{k}", b"a", b"\xff\x00"]

        async def again() -> object:
            redis_server.tell("SCRIPT", "FLUSH")
            return await link.acall(lambda client: ECHO.arun(client, [b"{k}"], [b"a", b"b"]))

        assert asyncio.run(again()) == [b"{k}", b"a", b"b"]
    link.close()


def test_a_known_script_takes_one_round_trip(redis_server: RedisServer) -> None:
    link = RedisLink(redis_server.url, options=PATIENT)
    link.call(lambda client: ECHO.run(client, [b"k"], [b"a", b"b"]))
    redis_server.tell("CONFIG", "RESETSTAT")
    link.call(lambda client: ECHO.run(client, [b"k"], [b"a", b"b"]))
    sent = redis_server.tell("INFO", "commandstats")
    # Besides what asks for these figures.
    asked = ("cmdstat_config", "cmdstat_info", "cmdstat_hello", "cmdstat_client")
    assert [name for name in sent if not name.startswith(asked)] == ["cmdstat_evalsha"]
    assert sent["cmdstat_evalsha"]["calls"] == 1
    link.close()


def test_what_is_wrong_in_a_script_is_raised(redis_url: str) -> None:
    link = RedisLink(redis_url, options=PATIENT)
    with pytest.raises(BadRequestError, match="nonexistent global"):
        link.call(lambda client: Script("return nothing.at.all").run(client, [], []))
    link.close()
