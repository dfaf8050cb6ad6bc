"""The connection: qdrant-client's two clients behind one way of asking, with retries.

A local Qdrant (in memory or in a folder) is plain Python that may not be entered twice, so calls
take turns and async ones wait in a thread. A server is asked by the client of the caller's voice.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING, Any

from racto.core.errors import StoreClosedError
from racto.core.flows import Flow, step
from racto.core.retries import RetryPolicy, retrying

from .failures import translated
from .soundness import check_folder

if TYPE_CHECKING:
    from qdrant_client import AsyncQdrantClient, QdrantClient


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where Qdrant is.

    Attributes:
        url: A server's URL; None for a local one.
        path: Folder of a local one; None keeps it in memory.
        api_key: Key of a server.
        grpc_port: Port for gRPC; None speaks REST.
        timeout: Seconds that a call to a server may take.
    """

    url: str | None = None
    path: str | None = None
    api_key: str | None = field(default=None, repr=False)
    grpc_port: int | None = None
    timeout: float = 30.0

    @property
    def is_local(self) -> bool:
        """Whether Qdrant runs in this process."""
        return self.url is None

    def __str__(self) -> str:
        # A URL may carry a password before its host.
        shown = self.url and self.url.rpartition("@")[2]
        return shown or self.path or "memory"


class Link:
    """Asks Qdrant, in either voice.

    Args:
        address: Where it is.
        retry: How often to repeat a call that failed on the way. All calls are safe to repeat.
    """

    def __init__(self, address: Address, retry: RetryPolicy) -> None:
        self.address = address
        self._retry = retry
        self._turn, self._making = Lock(), Lock()
        self._client: QdrantClient | None = None
        self._async: tuple[asyncio.AbstractEventLoop, AsyncQdrantClient] | None = None
        self.is_closed = False

    def check_open(self) -> None:
        """Raise :class:`StoreClosedError` after :meth:`close`."""
        if self.is_closed:
            raise StoreClosedError("the store was closed; make a new one")

    def ask(self, method: str, doing: str, /, **arguments: Any) -> Flow[Any]:
        """Call a method of the client.

        Args:
            method: Its name.
            doing: What it is for, for messages.
            **arguments: What it is given.
        """
        self.check_open()
        doing = f"{doing} at {self.address}"

        def once() -> Flow[Any]:
            with translated(doing):
                return (yield from step(self._say, self._asay, method, arguments))

        return retrying(once, self._retry)

    def close(self) -> None:
        """Give back connections and files; calls after it raise ``StoreClosedError``."""
        with self._making:
            self.is_closed = True
            client, self._client, self._async = self._client, None, None
        if client is not None:
            with self._turn:
                client.close()

    async def aclose(self) -> None:
        """Async twin of :meth:`close`."""
        known = self._async
        if known is not None and known[0] is asyncio.get_running_loop():
            await known[1].close()
        await asyncio.to_thread(self.close)

    def _say(self, method: str, arguments: dict[str, Any]) -> Any:
        call: Callable[..., Any] = getattr(self._sync_client(), method)
        if not self.address.is_local:
            return call(**arguments)
        with self._turn:
            self.check_open()
            return call(**arguments)

    async def _asay(self, method: str, arguments: dict[str, Any]) -> Any:
        if self.address.is_local:
            return await asyncio.to_thread(self._say, method, arguments)
        return await getattr(await self._async_client(), method)(**arguments)

    def _sync_client(self) -> QdrantClient:
        with self._making:
            self.check_open()
            if self._client is None:
                from qdrant_client import QdrantClient

                if self.address.path is not None:
                    check_folder(self.address.path)
                self._client = QdrantClient(**self._options())
            return self._client

    async def _async_client(self) -> AsyncQdrantClient:
        loop = asyncio.get_running_loop()
        known = self._async
        # A connection belongs to the loop on which it was opened.
        if known is None or known[0] is not loop:
            known = loop, await asyncio.to_thread(self._make_async)
            self._async = known
        self.check_open()
        return known[1]

    def _make_async(self) -> AsyncQdrantClient:
        from qdrant_client import AsyncQdrantClient

        return AsyncQdrantClient(**self._options())

    def _options(self) -> dict[str, Any]:
        address = self.address
        if address.is_local:
            if address.path is None:
                return {"location": ":memory:", "force_disable_check_same_thread": True}
            # Threads take turns here, so SQLite need not forbid them.
            return {"path": address.path, "force_disable_check_same_thread": True}
        options: dict[str, Any] = {
            "url": address.url,
            "api_key": address.api_key,
            # The client counts in whole seconds.
            "timeout": max(1, math.ceil(address.timeout)),
            # A thread of its own that prints warnings; a server too old answers with an error.
            "check_compatibility": False,
        }
        if address.grpc_port is not None:
            options |= {"prefer_grpc": True, "grpc_port": address.grpc_port}
        return options
