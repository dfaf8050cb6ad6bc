"""One running tool call: a task of its own, which may outlive the request that began it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import anyio
import mcp_types as types
from mcp.server.context import ServerRequestContext

from .answers import failure
from .states import CallState

_log = logging.getLogger("racto.tools.mcp")
_GRACE = 1.0


class RunningCall:
    """A tool at work.

    Args:
        name: Name of the tool.
        request: The request that began the call.
        timeout: Seconds that it may work; None for no limit.

    Attributes:
        state: What the tool's context knows of the call.
    """

    def __init__(
        self, name: str, *, request: ServerRequestContext[Any, Any], timeout: float | None
    ) -> None:
        self.name = name
        self._timeout = timeout
        self._turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.state = CallState(request, timeout=timeout, on_change=self._change)
        self._task: asyncio.Task[types.CallToolResult] | None = None

    def start(self, work: Callable[[], Awaitable[types.CallToolResult]]) -> None:
        """Begin the work in a task."""
        # Not part of the request's own task, which ends when a question goes to the client.
        self._task = asyncio.get_running_loop().create_task(_awaited(work))
        self._task.add_done_callback(self._finish)

    def resume(self, request: ServerRequestContext[Any, Any], replies: Mapping[str, Any]) -> None:
        """Go on under another request, with the client's replies to the open questions."""
        self.state.request = request
        self._turn = self.state.line.loop.create_future()
        answered = self.state.answer(replies)
        # A question that is still open is put to the client once more.
        if not answered or self._is_done:
            self._change()

    async def __call__(self) -> types.CallToolResult | None:
        """Wait for the result, or None when a question for the client is open."""
        try:
            await self._turn
        except asyncio.CancelledError:
            # The client cancelled the request, or its connection is gone.
            await self._stopped()
            raise
        if self.state.timer.expired and not self._is_done:
            await self._stopped()
            return failure(
                f"Tool {self.name!r} did not finish within {self._timeout:g} s and was stopped"
            )
        if self._task is None or not self._task.done():
            return None
        if self._task.cancelled():
            return failure(f"Tool {self.name!r} was cancelled from inside")
        return self._task.result()

    def abandon(self) -> None:
        """Stop the work without waiting for it."""
        self.state.end(cancelled=True)
        if self._task is not None:
            self._task.cancel()

    @property
    def _is_done(self) -> bool:
        return self._task is not None and self._task.done()

    async def _stopped(self) -> None:
        self.abandon()
        task = self._task
        if task is None or task.done():
            return
        # Its own cleaning up is waited for; a tool that will not stop is left behind.
        with anyio.CancelScope(shield=True):
            await asyncio.wait({task}, timeout=_GRACE)
        if not task.done():
            _log.warning("tool %r goes on although its call is over", self.name)
            _left_behind.add(task)
            task.add_done_callback(_left_behind.discard)

    def _change(self) -> None:
        if not self._turn.done():
            self._turn.set_result(None)

    def _finish(self, task: asyncio.Task[types.CallToolResult]) -> None:
        self.state.end(cancelled=task.cancelled())
        # Asked for, so that the loop does not report it as forgotten.
        if not task.cancelled() and task.exception() is not None:
            _log.error("tool %r failed unexpectedly", self.name, exc_info=task.exception())
        self._change()


# Tasks that nobody waits for would be collected in mid-flight.
_left_behind: set[asyncio.Task[types.CallToolResult]] = set()


async def _awaited(
    work: Callable[[], Awaitable[types.CallToolResult]],
) -> types.CallToolResult:
    return await work()
