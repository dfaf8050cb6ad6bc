"""Connections to Milvus: one for plain calls, and one for each event loop."""

from __future__ import annotations

import asyncio
from importlib import import_module
from threading import Lock
from typing import Any
from weakref import WeakKeyDictionary

from racto.core.errors import StoreClosedError
from racto.core.flows import Flow, step

from .failures import translated
from .settings import MilvusSettings

# The async client waits for an index by a request that Lite does not know.
_PLAIN_ONLY = frozenset({"create_index"})


def library() -> Any:
    """The module ``pymilvus``, which takes a second to import."""
    # Through importlib, since the client has no types for a checker to read.
    return import_module("pymilvus")


class Connection:
    """Opens clients when they are needed, and asks them in both voices.

    Args:
        settings: Where Milvus is.
    """

    def __init__(self, settings: MilvusSettings) -> None:
        self._settings = settings
        self._lock = Lock()
        self._client: Any = None
        # A client of asyncio belongs to the loop that it was opened on.
        self._clients: WeakKeyDictionary[asyncio.AbstractEventLoop, Any] = WeakKeyDictionary()
        self._closed = False

    def check_open(self) -> None:
        """Raise if it was closed.

        Raises:
            StoreClosedError: If so.
        """
        if self._closed:
            raise StoreClosedError("this MilvusStore was closed; make a new one")

    def ask(self, method: str, **given: Any) -> Flow[Any]:
        """Call a method of the client on the collection and return its answer.

        Args:
            method: Its name.
            **given: Its arguments beside the collection's name and the timeout.

        Raises:
            StoreClosedError: If the connection was closed.
            RactoGatewayError: If Milvus refused, or could not be reached.
        """
        answer = yield from step(self._ask, self._aask, method, given)
        return answer

    def version(self) -> Flow[str]:
        """What the server says its version is."""
        answer: str = yield from step(self._version, self._aversion)
        return answer

    def close(self) -> Flow[None]:
        """Give all connections back; calling it twice is fine."""
        self._closed = True
        yield from step(self._close, self._aclose)

    def _doing(self, method: str) -> str:
        return f"{method} {self._settings.collection!r} at {_without_secret(self._settings.uri)}"

    def _arguments(self, given: dict[str, Any]) -> dict[str, Any]:
        named = {"collection_name": self._settings.collection, "timeout": self._settings.timeout}
        return {**named, **given}

    def _ask(self, method: str, given: dict[str, Any]) -> Any:
        with translated(self._doing(method)):
            return getattr(self._opened(), method)(**self._arguments(given))

    async def _aask(self, method: str, given: dict[str, Any]) -> Any:
        if method in _PLAIN_ONLY:
            return await asyncio.to_thread(self._ask, method, given)
        with translated(self._doing(method)):
            client = await self._aopened()
            return await getattr(client, method)(**self._arguments(given))

    def _version(self) -> str:
        with translated(self._doing("reach")):
            return str(self._opened().get_server_version(timeout=self._settings.timeout))

    async def _aversion(self) -> str:
        with translated(self._doing("reach")):
            client = await self._aopened()
            return str(await client.get_server_version(timeout=self._settings.timeout))

    def _place(self) -> dict[str, Any]:
        settings = self._settings
        return {
            "uri": settings.uri,
            "token": settings.token,
            "db_name": settings.database,
            "timeout": settings.timeout,
            # A connection shared by all stores of a process would be closed under the others.
            "dedicated": True,
        }

    def _opened(self) -> Any:
        with self._lock:
            self.check_open()
            if self._client is None:
                self._client = library().MilvusClient(**self._place())
            return self._client

    async def _aopened(self) -> Any:
        loop = asyncio.get_running_loop()
        with self._lock:
            self.check_open()
            client = self._clients.get(loop)
        if client is None:
            # Importing, and starting Lite, would hold the loop up.
            client = await asyncio.to_thread(self._new_async)
            with self._lock:
                client = self._clients.setdefault(loop, client)
        return client

    def _new_async(self) -> Any:
        return library().AsyncMilvusClient(**self._place())

    def _close(self) -> None:
        with self._lock:
            client, self._client = self._client, None
            self._clients.clear()
        if client is not None:
            with translated(self._doing("close")):
                client.close()

    async def _aclose(self) -> None:
        with self._lock:
            client = self._clients.pop(asyncio.get_running_loop(), None)
        if client is not None:
            with translated(self._doing("close")):
                await client.close()
        await asyncio.to_thread(self._close)


def _without_secret(uri: str) -> str:
    scheme, mark, rest = uri.partition("://")
    return scheme + mark + rest.rpartition("@")[2] if mark else uri
