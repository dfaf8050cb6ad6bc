"""A connection on its loop: one session at a time, opened again with growing pauses when it dies."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import math
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import Future
from itertools import count
from typing import TYPE_CHECKING, Any, TypeVar, cast

import mcp_types as types
from mcp import Client, MCPError

from racto.core import (
    APIConnectionError,
    InvalidResponseError,
    RactoGatewayError,
    RactoGatewayTimeoutError,
)
from racto.tools.mcp.auth.patience import standing_still
from racto.tools.mcp.configs import MCPClientConfig
from racto.tools.mcp.failures import ConnectionClosedError, translated
from racto.tools.mcp.interactions import Interactions
from racto.tools.mcp.loops import stands_still
from racto.tools.mcp.transports.clients import Exchange, noted

from .callbacks import AsyncCallbacks, AsyncProgress
from .clocks import CallClock, Clocks
from .older import AsyncOlderServer
from .session import AsyncSession
from .standing import ConnectionState, Standing

if TYPE_CHECKING:
    import httpx2

T = TypeVar("T")

_log = logging.getLogger("racto.tools.mcp")

# Seconds in which the end of a session is known after a call heard of it.
_NOTICE = 1.0


class AsyncHome:
    """The part of a connection that belongs to one loop, made while that loop runs.

    Args:
        config: How to reach the server.
        interactions: What the server may ask and tell.
        standing: Kept up to date.
        auth: An authentication flow for HTTP.

    Attributes:
        loop: The loop on which the session lives.
        session: The open session, if there is one.
    """

    def __init__(
        self,
        config: MCPClientConfig,
        interactions: Interactions,
        *,
        standing: Standing,
        auth: httpx2.Auth | None = None,
    ) -> None:
        self.loop = asyncio.get_running_loop()
        self.session: AsyncSession | None = None
        self.standing = standing
        self._config, self._auth = config, auth
        self._clocks = Clocks()
        self._callbacks = AsyncCallbacks(interactions, label=config.label, clocks=self._clocks)
        self._log_level = interactions.log_level if interactions.on_log else None
        self._wants_changes = interactions.on_change is not None
        self._lock = asyncio.Lock()
        self._opening: AsyncSession | None = None
        self._closed = asyncio.Event()
        self._failures = 0
        self._tries = 0

    @property
    def label(self) -> str:
        """The server's label."""
        return self._config.label

    @property
    def is_handshake(self) -> bool:
        """Whether the open session speaks a protocol that begins with a handshake."""
        return self.session is not None and self.session.is_handshake

    async def run(self, make: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Await something on the loop of this home, from whatever loop."""
        if asyncio.get_running_loop() is self.loop:
            return await make()
        self.check_elsewhere()
        return await asyncio.wrap_future(self._handed_over(make))

    def wait(self, make: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Wait for something on the loop of this home, from a thread.

        Raises:
            RuntimeError: If this very loop runs in this thread, which would wait for itself.
        """
        self.check_elsewhere()
        future = self._handed_over(make)
        try:
            return future.result()
        except BaseException:
            future.cancel()
            raise

    def check_elsewhere(self) -> None:
        """Do nothing, unless a blocking call from here would wait for itself.

        Raises:
            RuntimeError: If the loop of this home stands still until the caller is done.
        """
        if stands_still(self.loop):
            problem = (
                f"the session with MCP server {self._config.label!r} lives on the loop that runs "
                "here, and a synchronous call would wait for itself; await the async method"
            )
            # A registry tells a model why its tool failed, and this is nothing for a model.
            _log.error("%s", problem)
            raise RuntimeError(problem)

    async def open(self) -> None:
        """Open a session if there is none.

        Raises:
            RactoGatewayError: If the server cannot be reached.
            ConnectionClosedError: If the connection was closed meanwhile.
        """
        await self._ready()

    async def close(self) -> None:
        """End the session, and come back when nothing is left of it; twice is fine."""
        self._closed.set()
        if self._opening is not None:
            await self._opening.close()
        async with self._lock:
            session, self.session = self.session, None
            if session is not None:
                await session.close()
            self.standing.state = "closed"

    def let_go(self) -> None:
        """Begin to end the session, from any thread; nobody is left who could wait."""
        if not self.loop.is_closed():
            with contextlib.suppress(RuntimeError):
                self.loop.call_soon_threadsafe(self._abandon)

    async def call(
        self,
        doing: str,
        make: Callable[[Client], Awaitable[T]],
        *,
        timeout: float | None = None,
        is_repeatable: bool = True,
    ) -> T:
        """Make one call on the open session, opening it again if it was lost.

        Args:
            doing: What the call does, for errors.
            make: Makes the call.
            timeout: Seconds for all of it; None takes the configuration's, infinity is no limit.
            is_repeatable: Whether a call that was lost on the way may be made again.

        Raises:
            RactoGatewayError: If it fails, whatever the SDK raised.
        """
        seconds = self._config.timeout if timeout is None else timeout
        clock = CallClock(None if seconds == math.inf else seconds)
        exchange = noted()
        standing_still.set(self._clocks.standing_still)
        try:
            async with clock:
                with self._clocks.counting(clock):
                    return await self._calling(make, exchange, is_repeatable)
        except RactoGatewayError:
            raise
        except TimeoutError as error:
            raise self._too_late(doing, seconds) from error
        except Exception as error:
            raise translated(
                error, label=self._config.label, doing=doing, exchange=exchange
            ) from error

    def log_meta(self) -> types.RequestParamsMeta | None:
        """What a request of today's protocol says of the log messages it wants."""
        level = self.standing.log_level
        if level is None or self.is_handshake:
            return None
        return cast("types.RequestParamsMeta", {types.LOG_LEVEL_META_KEY: level})

    def progress(self, told: Callable[..., Any] | None) -> AsyncProgress | None:
        """What hands the progress of one call on to a function of the user's."""
        return None if told is None else AsyncProgress(self._callbacks, told)

    async def watch(self) -> None:
        """Apply the subscriptions of today's protocol, which one stream carries all."""
        if self.session is not None and not self.session.is_handshake:
            await self.session.watch(self.standing.subscriptions)

    def _handed_over(self, make: Callable[[], Coroutine[Any, Any, T]]) -> Future[T]:
        try:
            if self.loop.is_running():
                return asyncio.run_coroutine_threadsafe(make(), self.loop)
        except RuntimeError:
            # It was closed just now.
            _log.debug("the loop of %s ended", self._config.label)
        raise ConnectionClosedError(
            f"the session with MCP server {self._config.label!r} lives on an event loop that does "
            "not run any more; open it again",
            provider=self._config.label,
        )

    async def _calling(
        self, make: Callable[[Client], Awaitable[T]], exchange: Exchange, is_repeatable: bool
    ) -> T:
        for attempt in count(1):
            session = await self._ready()
            try:
                answer = await make(session.client)
            except MCPError as error:
                has_expired = await self._has_expired(session, exchange)
                if not has_expired and not await _was_lost(session, error):
                    raise
                # Whoever never received a call did not act on it.
                is_safe = is_repeatable or has_expired or session.is_unsent
                if not is_safe or attempt >= self._config.reconnect.attempts:
                    raise self._lost(session) from error
            else:
                session.has_served = True
                return answer
        raise AssertionError("unreachable")

    async def _ready(self) -> AsyncSession:
        session = self.session
        if session is not None and not session.ended.is_set():
            return session
        tries = self._tries
        async with self._lock:
            session = self.session
            if session is not None and not session.ended.is_set():
                return session
            if tries != self._tries and self.standing.error is not None:
                # Somebody tried while this one waited; a crowd must not try one by one.
                raise self.standing.error
            if session is None:
                return await self._opened(attempts=1)
            self.session = None
            await session.finished()
            # One that never answered anything would be started over and over without a pause.
            self._failures = 0 if session.has_served else self._failures + 1
            why = session.cause or f"the session of MCP server {self._config.label!r} has expired"
            _log.warning("%s; it is opened again", why)
            opened = await self._opened(attempts=self._config.reconnect.attempts)
        await self._tell_changes(opened)
        return opened

    async def _opened(self, *, attempts: int) -> AsyncSession:
        """Open a session; called with the lock held."""
        for attempt in count(1):
            await self._pause()
            self._note("opening", self.standing.error)
            session = self._opening = AsyncSession(self._config, self._callbacks, auth=self._auth)
            try:
                await session.open()
                await self._prepare(session)
            except RactoGatewayError as error:
                await session.close()
                self._failures += 1
                self._note("failed", error)
                if self._closed.is_set() or not error.retryable or attempt >= attempts:
                    self._tries += 1
                    raise
            except BaseException:
                await session.close()
                self._note("failed", self.standing.error)
                raise
            else:
                self.session = session
                self._note("open", None)
                session.when_over(self._is_over)
                return session
            finally:
                self._opening = None
        raise AssertionError("unreachable")

    async def _pause(self) -> None:
        policy = self._config.reconnect
        if self._failures and not self._closed.is_set():
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(policy.delay(self._failures)):
                    await self._closed.wait()
        if self._closed.is_set():
            raise ConnectionClosedError(
                f"the client of MCP server {self._config.label!r} was closed",
                provider=self._config.label,
            )

    async def _prepare(self, session: AsyncSession) -> None:
        """Ask a new session for all that was asked of the one before."""
        if not session.is_handshake:
            if self._wants_changes or self.standing.subscriptions:
                await session.watch(self.standing.subscriptions)
            return
        client, wanted = session.client, self.standing.log_level or self._log_level
        older = AsyncOlderServer(client)
        try:
            if wanted is not None and client.server_capabilities.logging is not None:
                await older.set_log_level(wanted)
            for uri in self.standing.subscriptions:
                await older.subscribe(uri)
        except MCPError as error:
            _log.warning("%s does not do what it did before: %s", self._config.label, error)

    async def _tell_changes(self, session: AsyncSession) -> None:
        said = session.client.server_capabilities
        for kind in ("tools", "resources", "prompts"):
            if getattr(said, kind) is not None:
                await self._callbacks.changed(kind)

    async def _has_expired(self, session: AsyncSession, exchange: Exchange) -> bool:
        # A server that was restarted does not know the session, and says so in HTTP only.
        if self._config.transport != "streamable-http" or exchange.status != 404:
            return False
        if not session.is_handshake or not session.has_served:
            return False
        await session.close()
        return True

    def _is_over(self, session: AsyncSession) -> None:
        # Told as it happens, so that a look at the state does not need a call.
        if session is self.session and session.cause is not None:
            self._note("lost", session.cause)

    def _abandon(self) -> None:
        self._closed.set()
        for session in (self.session, self._opening):
            if session is not None:
                session.end()

    def _note(self, state: ConnectionState, error: RactoGatewayError | None) -> None:
        self.standing.state, self.standing.error = state, error

    def _lost(self, session: AsyncSession) -> RactoGatewayError:
        label = self._config.label
        if session.cause is None:
            return ConnectionClosedError(
                f"the client of MCP server {label!r} was closed during the call", provider=label
            )
        cause = session.cause
        if session.is_unsent:
            return cause
        kind = (
            InvalidResponseError if isinstance(cause, InvalidResponseError) else APIConnectionError
        )
        made = kind(
            f"{cause.message}\nThe server may or may not have done what was asked of it.",
            provider=label,
            retryable=False,
        )
        made.__cause__ = cause
        return made

    def _too_late(self, doing: str, seconds: float | None) -> RactoGatewayTimeoutError:
        return RactoGatewayTimeoutError(
            f"MCP server {self._config.label!r}, {doing}: no answer within {seconds:g} s; the call "
            "was cancelled. Allow more with timeout=",
            provider=self._config.label,
        )


async def _was_lost(session: AsyncSession, error: MCPError) -> bool:
    """Whether a call failed because the session ended under it."""
    # The SDK makes up the same code for an answer that was cut, and the session goes on.
    if error.code != types.CONNECTION_CLOSED or error.message != "Connection closed":
        return False
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_NOTICE):
            await session.ended.wait()
    if session.ended.is_set():
        await session.finished()
    return session.ended.is_set()
