"""Pinecone's clients: one for plain calls, one for each event loop, and the address they share."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING, Any

from racto.core.errors import StoreClosedError
from racto.core.flows import Flow, step

from .failures import translated

if TYPE_CHECKING:
    import asyncio
    from collections.abc import AsyncGenerator
    from typing import TypeAlias

    from pinecone.async_client.async_index import AsyncIndex
    from pinecone.index import Index

    _Held: TypeAlias = tuple[str, AsyncIndex, AsyncGenerator[None]]


class Connections:
    """Calls Pinecone in either voice; errors come out as racto's.

    Args:
        name: Name of the index.
        api_key: The key.
        host: Address of the index; asked of the control plane when it is not given.
        control_host: Address of the control plane; None for Pinecone's own.
        timeout: Seconds that one attempt of a request may take.
    """

    def __init__(
        self,
        name: str,
        *,
        api_key: str,
        host: str | None,
        control_host: str | None,
        timeout: float,
    ) -> None:
        self.name = name
        self._key, self._timeout = api_key, timeout
        self._given_host, self._host = host, host
        self._control: dict[str, Any] = {"host": control_host, "timeout": timeout}
        self._lock = Lock()
        # Each with the address that it was made for: a new index may have another.
        self._plain: tuple[str, Index] | None = None
        self._on_loops: dict[asyncio.AbstractEventLoop, _Held] = {}
        self._closed = False

    def check_open(self) -> None:
        """See that the store is open.

        Raises:
            StoreClosedError: If it was closed.
        """
        if self._closed:
            raise StoreClosedError("this PineconeStore was closed; make a new one")

    def call(self, method: str, **arguments: Any) -> Flow[Any]:
        """Call a method of the index.

        Args:
            method: Its name.
            **arguments: Its arguments.
        """
        self.check_open()
        if self._host is None:
            described = yield from self.manage("describe", self.name)
            self._host = described.host
        return (yield from step(self._ask, self._aask, self._host, method, arguments))

    def manage(self, method: str, *args: Any, **arguments: Any) -> Flow[Any]:
        """Call a method of the control plane's indexes.

        Args:
            method: Its name.
            *args: Its arguments.
            **arguments: Its arguments by name.
        """
        self.check_open()
        return (yield from step(self._manage, self._amanage, method, args, arguments))

    def forget(self) -> None:
        """Forget the address, as after an index was made or deleted."""
        self._host = self._given_host

    def _ask(self, host: str, method: str, arguments: dict[str, Any]) -> Any:
        from pinecone.errors.exceptions import PineconeError

        try:
            return getattr(self._index(host), method)(**arguments)
        except PineconeError as error:
            raise translated(error, method, self.name) from error

    async def _aask(self, host: str, method: str, arguments: dict[str, Any]) -> Any:
        from pinecone.errors.exceptions import PineconeError

        try:
            return await getattr(await self._aindex(host), method)(**arguments)
        except PineconeError as error:
            raise translated(error, method, self.name) from error

    def _manage(self, method: str, args: tuple[Any, ...], arguments: dict[str, Any]) -> Any:
        from pinecone import Pinecone
        from pinecone.errors.exceptions import PineconeError

        try:
            # Asked so rarely that a connection is not worth keeping.
            with Pinecone(self._key, **self._control) as client:
                return getattr(client.indexes, method)(*args, **arguments)
        except PineconeError as error:
            raise translated(error, method, self.name) from error

    async def _amanage(self, method: str, args: tuple[Any, ...], arguments: dict[str, Any]) -> Any:
        from pinecone import AsyncPinecone
        from pinecone.errors.exceptions import PineconeError

        try:
            async with AsyncPinecone(self._key, **self._control) as client:
                return await getattr(client.indexes, method)(*args, **arguments)
        except PineconeError as error:
            raise translated(error, method, self.name) from error

    def _index(self, host: str) -> Index:
        from pinecone.index import Index

        with self._lock:
            self.check_open()
            if self._plain is not None and self._plain[0] == host:
                return self._plain[1]
            if self._plain is not None:
                self._plain[1].close()
            fresh = Index(host=host, api_key=self._key, timeout=self._timeout)
            self._plain = (host, fresh)
            return fresh

    async def _aindex(self, host: str) -> AsyncIndex:
        import asyncio

        from pinecone.async_client.async_index import AsyncIndex

        loop = asyncio.get_running_loop()
        with self._lock:
            self.check_open()
            found = self._on_loops.get(loop)
            if found is not None and found[0] == host:
                return found[1]
            # Loops that were closed without ceremony leave nothing that could still be closed.
            kept = {each: held for each, held in self._on_loops.items() if not each.is_closed()}
            fresh = AsyncIndex(host=host, api_key=self._key, timeout=self._timeout)
            keeper = _kept(fresh)
            self._on_loops = {**kept, loop: (host, fresh, keeper)}
        # Runs to its yield at once, which hands it to the loop's shutdown.
        await anext(keeper)
        if found is not None:
            await found[2].aclose()
        return fresh

    def close(self) -> None:
        """Close all clients: the plain one here, those of loops on their loops."""
        held = self._taken()
        if not held:
            return
        import asyncio

        for loop, (_, _, keeper) in held.items():
            if loop.is_running():
                asyncio.run_coroutine_threadsafe(keeper.aclose(), loop)
            elif not loop.is_closed() and not _is_in_a_loop():
                loop.run_until_complete(keeper.aclose())

    async def aclose(self) -> None:
        """Async twin of :meth:`close`."""
        import asyncio

        here = asyncio.get_running_loop()
        for loop, (_, _, keeper) in self._taken().items():
            if loop is here:
                await keeper.aclose()
            elif loop.is_running():
                asyncio.run_coroutine_threadsafe(keeper.aclose(), loop)

    def _taken(self) -> dict[asyncio.AbstractEventLoop, _Held]:
        with self._lock:
            self._closed = True
            plain, self._plain = self._plain, None
            held, self._on_loops = self._on_loops, {}
        if plain is not None:
            plain[1].close()
        return held


async def _kept(client: AsyncIndex) -> AsyncGenerator[None]:
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
