"""Services: busy ones hold up nobody else, and a generation that is replaced leaves nothing open."""

from __future__ import annotations

import asyncio
import http.client
import threading

from racto.retrieval.server import LRUCache, Pipelines, Registry
from racto.retrieval.server.http import Application, Services
from racto.retrieval.server.registry import builtin

from .halls import Hall, until


def test_a_plain_engine_that_is_busy_holds_up_nobody_else() -> None:
    with Hall() as hall:
        hall.engine.gate.clear()
        body = {"service": "s", "query": "slow"}
        thread = threading.Thread(target=hall.post, args=("/search", body))
        thread.start()
        until(lambda: hall.engine.seen == ["slow"])
        assert hall.ask("GET", "/ping")[0] == 200
        assert thread.is_alive()
        hall.engine.gate.set()
        thread.join(20)


def test_a_connection_outlives_a_thousand_requests() -> None:
    with Hall() as hall:
        connection = http.client.HTTPConnection("127.0.0.1", hall.port, timeout=20)
        connection.connect()
        first = connection.sock
        for _ in range(1100):
            connection.request("GET", "/ping")
            assert connection.getresponse().read() == b'{"status":"pong"}'
        assert connection.sock is first
        connection.close()


async def test_services_that_are_replaced_close_their_cache_of_pipelines() -> None:
    class Watched(LRUCache):
        closed = asyncio.Event()

        async def close(self) -> None:
            self.closed.set()

    registry = builtin(Registry())
    cache = Watched()
    application = Application(Services(registry, Pipelines(registry, cache=cache)))
    application.replace(Services(registry))
    await asyncio.wait_for(cache.closed.wait(), 5)
