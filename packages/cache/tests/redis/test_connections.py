"""One pool for each object, in both voices, over loops, forks of layout, and clients of the user's."""

from __future__ import annotations

import asyncio
import gc
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import redis
import redis.asyncio

from racto.cache.redis.connections import RedisLink, RedisOptions
from racto.core.errors import (
    APIConnectionError,
    BadRequestError,
    ConfigurationError,
    InvalidResponseError,
    RactoGatewayError,
    RactoGatewayTimeoutError,
)
from racto.core.testing import Voice

from .redis_proxy import RedisProxy
from .redis_server import RedisServer

OPTIONS = RedisOptions(timeout=5.0, connect_timeout=5.0, max_connections=8)


@pytest.fixture(params=["sync", "async"])
def voice(request: pytest.FixtureRequest) -> Iterator[Voice]:
    """Both ways of calling."""
    made = Voice(request.param)
    yield made
    made.close()


def _ping(client: Any) -> Any:
    return client.ping()


def test_a_thousand_calls_use_one_connection(redis_server: RedisServer, voice: Voice) -> None:
    """Defect B14: an object made from a URL opened a connection for each call."""
    before = redis_server.connections()
    link = RedisLink(redis_server.url)
    for _ in range(1000):
        voice(link, "call", _ping)
    assert redis_server.connections() - before == 2
    voice(link, "close")


def test_two_hundred_calls_at_once_share_the_pool(redis_server: RedisServer, voice: Voice) -> None:
    before = redis_server.connections()
    link = RedisLink(redis_server.url, options=OPTIONS)
    assert all(voice.together(link, "call", [(_ping,)] * 200))
    # One more connection is that of the first question above.
    assert redis_server.connections() - before <= 8 + 1
    voice(link, "close")


def test_a_pool_that_stays_full_is_told(redis_url: str) -> None:
    link = RedisLink(redis_url, options=RedisOptions(max_connections=1, pool_timeout=0.05))
    with pytest.raises(APIConnectionError, match="No connection available"):
        link.call(lambda client: client.connection_pool.get_connection() and client.ping())
    link.close()


def test_each_loop_has_its_own_client(redis_url: str) -> None:
    link = RedisLink(redis_url)
    clients = []

    async def main() -> None:
        mine = await link.aclient()
        clients.append(mine)
        assert await link.acall(_ping)
        assert await link.aclient() is mine

    # No warning of an open socket either: the loop's end closes the client.
    asyncio.run(main())
    asyncio.run(main())
    threads = [threading.Thread(target=asyncio.run, args=(main(),)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({id(client) for client in clients}) == 6
    gc.collect()


def test_loops_leave_no_connection_behind(redis_server: RedisServer) -> None:
    link = RedisLink(redis_server.url)

    async def main() -> None:
        await link.acall(_ping)

    for _ in range(3):
        asyncio.run(main())
    with redis_server.admin() as admin:
        assert len(admin.client_list()) == 1


def test_a_forgotten_link_is_closed_by_its_loop(redis_url: str) -> None:
    async def main(rest: float) -> None:
        await RedisLink(redis_url).acall(_ping)
        await asyncio.sleep(rest)

    # Whether the loop has time for it or ends at once: no warning of an open socket.
    asyncio.run(main(0.05))
    asyncio.run(main(0.0))
    gc.collect()


def test_a_closed_link_connects_anew(redis_url: str, voice: Voice) -> None:
    link = RedisLink(redis_url)
    assert voice(link, "call", _ping)
    voice(link, "close")
    assert voice(link, "call", _ping)
    voice(link, "close")


def test_a_restarted_redis_is_found_again(redis_server: RedisServer, voice: Voice) -> None:
    link = RedisLink(redis_server.url, options=OPTIONS)
    assert voice(link, "call", _ping)
    redis_server.kill()
    with pytest.raises(APIConnectionError, match="is the server running"):
        voice(link, "call", _ping)
    redis_server.start()
    assert voice(link, "call", _ping)
    voice(link, "close")


def test_a_stalled_redis_times_out(redis_server: RedisServer, voice: Voice) -> None:
    link = RedisLink(redis_server.url, options=RedisOptions(timeout=0.1))
    assert voice(link, "call", _ping)
    redis_server.stall()
    with pytest.raises(RactoGatewayTimeoutError, match="is it busy or stopped") as caught:
        voice(link, "call", _ping)
    assert caught.value.retryable
    assert caught.value.provider == "redis"
    redis_server.resume()
    # The late reply to the first question must not be taken for the second's.
    assert voice(link, "call", lambda client: client.echo("new")) == b"new"
    voice(link, "close")


def test_a_cancelled_call_spoils_no_connection(redis_server: RedisServer) -> None:
    async def main() -> None:
        link = RedisLink(redis_server.url, options=RedisOptions(max_connections=1))
        await link.acall(_ping)
        redis_server.stall()
        call = asyncio.create_task(link.acall(lambda client: client.echo("old")))
        await asyncio.sleep(0.05)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        redis_server.resume()
        assert await link.acall(lambda client: client.echo("new")) == b"new"
        await link.aclose()

    asyncio.run(main())


@pytest.mark.parametrize("after", [0, 1, 9, 40])
def test_replies_that_are_cut_raise(shared_redis: RedisServer, voice: Voice, after: int) -> None:
    with RedisProxy(shared_redis.port) as proxy:
        link = RedisLink(proxy.url, options=OPTIONS)
        voice(link, "call", lambda client: client.set("racto:cut", b"x" * 100))
        proxy.cut_replies(after)
        with pytest.raises(APIConnectionError):
            voice(link, "call", lambda client: client.get("racto:cut"))
        proxy.cut_replies(None)
        assert voice(link, "call", lambda client: client.get("racto:cut")) == b"x" * 100
        voice(link, "close")


def test_what_is_no_redis_is_told(shared_redis: RedisServer, voice: Voice) -> None:
    with RedisProxy(shared_redis.port) as proxy:
        link = RedisLink(proxy.url, options=OPTIONS)
        proxy.answer_with(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        with pytest.raises((InvalidResponseError, APIConnectionError)):
            voice(link, "call", _ping)
        voice(link, "close")


def test_wrong_types_are_bad_requests(redis_url: str, voice: Voice) -> None:
    link = RedisLink(redis_url)
    voice(link, "call", lambda client: client.delete("racto:list"))
    voice(link, "call", lambda client: client.rpush("racto:list", "x"))
    with pytest.raises(BadRequestError, match="WRONGTYPE"):
        voice(link, "call", lambda client: client.get("racto:list"))
    voice(link, "close")


def test_a_client_of_the_users_is_used_and_stays_open(
    redis_server: RedisServer, voice: Voice
) -> None:
    with redis_server.admin() as client:
        link = RedisLink(client=client)
        assert link.client() is client
        assert voice(link, "call", _ping)
        assert link.place == redis_server.url
        voice(link, "close")
        assert client.ping()
        assert link.call(_ping)


def test_an_async_client_of_the_users_stays_open(redis_url: str) -> None:
    async def main() -> None:
        client = redis.asyncio.Redis.from_url(redis_url)
        link = RedisLink(redis_url, aclient=client)
        assert await link.aclient() is client
        await link.aclose()
        assert await client.ping()
        await client.aclose()

    asyncio.run(main())


def test_a_client_that_decodes_is_copied(shared_redis: RedisServer, voice: Voice) -> None:
    with shared_redis.admin(decode_responses=True, db=1) as client:
        link = RedisLink(client=client)
        voice(link, "call", lambda mine: mine.set("racto:text", b"\xff"))
        assert voice(link, "call", lambda mine: mine.get("racto:text")) == b"\xff"
        # In the same database.
        assert client.exists("racto:text") == 1
        voice(link, "close")


def test_a_client_that_cannot_be_copied_runs_in_threads(shared_redis: RedisServer) -> None:
    """A client with a connection hook: what the hook does is nothing an async one could do."""
    seen = []

    def noted(reply: Any) -> bool:
        seen.append(threading.get_ident())
        return bool(reply)

    with shared_redis.admin(redis_connect_func=lambda link: link.on_connect()) as client:
        client.response_callbacks["PING"] = noted

        async def main() -> None:
            link = RedisLink(client=client)
            assert await link.acall(_ping)

            async def filled(mine: Any) -> Any:
                async with mine.pipeline() as pipe:
                    pipe.set("racto:piped", b"1")
                    pipe.get("racto:piped")
                    return await pipe.execute()

            assert await link.acall(filled) == [True, b"1"]

            async def found(mine: Any) -> Any:
                return [key async for key in mine.scan_iter(match="racto:piped")]

            assert await link.acall(found) == [b"racto:piped"]
            await link.aclose()

        asyncio.run(main())
    assert seen
    assert threading.get_ident() not in seen


def test_decoding_is_refused_where_it_cannot_be_undone(redis_url: str) -> None:
    with pytest.raises(ConfigurationError, match="decode_responses"):
        RedisLink(f"{redis_url}?decode_responses=1").call(_ping)


@pytest.mark.parametrize(
    "settings", [{"timeout": 0}, {"max_connections": -1}, {"cool_down": float("nan")}]
)
def test_options_are_checked(settings: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError, match="must be above 0"):
        RedisOptions(**settings)


def test_options_of_the_url_go_before(redis_server: RedisServer) -> None:
    link = RedisLink(f"{redis_server.url}?socket_timeout=0.05", options=OPTIONS)
    redis_server.stall()
    with pytest.raises(RactoGatewayTimeoutError):
        link.call(_ping)
    redis_server.resume()


def test_a_unix_socket(make_redis: Callable[..., RedisServer], voice: Voice, tmp_path: Any) -> None:
    make_redis("--unixsocket", str(tmp_path / "s"), "--unixsocketperm", "700")
    link = RedisLink(f"unix://{tmp_path / 's'}")
    assert voice(link, "call", _ping)
    voice(link, "close")


def test_one_made_by_hand_is_no_error_of_ours() -> None:
    error = redis.exceptions.RedisError("mine")
    link = RedisLink("redis://127.0.0.1:1")

    def work(client: Any) -> Any:
        raise error

    with pytest.raises(RactoGatewayError, match="mine") as caught:
        link.call(work)
    assert caught.value.__cause__ is error
