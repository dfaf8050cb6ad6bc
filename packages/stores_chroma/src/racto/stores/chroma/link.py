"""The connection: chromadb's client behind one way of asking, with retries and timeouts.

Async callers are served by the same client in a thread. chromadb has an async client too, and it is
not used on purpose: in 1.5 all of them on one event loop share the headers of the first, a token
included, and they do not check a server's certificate unless they are told to.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock, Thread
from typing import Any

from racto.core.errors import StoreClosedError
from racto.core.flows import Flow, step
from racto.core.retries import RetryPolicy, retrying

from .failures import is_unwritten, translated
from .soundness import check_folder

_OF_CLIENT = frozenset({"get_collection", "create_collection", "delete_collection"})
# Chroma hands out what one thread is still starting to the next that asks for the same folder.
_OPENING = Lock()


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where Chroma is.

    Attributes:
        path: Folder of an embedded one.
        host: Host of a server; without both everything is in memory.
        port: The server's port.
        ssl: Whether the server speaks TLS.
        headers: Sent with each request, such as a token.
        tenant: Chroma's tenant.
        database: Chroma's database in it.
        timeout: Seconds that a call to a server may take.
    """

    path: str | None = None
    host: str | None = None
    port: int = 8000
    ssl: bool = False
    headers: dict[str, str] = field(default_factory=dict, repr=False)
    tenant: str = "default_tenant"
    database: str = "default_database"
    timeout: float = 30.0

    def __str__(self) -> str:
        return f"{self.host}:{self.port}" if self.host else self.path or "memory"


class Link:
    """Asks Chroma, in either voice.

    Args:
        address: Where it is.
        name: The collection's name there.
        retry: How often to repeat a call that failed on the way. All calls are safe to repeat.
    """

    def __init__(self, address: Address, name: str, *, retry: RetryPolicy) -> None:
        self.address = address
        self.name = name
        self._retry = retry
        self._making = Lock()
        self._client: Any = None
        # A collection is asked through an object that knows its id.
        self._handle: Any = None
        self.is_closed = False

    def check_open(self) -> None:
        """Raise :class:`StoreClosedError` after :meth:`close`."""
        if self.is_closed:
            raise StoreClosedError("the store was closed; make a new one")

    def forget(self) -> None:
        """Look the collection up anew next time."""
        self._handle = None

    def ask(self, method: str, doing: str, /, **arguments: Any) -> Flow[Any]:
        """Call a method of the client or of the collection.

        Args:
            method: Its name.
            doing: What it is for, for messages.
            **arguments: What it is given.
        """
        self.check_open()
        doing = f"{doing} {self.name!r} at {self.address}"

        def once() -> Flow[Any]:
            with translated(doing):
                return (yield from step(self._say, self._asay, method, arguments))

        return retrying(once, self._retry)

    def close(self) -> None:
        """Give back connections and files; calls after it raise ``StoreClosedError``."""
        with self._making:
            if self.is_closed:
                return
            client, self._client = self._client, None
            self.forget()
            self.is_closed = True
        if client is None:
            return
        if not (self.address.host or self.address.path):
            # All Chromas in the memory of one process are one: what is ours must go.
            self._drop(client)
        client.close()
        if self.address.host:
            # The client leaves its connections, and those by which it looked for the tenant, to the
            # collector.
            client._server._session.close()
            client._admin_client._server._session.close()

    async def aclose(self) -> None:
        """Async twin of :meth:`close`."""
        await asyncio.to_thread(self.close)

    def _leave(self, client: Any) -> None:
        with self._making:
            if self._client is not client:
                return
            self._client = None
            self.forget()
        client.close()

    def _drop(self, client: Any) -> None:
        with translated(f"dropping {self.name!r}"):
            if self.name in {each.name for each in client.list_collections()}:
                client.delete_collection(self.name)

    def _say(self, method: str, arguments: dict[str, Any]) -> Any:
        client = self._sync_client()
        if method in _OF_CLIENT:
            return getattr(client, method)(name=self.name, **arguments)
        handle = self._handle
        if handle is None:
            handle = client.get_collection(name=self.name, embedding_function=None)
            self._handle = handle
        try:
            return getattr(handle, method)(**arguments)
        except Exception as error:
            if self.address.path is not None and is_unwritten(error):
                # Chroma leaves its transaction open, and would wait for it at the next call.
                self._leave(client)
            raise

    async def _asay(self, method: str, arguments: dict[str, Any]) -> Any:
        return await asyncio.to_thread(self._say, method, arguments)

    def _sync_client(self) -> Any:
        with self._making:
            self.check_open()
            if self._client is None:
                self._client = self._connected() if self.address.host else self._embedded()
            return self._client

    def _embedded(self) -> Any:
        import chromadb

        where, path = self._where(), self.address.path
        if path is None:
            return chromadb.EphemeralClient(**where)
        with _OPENING:
            return _opened(path, lambda: chromadb.PersistentClient(path=path, **where))

    def _connected(self) -> Any:
        import chromadb

        client = _within(self.address.timeout, lambda: chromadb.HttpClient(**self._options()))
        # The client offers no setting for it, and waits for ever without one.
        client._server._session.timeout = self.address.timeout
        return client

    def _options(self) -> dict[str, Any]:
        address = self.address
        return {
            "host": address.host,
            "port": address.port,
            "ssl": address.ssl,
            "headers": dict(address.headers),
            **self._where(),
        }

    def _where(self) -> dict[str, Any]:
        from chromadb.config import Settings

        # Nothing is told to anybody about who stores what.
        told: dict[str, Any] = {"anonymized_telemetry": False}
        if self.address.ssl:
            told["chroma_server_ssl_verify"] = True
        return {
            "settings": Settings(**told),
            "tenant": self.address.tenant,
            "database": self.address.database,
        }


def _opened(path: str, make: Callable[[], Any]) -> Any:
    """The client of a folder, which all stores on it in this process share."""
    from chromadb.api.shared_system_client import SharedSystemClient

    # While another store here has it open, its files change and are Chroma's own.
    if path not in SharedSystemClient._identifier_to_refcount:
        check_folder(path)
    try:
        return make()
    finally:
        # Chroma keeps what failed to start, and would hand it out from then on.
        if path not in SharedSystemClient._identifier_to_refcount:
            SharedSystemClient._identifier_to_system.pop(path, None)


def _within(seconds: float, make: Callable[[], Any]) -> Any:
    """What ``make`` returns, or ``TimeoutError``: a thread that hangs is left to the process's end."""
    answer: list[Any] = []
    failed: list[Exception] = []

    def work() -> None:
        try:
            answer.append(make())
        except Exception as error:
            failed.append(error)

    thread = Thread(target=work, daemon=True)
    thread.start()
    thread.join(seconds)
    if failed:
        raise failed[0]
    if not answer:
        raise TimeoutError(f"no answer within {seconds:g} s")
    return answer[0]
