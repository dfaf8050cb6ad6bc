"""Weaviate's clients: one for plain calls, one for each event loop, opened at the first call."""

from __future__ import annotations

from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from weakref import WeakKeyDictionary

from racto.core.errors import ConfigurationError, StoreClosedError
from racto.core.flows import Flow, step
from racto.core.retries import Deadline, RetryPolicy, retrying

from .failures import translated
from .stubs import TranslatingStub

if TYPE_CHECKING:
    import asyncio
    from collections.abc import AsyncGenerator, Mapping

RETRIES = RetryPolicy(attempts=4, base=0.5, maximum=8.0)
"""How often a call is tried that Weaviate throttles or cannot serve just now."""

_CLOUD = (".weaviate.cloud", ".weaviate.network", ".wcs.api.weaviate.io")


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where Weaviate is, and how it is asked.

    Attributes:
        url: Address of the REST API; None for a server inside this process.
        grpc_port: Port of the gRPC API of a server that is not in Weaviate's cloud.
        api_key: The key.
        headers: More headers.
        timeout: Seconds that one attempt of a request may take; none begins after as many.
    """

    url: str | None
    grpc_port: int
    api_key: str | None = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    timeout: float

    def client(self, *, is_async: bool) -> Any:
        """A client that is not connected yet.

        Args:
            is_async: Whether it is the async one.

        Raises:
            ConfigurationError: If url and port are no address.
        """
        from pydantic import ValidationError

        import weaviate
        from weaviate.classes.init import AdditionalConfig, Auth, Timeout
        from weaviate.connect import ConnectionParams
        from weaviate.embedded import EmbeddedOptions

        seconds = self.timeout
        settings: dict[str, Any] = {
            "additional_config": AdditionalConfig(
                timeout=Timeout(init=seconds, query=seconds, insert=seconds)
            ),
            "additional_headers": dict(self.headers),
            "auth_client_secret": Auth.api_key(self.api_key) if self.api_key else None,
            # They would ask the package index for a newer client, and wait where that is shut.
            "skip_init_checks": True,
        }
        make = weaviate.WeaviateAsyncClient if is_async else weaviate.WeaviateClient
        if self.url is None:
            return make(embedded_options=EmbeddedOptions(), **settings)
        try:
            where = ConnectionParams.from_params(**self._ports())
        except ValidationError as error:
            reason = error.errors(include_url=False)[0]["msg"]
            raise ConfigurationError(f"url and grpc_port are no address: {reason}") from error
        return make(connection_params=where, **settings)

    def _ports(self) -> dict[str, Any]:
        found = urlsplit(self.url if self.url and "://" in self.url else f"https://{self.url}")
        if found.scheme not in ("http", "https") or not found.hostname:
            raise ConfigurationError(
                f"url must be an address of http or https, not {self.url!r:.80}"
            )
        host, secure = found.hostname, found.scheme == "https"
        in_cloud = host.endswith(_CLOUD)
        return {
            "http_host": host,
            "http_port": found.port or (443 if secure else 80),
            "http_secure": secure,
            # Weaviate's cloud serves gRPC at a name of its own.
            "grpc_host": f"grpc-{host}" if in_cloud else host,
            "grpc_port": 443 if in_cloud else self.grpc_port,
            "grpc_secure": secure,
        }


class Connections:
    """Calls Weaviate in either voice; errors come out as racto's.

    Args:
        name: Name of the class.
        tenant: Name of the tenant; None where the class has none.
        address: Where Weaviate is.
    """

    def __init__(self, name: str, *, tenant: str | None, address: Address) -> None:
        self.name, self.tenant = name, tenant
        self._address = address
        # Held for moments alone, because an event loop takes it too.
        self._lock = Lock()
        self._opening = Lock()
        self._plain: Any = None
        self._own: WeakKeyDictionary[Any, Any] = WeakKeyDictionary()
        self._on_loops: dict[asyncio.AbstractEventLoop, _Seat] = {}
        self._closed = False

    def check_open(self) -> None:
        """See that the store is open.

        Raises:
            StoreClosedError: If it was closed.
        """
        if self._closed:
            raise StoreClosedError("this WeaviateStore was closed; make a new one")

    def call(self, area: str, method: str, *args: Any, **arguments: Any) -> Flow[Any]:
        """Call a method of the class.

        Args:
            area: ``query``, ``data``, ``aggregate`` or ``config``; ``collections`` for a method
                about all classes.
            method: Its name.
            *args: Its arguments.
            **arguments: Its arguments by name.
        """
        self.check_open()

        def attempt() -> Flow[Any]:
            return step(self._ask, self._aask, (area, method), args, arguments)

        return (yield from retrying(attempt, RETRIES, deadline=self._deadline()))

    def insert(self, request: Any) -> Flow[dict[int, str]]:
        """Write objects, past the client's own models; repeating it does no harm.

        Args:
            request: A message ``BatchObjectsRequest``.

        Returns:
            Why objects were refused, by their places in the message.
        """
        self.check_open()

        def attempt() -> Flow[Any]:
            return step(self._insert, self._ainsert, request)

        reply = yield from retrying(attempt, RETRIES, deadline=self._deadline())
        return {each.index: each.error for each in reply.errors}

    def _deadline(self) -> Deadline:
        # One attempt that used up its time is not tried again.
        return Deadline.after(self._address.timeout)

    def _insert(self, request: Any) -> Any:
        connection = self._ready()._connection
        return connection._grpc_stub.BatchObjects(
            request, metadata=connection.grpc_headers(), timeout=self._address.timeout
        )

    async def _ainsert(self, request: Any) -> Any:
        connection = (await self._aready())._connection
        return await connection._grpc_stub.BatchObjects(
            request, metadata=connection.grpc_headers(), timeout=self._address.timeout
        )

    def _ask(self, place: tuple[str, str], args: Any, arguments: Any) -> Any:
        from weaviate.exceptions import WeaviateBaseError

        client = self._ready()
        try:
            return getattr(self._area(client, place[0]), place[1])(*args, **arguments)
        except (WeaviateBaseError, ConnectionError) as error:
            raise translated(error, place[1], self.name) from error

    async def _aask(self, place: tuple[str, str], args: Any, arguments: Any) -> Any:
        from weaviate.exceptions import WeaviateBaseError

        client = await self._aready()
        try:
            return await getattr(self._area(client, place[0]), place[1])(*args, **arguments)
        except (WeaviateBaseError, ConnectionError) as error:
            raise translated(error, place[1], self.name) from error

    def _ready(self) -> Any:
        from weaviate.exceptions import WeaviateBaseError

        try:
            return self._client()
        except (WeaviateBaseError, ConnectionError) as error:
            raise translated(error, "connecting", self.name) from error

    async def _aready(self) -> Any:
        from weaviate.exceptions import WeaviateBaseError

        try:
            return await self._aclient()
        except (WeaviateBaseError, ConnectionError) as error:
            raise translated(error, "connecting", self.name) from error

    def _area(self, client: Any, area: str) -> Any:
        if area == "collections":
            return client.collections
        own = self._own.get(client)
        if own is None:
            # The client makes all areas of a class at once, which takes as long as a search.
            # What goes to it was checked on this side, and its own checks take a tenth of a search.
            own = client.collections.use(self.name, skip_argument_validation=True)
            own = own if self.tenant is None else own.with_tenant(self.tenant)
            self._own[client] = own
        return getattr(own, area)

    def _client(self) -> Any:
        if (held := self._plain) is not None:
            return held
        with self._opening:
            self.check_open()
            if self._plain is None:
                client = self._address.client(is_async=False)
                # A client that failed to connect holds sockets all the same.
                try:
                    client.connect()
                    _take_over(client, self.name, is_async=False)
                    with self._lock:
                        # Somebody may have closed the store meanwhile.
                        self.check_open()
                        self._plain = client
                except BaseException:
                    client.close()
                    raise
            return self._plain

    async def _aclient(self) -> Any:
        import asyncio

        loop = asyncio.get_running_loop()
        with self._lock:
            self.check_open()
            # Loops that were closed without ceremony leave nothing that could still be closed.
            self._on_loops = {
                each: seat for each, seat in self._on_loops.items() if not each.is_closed()
            }
            seat = self._on_loops.setdefault(loop, _Seat())
        # Tasks that come at the same time wait for one client instead of opening several.
        async with seat.turn:
            if seat.keeper is None:
                client = self._address.client(is_async=True)
                try:
                    await client.connect()
                    _take_over(client, self.name, is_async=True)
                    self.check_open()
                except BaseException:
                    await client.close()
                    raise
                seat.client, seat.keeper = client, _kept(client)
                # Runs to its yield at once, which hands it to the loop's shutdown.
                await anext(seat.keeper)
            return seat.client

    def close(self) -> None:
        """Close all clients: the plain one here, those of loops on their loops."""
        held = self._taken()
        if not held:
            return
        import asyncio

        for loop, keeper in held.items():
            if loop.is_running():
                asyncio.run_coroutine_threadsafe(keeper.aclose(), loop)
            elif not loop.is_closed() and not _is_in_a_loop():
                loop.run_until_complete(keeper.aclose())

    async def aclose(self) -> None:
        """Async twin of :meth:`close`."""
        import asyncio

        here = asyncio.get_running_loop()
        for loop, keeper in self._taken().items():
            if loop is here:
                await keeper.aclose()
            elif loop.is_running():
                asyncio.run_coroutine_threadsafe(keeper.aclose(), loop)

    def _taken(self) -> dict[asyncio.AbstractEventLoop, AsyncGenerator[None]]:
        with self._lock:
            self._closed = True
            plain, self._plain = self._plain, None
            held, self._on_loops = self._on_loops, {}
        if plain is not None:
            plain.close()
        return {loop: seat.keeper for loop, seat in held.items() if seat.keeper is not None}


class _Seat:
    """The client of one event loop, opened by the first task that needs it."""

    def __init__(self) -> None:
        import asyncio

        self.turn = asyncio.Lock()
        self.client: Any = None
        self.keeper: AsyncGenerator[None] | None = None


def _take_over(client: Any, name: str, *, is_async: bool) -> None:
    """Put our stub before the client's, which sleeps for a minute before it tells of an outage.

    Raises:
        ConfigurationError: If this version of the client keeps its stub elsewhere.
    """
    connection: Any = getattr(client, "_connection", None)
    # No names that the client promises to keep: a version without them is told and not guessed at.
    lacking = [
        own for own in ("_grpc_stub", "grpc_headers") if getattr(connection, own, None) is None
    ]
    if lacking:
        raise ConfigurationError(
            f"this version of weaviate-client ({_version()}) has no {' and '.join(lacking)} where "
            f"racto-stores-weaviate looks for it; install another, such as weaviate-client==4.24.1, "
            f"or a newer racto-stores-weaviate",
            provider="weaviate",
        )
    connection._grpc_stub = TranslatingStub(connection._grpc_stub, name, is_async=is_async)


def _version() -> str:
    from importlib.metadata import version

    return version("weaviate-client")


async def _kept(client: Any) -> AsyncGenerator[None]:
    """Holds a client open until its loop shuts down, also where nobody closes the store."""
    try:
        yield
    finally:
        await client.close()


def _is_in_a_loop() -> bool:
    import asyncio

    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True
