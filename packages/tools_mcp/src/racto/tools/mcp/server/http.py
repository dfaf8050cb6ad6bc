"""The ASGI app of a server: streamable HTTP and the older SSE side by side, ready to be mounted."""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from mcp.server.lowlevel import Server
from mcp.server.sse import SseServerTransport
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Mount, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from .bearers import BearerGate
from .guards import HostGuard, HostPolicy
from .limits import ServerLimits


def asgi_app(
    server: Server[Any], *, limits: ServerLimits, policy: HostPolicy, gate: BearerGate | None
) -> Starlette:
    """Streamable HTTP at ``/mcp``, SSE at ``/sse`` and ``/messages/``.

    It runs alone or mounted in another app; a mounted app's lifespan is nobody's business, so
    sessions begin to be kept at the first request.

    Args:
        server: The server of the SDK.
        limits: Sizes and numbers.
        policy: Allowed Host and Origin headers.
        gate: Who may use it; None for everybody.
    """
    streamable, events = _Streamable(server, limits), _Events(server, limits)

    def guarded(app: ASGIApp) -> ASGIApp:
        return gate.guarded(app) if gate is not None else app

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        try:
            yield
        finally:
            events.close()
            await streamable.close()

    # Before connections are waited for, which open streams would never end by themselves.
    def end_sessions() -> None:
        events.close()
        streamable.stop()

    app = Starlette(
        routes=[
            Route("/mcp", endpoint=guarded(streamable)),
            Route("/sse", endpoint=guarded(events)),
            Mount("/messages/", app=guarded(events.messages)),
            *(gate.routes if gate is not None else ()),
        ],
        middleware=[
            Middleware(HostGuard, policy=policy),
            *(gate.middleware if gate is not None else ()),
        ],
        lifespan=lifespan,
    )
    app.state.end_sessions = end_sessions
    return app


class _Streamable:
    """Keeps one session manager for each loop, in a task of its own."""

    def __init__(self, server: Server[Any], limits: ServerLimits) -> None:
        self._server = server
        self._limits = limits
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[None] | None = None
        self._ready: asyncio.Future[StreamableHTTPSessionManager] | None = None
        self._stop = asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        loop = asyncio.get_running_loop()
        # A manager serves once, on one loop; another loop, or a new start, needs another.
        if self._ready is None or self._loop is not loop or (self._task and self._task.done()):
            self._loop, self._stop = loop, asyncio.Event()
            self._ready = loop.create_future()
            # Without the first request's context, which would pass for that of all later ones.
            self._task = loop.create_task(
                self._keep(self._ready, self._stop), context=contextvars.Context()
            )
        # One impatient client must not cancel what the others wait for.
        manager = await asyncio.shield(self._ready)
        await manager.handle_request(scope, receive, send)

    def stop(self) -> None:
        self._stop.set()

    async def close(self) -> None:
        task, self._ready, self._task = self._task, None, None
        if task is not None and self._loop is asyncio.get_running_loop():
            self._stop.set()
            await asyncio.wait({task})

    async def _keep(
        self, ready: asyncio.Future[StreamableHTTPSessionManager], stop: asyncio.Event
    ) -> None:
        manager = StreamableHTTPSessionManager(
            self._server,
            session_idle_timeout=self._limits.session_idle_timeout,
            max_request_body_size=self._limits.max_request_bytes,
            max_sessions=self._limits.max_sessions,
        )
        async with manager.run():
            ready.set_result(manager)
            await stop.wait()


class _Events:
    """Serves SSE sessions: each is one open GET request."""

    def __init__(self, server: Server[Any], limits: ServerLimits) -> None:
        self._server = server
        self._most = limits.max_sessions
        self._transport = SseServerTransport(
            "/messages/", max_request_body_size=limits.max_request_bytes
        )
        self._sessions: set[Any] = set()
        self.messages: ASGIApp = self._transport.handle_post_message

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] != "GET":
            refusal = PlainTextResponse("SSE begins with GET", 405, {"Allow": "GET"})
            await refusal(scope, receive, send)
        elif len(self._sessions) >= self._most:
            await PlainTextResponse("Too many open sessions", 503)(scope, receive, send)
        else:
            async with self._transport.connect_sse(scope, receive, send) as (reading, writing):
                self._sessions.add(writing)
                try:
                    options = self._server.create_initialization_options()
                    await self._server.run(reading, writing, options)
                finally:
                    self._sessions.discard(writing)

    def close(self) -> None:
        # The end of what is written ends the response, and with it the session, in order.
        for writing in list(self._sessions):
            writing.close()
