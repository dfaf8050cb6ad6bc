"""The ASGI application: who may call, what is read, what is answered, and how it all ends.

It speaks ASGI itself: a framework's stack between the protocol and the processor costs as much as
all of the server's own work on a request. It can be mounted in any other ASGI application.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, TypeAlias

from . import journal
from .bodies import Body
from .documentation import PAGE, document
from .keys import KeyRing
from .metrics import KIND, Metrics
from .origins import Origins
from .payloads import (
    check_media_type,
    object_from,
    request_id_from,
    seconds_from,
)
from .replies import GONE, RefusedError, Reply, refusal, written
from .routes import PATHS, Routes
from .services import Services
from .settings import ServerSettings

Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]

_READ = ("/ping", "/avail", "/ready", "/metrics", "/openapi.json", "/docs")
_PONG = Reply(body=b'{"status":"pong"}')


class _Visit:
    """One request under way: what is known of it for the reply and for the journal."""

    __slots__ = ("data", "gone", "headers", "id", "method", "path", "services")

    def __init__(self, scope: Message, services: Services) -> None:
        self.headers: dict[bytes, bytes] = dict(scope["headers"])
        self.method: str = scope["method"]
        # Where it is mounted below a prefix, the path is what comes after it.
        self.path: str = scope["path"].removeprefix(scope.get("root_path", ""))
        self.id = request_id_from(self.headers.get(b"x-request-id"))
        self.services = services
        self.data: dict[str, Any] = {}
        self.gone = False


class Application:
    """Serves a registry over HTTP, with RoutIR's wire contract and what it lacks.

    Args:
        services: What to serve.
        settings: Sizes and times; the defaults suit one machine.
        keys: Who may call; None lets everybody.
    """

    def __init__(
        self,
        services: Services,
        settings: ServerSettings | None = None,
        *,
        keys: KeyRing | None = None,
    ) -> None:
        self.services = services
        self.settings = settings or ServerSettings()
        self.metrics = Metrics()
        self.ready = False
        self._keys = keys or KeyRing()
        self._routes = Routes(max_requests=self.settings.max_requests)
        self._body = Body(most=self.settings.max_body_bytes, timeout_s=self.settings.body_timeout_s)
        self._origins = Origins(self.settings.cors)
        self._told: dict[str, Callable[[], Reply]] = {
            "/ping": lambda: _PONG,
            "/avail": lambda: Reply(body=self.services.avail),
            "/ready": self._readiness,
            "/metrics": lambda: Reply(body=self.metrics.text(self.services), kind=KIND),
            "/openapi.json": lambda: written(document()),
            "/docs": lambda: PAGE,
        }
        self._retiring: set[asyncio.Task[None]] = set()

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Serve one connection of the ASGI protocol.

        Args:
            scope: What is asked for.
            receive: Where messages come from.
            send: Where messages go.
        """
        if scope["type"] == "http":
            await self._visit(_Visit(scope, self.services), receive, send)
        elif scope["type"] == "lifespan":
            await self._live(receive, send)
        else:
            # The only other kind is a web socket, of which there are none here.
            await send({"type": "websocket.close", "code": 1003})

    def drain(self) -> None:
        """Say at ``/ready`` that no new requests should come; those that do are still answered."""
        self.ready = False

    def replace(self, services: Services) -> None:
        """Serve other services from now on; the old ones are closed when their requests are done.

        Called on the loop that serves. The new ones are started by the caller.

        Args:
            services: The new ones.
        """
        old, self.services = self.services, services
        task = asyncio.get_running_loop().create_task(self._retire(old))
        self._retiring.add(task)
        task.add_done_callback(self._retiring.discard)

    async def _visit(self, visit: _Visit, receive: Receive, send: Send) -> None:
        began = time.perf_counter()
        self.metrics.active += 1
        visit.services.enter()
        status = GONE
        try:
            try:
                reply = await self._reply(visit, receive)
            except Exception as error:
                reply = refusal(error, visit.id)
            if reply.status != GONE:
                await self._send(visit, reply, send)
                status = reply.status
        except asyncio.CancelledError:
            # The caller hung up, and the work was cancelled for that; nothing else may be hidden.
            if not visit.gone:
                raise
            if (task := asyncio.current_task()) is not None:
                task.uncancel()
        finally:
            self.metrics.active -= 1
            visit.services.leave()
            self._note(visit, status, time.perf_counter() - began)

    async def _reply(self, visit: _Visit, receive: Receive) -> Reply:
        if visit.method == "OPTIONS":
            return self._origins.preflight(visit.headers)
        path = visit.path
        if path != "/ping" and not self._keys.admits(visit.headers.get(b"authorization")):
            raise RefusedError(
                "send a valid key with Authorization: Bearer",
                status=401,
                headers=((b"www-authenticate", b"Bearer"),),
            )
        told = self._told.get(path)
        if told is None and path not in self._routes:
            raise RefusedError(f"there is nothing at this path; see {', '.join(_READ)}", status=404)
        allowed = "POST" if told is None else "GET"
        if visit.method != allowed:
            headers = ((b"allow", f"{allowed}, OPTIONS".encode()),)
            raise RefusedError(f"this path takes {allowed} only", status=405, headers=headers)
        return told() if told is not None else await self._answer(visit, receive)

    async def _answer(self, visit: _Visit, receive: Receive) -> Reply:
        check_media_type(visit.headers.get(b"content-type"))
        seconds = seconds_from(visit.headers.get(b"x-request-timeout"), self.settings.timeout_s)
        # The time counts from here: a slow upload is part of what the client waits for.
        loop = asyncio.get_running_loop()
        deadline = loop.time() + seconds
        body = await self._body(receive, visit.headers.get(b"content-length"))
        visit.data = object_from(body, max_depth=self.settings.max_depth)
        watcher = loop.create_task(_watch(visit, receive, asyncio.current_task()))
        try:
            status, told = await self._routes(
                visit.path, visit.services, visit.data, request_id=visit.id, deadline=deadline
            )
        finally:
            watcher.cancel()
        return written(told, status)

    async def _send(self, visit: _Visit, reply: Reply, send: Send) -> None:
        # A reply of no content describes none.
        described = (
            ()
            if reply.status == 204
            else ((b"content-type", reply.kind), (b"content-length", b"%d" % len(reply.body)))
        )
        headers = [
            *described,
            (b"x-request-id", visit.id.encode("ascii")),
            *reply.headers,
            *self._origins.headers(visit.headers.get(b"origin")),
        ]
        await send({"type": "http.response.start", "status": reply.status, "headers": headers})
        await send({"type": "http.response.body", "body": reply.body})

    def _readiness(self) -> Reply:
        if self.ready:
            return Reply(body=b'{"status":"ready"}')
        raise RefusedError("the server is starting or draining", status=503)

    def _note(self, visit: _Visit, status: int, seconds: float) -> None:
        known = visit.path in PATHS or visit.path in self._told
        self.metrics.count(visit.path if known else "other", status, seconds)
        service = visit.data.get("service")
        query = visit.data.get("query") if self.settings.log_queries else None
        journal.note(
            request_id=visit.id,
            method=visit.method,
            path=visit.path[:200],
            status=status,
            ms=round(seconds * 1000, 3),
            service=service[:200] if isinstance(service, str) else None,
            query=query[:2000] if isinstance(query, str) else None,
        )

    async def _live(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                try:
                    await self._start(self.services)
                except Exception as error:
                    await send({"type": "lifespan.startup.failed", "message": str(error)})
                    return
                self.ready = True
                await send({"type": "lifespan.startup.complete"})
            else:
                self.drain()
                await asyncio.gather(self._close(self.services), *self._retiring)
                await send({"type": "lifespan.shutdown.complete"})
                return

    async def _start(self, services: Services) -> None:
        for processor in services.registry:
            await processor.start()

    async def _retire(self, services: Services) -> None:
        # A request may hold them between two calls of services, where no queue shows it.
        waiting = asyncio.ensure_future(services.idle.wait())
        await asyncio.wait([waiting], timeout=self.settings.grace_s)
        waiting.cancel()
        await self._close(services)

    async def _close(self, services: Services) -> None:
        ends = [processor.aclose(self.settings.grace_s) for processor in services.registry]
        if services.pipelines.cache is not None:
            # Each reload would leave its connections open.
            ends.append(services.pipelines.cache.close())
        await asyncio.gather(*ends, return_exceptions=True)


async def _watch(visit: _Visit, receive: Receive, task: asyncio.Task[Any] | None) -> None:
    """Cancel a request's work when its caller hangs up."""
    while (await receive())["type"] != "http.disconnect":
        continue
    visit.gone = True
    if task is not None:
        task.cancel()
