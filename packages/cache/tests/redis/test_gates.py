"""A failing Redis is gone without, counted, told once a minute, and not waited for twice."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from typing import Any

import pytest

from racto.cache.redis.connections import RedisLink, RedisOptions
from racto.cache.redis.gates import RedisGate
from racto.core.errors import (
    APIConnectionError,
    ConfigurationError,
    OverloadedError,
    PermissionDeniedError,
    RactoGatewayAuthError,
)
from racto.core.testing import Voice

from .redis_server import RedisServer, free_port

OPTIONS = RedisOptions(timeout=0.2, connect_timeout=5.0, cool_down=5.0)


class Clock:
    """Tells the time that it was set to."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Counts:
    """Notes what is counted."""

    def __init__(self) -> None:
        self.noted: list[tuple[str, float, Any]] = []

    def count(self, name: str, value: float = 1, attributes: Any = None) -> None:
        self.noted.append((name, value, dict(attributes or {})))

    def record(self, name: str, value: float, attributes: Any = None) -> None:
        raise AssertionError(name)

    def gauge(self, name: str, value: float, attributes: Any = None) -> None:
        raise AssertionError(name)


@pytest.fixture
def clock() -> Clock:
    """A clock that stands."""
    return Clock()


@pytest.fixture(params=["sync", "async"])
def voice(request: pytest.FixtureRequest) -> Iterator[Voice]:
    """Both ways of calling."""
    made = Voice(request.param)
    yield made
    made.close()


def _ping(client: Any) -> Any:
    return client.ping()


def _write(client: Any) -> Any:
    return client.set("racto:gate", "x")


def test_a_stalled_redis_costs_one_timeout_and_then_none(
    redis_server: RedisServer, clock: Clock, voice: Voice
) -> None:
    link = RedisLink(redis_server.url, options=OPTIONS)
    counts = Counts()
    gate = RedisGate(link, name="mine", metrics=counts, clock=clock)
    assert voice(gate, "call", _ping, otherwise=None) is True
    redis_server.stall()
    asked = []

    def work(client: Any) -> Any:
        asked.append(client)
        return client.ping()

    for _ in range(5):
        assert voice(gate, "call", work, otherwise="else") == "else"
    assert len(asked) == 1
    # After a while one call goes to see; the next ones wait again.
    clock.now += 5.1
    for _ in range(3):
        assert voice(gate, "call", work, otherwise="else") == "else"
    assert len(asked) == 2
    redis_server.resume()
    assert voice(gate, "call", work, otherwise="else") == "else"
    clock.now += 5.1
    assert voice(gate, "call", work, otherwise="else") is True
    assert voice(gate, "call", work, otherwise="else") is True
    assert gate.errors == 9 == len(counts.noted)
    kinds = {attributes["error.type"] for _, _, attributes in counts.noted}
    assert kinds == {"RactoGatewayTimeoutError", "APIConnectionError"}
    assert counts.noted[0][0] == "racto.cache.errors"
    assert counts.noted[0][2]["racto.cache"] == "mine"
    voice(link, "close")


def test_one_caller_alone_goes_to_see(redis_server: RedisServer, clock: Clock) -> None:
    link = RedisLink(redis_server.url, options=OPTIONS)
    gate = RedisGate(link, name="mine", clock=clock)
    redis_server.stall()
    asked = []

    async def work(client: Any) -> Any:
        asked.append(client)
        return await client.ping()

    async def main() -> None:
        await gate.acall(work, otherwise=None)
        clock.now += 5.1
        await asyncio.gather(*(gate.acall(work, otherwise=None) for _ in range(20)))
        await link.aclose()

    asyncio.run(main())
    assert len(asked) == 2


def test_the_log_tells_once_a_minute(
    clock: Clock, caplog: pytest.LogCaptureFixture, voice: Voice
) -> None:
    link = RedisLink(f"redis://:s3cret@127.0.0.1:{free_port()}", options=OPTIONS)
    gate = RedisGate(link, name="mine", clock=clock)
    with caplog.at_level(logging.WARNING, logger="racto.cache"):
        for _ in range(10):
            assert voice(gate, "call", _ping, otherwise=None) is None
        clock.now += 61
        voice(gate, "call", _ping, otherwise=None)
    told = [record.getMessage() for record in caplog.records]
    assert len(told) == 2
    assert "1 since last told" in told[0]
    assert "10 since last told" in told[1]
    assert "s3cret" not in "".join(told)
    assert "127.0.0.1" in told[0]
    voice(link, "close")


def test_what_answers_is_asked_again_at_once(redis_server: RedisServer, voice: Voice) -> None:
    link = RedisLink(redis_server.url, options=OPTIONS)
    gate = RedisGate(link, name="mine")
    redis_server.fill()
    assert voice(gate, "call", _write, otherwise="full") == "full"
    assert voice(gate, "call", _ping, otherwise=None) is True
    redis_server.empty()
    redis_server.make_replica()
    assert voice(gate, "call", _write, otherwise="replica") == "replica"
    redis_server.make_primary()
    assert voice(gate, "call", _write, otherwise=None) is True
    assert gate.errors == 2
    voice(link, "close")


def test_closed_gates_raise(redis_server: RedisServer, clock: Clock, voice: Voice) -> None:
    link = RedisLink(redis_server.url, options=OPTIONS)
    gate = RedisGate(link, name="mine", fail_open=False, clock=clock)
    redis_server.fill()
    with pytest.raises(OverloadedError, match="maxmemory"):
        voice(gate, "call", _write, otherwise=None)
    redis_server.kill()
    for told in ("is the server running", "not asked again for 5.00 s"):
        with pytest.raises(APIConnectionError, match=told):
            voice(gate, "call", _ping, otherwise=None)
    voice(link, "close")


def test_a_wrong_password_shows_at_first_and_is_a_failure_later(
    redis_server: RedisServer, voice: Voice
) -> None:
    redis_server.lock("right-one")
    wrong = RedisLink(redis_server.url.replace("//", "//:wr0ng-one@"), options=OPTIONS)
    gate = RedisGate(wrong, name="mine")
    with pytest.raises(RactoGatewayAuthError, match="check user and password") as caught:
        voice(gate, "call", _ping, otherwise=None)
    assert "wr0ng-one" not in repr(caught.value)
    voice(wrong, "close")

    right = RedisLink(redis_server.url.replace("//", "//:right-one@"), options=OPTIONS)
    gate = RedisGate(right, name="mine")
    assert voice(gate, "call", _ping, otherwise=None) is True
    # Changed while we run: one failure among others.
    with redis_server.admin(password="right-one") as admin:
        admin.config_set("requirepass", "new-one")
        admin.client_kill_filter(_type="normal", skipme=True)
    assert voice(gate, "call", _ping, otherwise="else") == "else"
    voice(right, "close")


def test_no_password_where_one_is_asked_for(redis_server: RedisServer, voice: Voice) -> None:
    redis_server.lock("right-one")
    link = RedisLink(redis_server.url, options=OPTIONS)
    with pytest.raises(RactoGatewayAuthError, match="Authentication required"):
        voice(RedisGate(link, name="mine"), "call", _ping, otherwise=None)
    voice(link, "close")


def test_a_missing_right_is_told(redis_server: RedisServer, voice: Voice) -> None:
    redis_server.tell("ACL", "SETUSER", "bob", "on", ">b0bs-word", "~other:*", "+get", "+ping")
    link = RedisLink(redis_server.url.replace("//", "//bob:b0bs-word@"), options=OPTIONS)
    gate = RedisGate(link, name="mine")
    with pytest.raises(PermissionDeniedError, match="ACL GETUSER") as caught:
        voice(gate, "call", _write, otherwise=None)
    assert "b0bs-word" not in str(caught.value)
    voice(link, "close")


def test_wrong_settings_are_raised_always(redis_server: RedisServer, voice: Voice) -> None:
    for url in (f"{redis_server.url}?nonsense=1", redis_server.url.replace("/0", "/99")):
        link = RedisLink(url, options=OPTIONS)
        with pytest.raises(ConfigurationError):
            voice(RedisGate(link, name="mine"), "call", _ping, otherwise=None)
        voice(link, "close")


def test_errors_of_the_work_itself_are_its_own(redis_url: str, voice: Voice) -> None:
    link = RedisLink(redis_url)

    def work(client: Any) -> Any:
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        voice(RedisGate(link, name="mine"), "call", work, otherwise=None)
    voice(link, "close")
