"""A real server in a thread, with engines that wait for a sign, and a client that hides nothing."""

from __future__ import annotations

import http.client
import json
import threading
import time
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any, Self

from racto.core import Engine
from racto.retrieval.server import (
    BatchDecomposeQueryProcessor,
    BatchPairwiseScoreProcessor,
    BatchQueryProcessor,
    Processor,
    Registry,
)
from racto.retrieval.server.http import Application, KeyRing, ServerSettings, Services
from racto.retrieval.server.http.program import _server
from racto.retrieval.server.registry import builtin

DOCUMENTS = {"d2": "green tea", "d1": "tea", "d0": "coffee", "blob": b"\x00"}


class Gated(Engine):
    """Searches, scores and splits; holds every call until its gate is open."""

    def __init__(self, name: str = "gated") -> None:
        super().__init__(name)
        self.gate = threading.Event()
        self.gate.set()
        self.seen: list[str] = []

    def search_batch(
        self, queries: Any, limit: Any = 20, subsets: Any = None, **options: Any
    ) -> Any:
        self.seen += queries
        self.gate.wait(20)
        if "boom" in queries:
            raise ValueError("/secret/place of boom")
        found = {"d2": 3.0, "d1": 2.0, "d0": 1.0}
        return [dict(list(found.items())[:most]) for most in limit]

    async def score_batch(
        self, queries: Any, passages: Any, candidate_length: Any = None, **options: Any
    ) -> Any:
        left = iter(passages)
        return [[float(len(next(left))) for _ in range(n)] for n in candidate_length]

    async def decompose_query_batch(self, queries: Any, limit: Any = 10, **options: Any) -> Any:
        return [
            [f"{query} A", f"{query} B"][:most] for query, most in zip(queries, limit, strict=True)
        ]


class Shelf(Processor):
    """A collection of a few documents."""

    async def _submit(self, item: dict[str, Any]) -> dict[str, Any]:
        text = DOCUMENTS.get(item["id"])
        return {"error": "not here"} if text is None else {"text": text}


class Hall:
    """A server on a free port for the time of a ``with``."""

    def __init__(
        self,
        settings: ServerSettings | None = None,
        *,
        keys: KeyRing | None = None,
        protocol: str = "auto",
        **queue: Any,
    ) -> None:
        self.engine = Gated()
        self.search = BatchQueryProcessor(self.engine, cache_size=0, **queue)
        self.application = Application(
            Services(registry_of(self.engine, self.search)), settings, keys=keys
        )
        self._server = _server(self.application, "127.0.0.1", 0, None)
        self._server.config.http = protocol
        self._thread = threading.Thread(target=self._server.run)

    def __enter__(self) -> Self:
        self._thread.start()
        until(lambda: self._server.started)
        self.port: int = self._server.servers[0].sockets[0].getsockname()[1]
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self.engine.gate.set()
        self._server.should_exit = True
        self._thread.join(20)
        assert not self._thread.is_alive()

    def ask(
        self, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None
    ) -> tuple[int, Any, dict[str, str]]:
        """Send one request; returns status, body (read as JSON if it is) and headers."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        sent = {"content-type": "application/json"} if body is not None else {}
        if body is not None and not isinstance(body, (bytes, str)):
            body = json.dumps(body)
        connection.request(method, path, body, {**sent, **(headers or {})})
        response = connection.getresponse()
        text = response.read()
        connection.close()
        found = {name.lower(): value for name, value in response.getheaders()}
        if found.get("content-type") == "application/json" and text:
            return response.status, json.loads(text), found
        return response.status, text.decode(), found

    def post(self, path: str, body: Any, **headers: str) -> tuple[int, Any]:
        """Send a body; returns status and answer."""
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        status, told, _ = self.ask("POST", path, body, names)
        return status, told


def registry_of(engine: Engine, search: Processor) -> Registry:
    """The services that all halls have."""
    registry = builtin(Registry())
    registry.register("s", "search", search)
    registry.register("s", "score", BatchPairwiseScoreProcessor(engine, cache_size=0))
    registry.register("s", "decompose_query", BatchDecomposeQueryProcessor(engine, cache_size=0))
    registry.register("shelf", "content", Shelf())
    return registry


def until(is_true: Callable[[], bool], seconds: float = 20) -> None:
    """Wait for something to become true."""
    end = time.monotonic() + seconds
    while not is_true():
        assert time.monotonic() < end, "it did not become true"
        time.sleep(0.005)
