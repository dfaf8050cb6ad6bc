"""What a server tells its clients unasked: lists that changed, resources that changed."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final, get_args

import mcp_types as types
from mcp import MCPError
from mcp.server.connection import Connection, allowed_log_levels
from mcp.server.context import ServerRequestContext
from mcp.server.lowlevel import Server
from mcp.server.subscriptions import ListenHandler
from mcp.shared.subscriptions import (
    PromptsListChanged,
    ResourcesListChanged,
    ResourceUpdated,
    ServerEvent,
    ToolsListChanged,
)
from mcp_types.version import MODERN_PROTOCOL_VERSIONS

_LEVELS: Final = get_args(types.LoggingLevel)
_MOST_SUBSCRIPTIONS: Final = 1000
_METHODS: Final[dict[type, str]] = {
    ToolsListChanged: "notifications/tools/list_changed",
    ResourcesListChanged: "notifications/resources/list_changed",
    PromptsListChanged: "notifications/prompts/list_changed",
    ResourceUpdated: "notifications/resources/updated",
}


@dataclass(eq=False)
class _Handshake:
    """A client of the older protocol, as far as notices go."""

    connection: Connection
    loop: asyncio.AbstractEventLoop
    level: str = "info"
    uris: set[str] = field(default_factory=set)
    # Notices on their way; a client that does not read gets one of each, not a heap.
    waiting: dict[tuple[str, str], asyncio.Task[None]] = field(default_factory=dict)


class _Bus:
    """Hands events to the open streams of all loops, from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._listeners: dict[
            object, tuple[asyncio.AbstractEventLoop, Callable[[ServerEvent], None]]
        ] = {}

    def subscribe(self, listener: Callable[[ServerEvent], None]) -> Callable[[], None]:
        token = object()
        with self._lock:
            self._listeners[token] = (asyncio.get_running_loop(), listener)
        return lambda: self._forget(token)

    async def publish(self, event: ServerEvent) -> None:
        self.tell(event)

    def tell(self, event: ServerEvent) -> None:
        with self._lock:
            listeners = list(self._listeners.values())
        for loop, listener in listeners:
            _soon(loop, listener, event)

    def _forget(self, token: object) -> None:
        with self._lock:
            self._listeners.pop(token, None)


class Notices:
    """Tells clients of both eras what changed: streams of today's, sessions of the handshake."""

    def __init__(self) -> None:
        self._bus = _Bus()
        self._listen = ListenHandler(self._bus)
        self._lock = threading.Lock()
        self._sessions: set[_Handshake] = set()

    def install(self, server: Server[Any]) -> None:
        """Let a server answer what belongs to notices: subscriptions, and the level of logs."""
        server.add_request_handler(
            "subscriptions/listen", types.SubscriptionsListenRequestParams, self._listen
        )
        server.add_request_handler(
            "resources/subscribe", types.SubscribeRequestParams, self._subscribe
        )
        server.add_request_handler(
            "resources/unsubscribe", types.UnsubscribeRequestParams, self._unsubscribe
        )
        # Not through the constructor, which warns users of a deprecation that is not theirs.
        server.add_request_handler("logging/setLevel", types.SetLevelRequestParams, self._set_level)
        server.add_notification_handler(
            "notifications/initialized", types.NotificationParams, self._initialized
        )

    def tell(self, event: ServerEvent) -> None:
        """Tell whoever wants to know; from any thread, without waiting."""
        self._bus.tell(event)
        # Lists concern every session; a resource only those that watch it.
        uri = event.uri if isinstance(event, ResourceUpdated) else ""
        with self._lock:
            sessions = [each for each in self._sessions if not uri or uri in each.uris]
        for session in sessions:
            _soon(session.loop, _send, session, _METHODS[type(event)], uri)

    def close(self) -> None:
        """End the open streams in order; call it on their loop."""
        self._listen.close()

    async def _subscribe(
        self, request: ServerRequestContext[Any, Any], params: types.SubscribeRequestParams
    ) -> types.EmptyResult:
        uris = self._session(request).uris
        # Each is kept for as long as the session lasts.
        if len(uris) >= _MOST_SUBSCRIPTIONS:
            raise MCPError(
                types.INVALID_REQUEST, f"a session may watch {_MOST_SUBSCRIPTIONS} resources"
            )
        uris.add(str(params.uri))
        return types.EmptyResult()

    async def _unsubscribe(
        self, request: ServerRequestContext[Any, Any], params: types.UnsubscribeRequestParams
    ) -> types.EmptyResult:
        self._session(request).uris.discard(str(params.uri))
        return types.EmptyResult()

    async def _set_level(
        self, request: ServerRequestContext[Any, Any], params: types.SetLevelRequestParams
    ) -> types.EmptyResult:
        self._session(request).level = params.level
        return types.EmptyResult()

    async def _initialized(
        self, request: ServerRequestContext[Any, Any], _params: types.NotificationParams
    ) -> None:
        if request.protocol_version not in MODERN_PROTOCOL_VERSIONS:
            self._session(request)

    def _session(self, request: ServerRequestContext[Any, Any]) -> _Handshake:
        connection = _connection(request)
        known: _Handshake | None = connection.state.get(_KEY)
        if known is None:
            known = _Handshake(connection, asyncio.get_running_loop())
            connection.state[_KEY] = known
            with self._lock:
                self._sessions.add(known)
            connection.exit_stack.callback(self._forget, known)
        return known

    def _forget(self, session: _Handshake) -> None:
        with self._lock:
            self._sessions.discard(session)
        for task in session.waiting.values():
            task.cancel()


_KEY: Final = "racto.tools.mcp.server.notices"


def takes_log(request: ServerRequestContext[Any, Any], level: types.LoggingLevel) -> bool:
    """Whether the client of a request wants log messages of this level.

    Today's clients say so with each request, older ones once a session; ``info`` and above until
    they do.
    """
    if request.protocol_version in MODERN_PROTOCOL_VERSIONS:
        meta = dict(request.meta) if request.meta else None
        return level in allowed_log_levels(request.protocol_version, meta)
    known: _Handshake | None = _connection(request).state.get(_KEY)
    least = known.level if known is not None else "info"
    return _LEVELS.index(level) >= _LEVELS.index(least)


def _connection(request: ServerRequestContext[Any, Any]) -> Connection:
    # The SDK hands handlers a proxy; what lasts as long as the session is behind it.
    return request.session._connection


def _soon(loop: asyncio.AbstractEventLoop, function: Callable[..., None], *args: Any) -> None:
    try:
        here = asyncio.get_running_loop() is loop
    except RuntimeError:
        here = False
    if here:
        function(*args)
    elif not loop.is_closed():
        loop.call_soon_threadsafe(function, *args)


def _send(session: _Handshake, method: str, uri: str) -> None:
    key = (method, uri)
    # The one on its way will make the client look, and it will see this change too.
    if key in session.waiting:
        return
    params = {"uri": uri} if uri else None
    task = session.loop.create_task(session.connection.notify(method, params))
    session.waiting[key] = task
    task.add_done_callback(lambda _: session.waiting.pop(key, None))
