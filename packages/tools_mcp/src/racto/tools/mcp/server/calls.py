"""Calls of tools: validated, run off the event loop, limited, and answered in words a model can use."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Sequence
from typing import Any
from weakref import WeakKeyDictionary

import mcp_types as types
from mcp.server.context import ServerRequestContext
from mcp.server.lowlevel import Server

from racto.core import ToolCallResult
from racto.core.errors import RactoGatewayError, ToolExecutionError, ToolNotFoundError

from .answers import answer_of, failure
from .contexts import ToolContext
from .limits import ServerLimits
from .running_calls import RunningCall
from .tools import ToolShelf

_log = logging.getLogger("racto.tools.mcp")


class ToolCalls:
    """Runs the tools of a shelf for clients.

    Whatever goes wrong with a tool is a result marked as an error, never an error of the
    protocol: a model reads the one and can mend its call, and never sees the other.

    Args:
        shelf: The tools.
        limits: How many calls, how long, and how large their results.
        context: Objects for parameters that the server fills in, beside :class:`ToolContext`.
    """

    def __init__(
        self, shelf: ToolShelf, *, limits: ServerLimits, context: Sequence[Any] = ()
    ) -> None:
        self._shelf = shelf
        self._limits = limits
        self._context = tuple(context)
        # A semaphore belongs to one loop, and a server may serve on several.
        self._seats: WeakKeyDictionary[asyncio.AbstractEventLoop, _Seats] = WeakKeyDictionary()
        # Calls between two requests, by the secret that the client brings back.
        self._parked: dict[str, tuple[RunningCall, asyncio.TimerHandle]] = {}

    def install(self, server: Server[Any]) -> None:
        """Let a server answer calls."""
        server.add_request_handler("tools/call", types.CallToolRequestParams, self._answer)

    def close(self) -> None:
        """Stop the calls that wait for their users."""
        for key in list(self._parked):
            self._expire(key)

    async def _answer(
        self, request: ServerRequestContext[Any, Any], params: types.CallToolRequestParams
    ) -> types.CallToolResult | types.InputRequiredResult:
        loop = asyncio.get_running_loop()
        seats = self._seats.setdefault(loop, _Seats(self._limits))
        if not seats.has_room:
            return failure("this server is busy; try again in a moment")
        # A call that waits for its user has no seat: people are slow.
        async with seats:
            if params.request_state is None:
                running = self._begun(request, params)
            else:
                taken = self._parked.pop(params.request_state, None)
                if taken is None:
                    return failure(
                        "this call no longer waits for a reply (it took too long, was answered "
                        "before, or runs in another process); call the tool again"
                    )
                running, alarm = taken
                alarm.cancel()
                # The same tool, still where it asked; nothing of it runs twice.
                running.resume(request, params.input_responses or {})
            result = await running()
        return result if result is not None else self._put_aside(running)

    def _begun(
        self, request: ServerRequestContext[Any, Any], params: types.CallToolRequestParams
    ) -> RunningCall:
        timeout = self._limits.tool_timeout
        running = RunningCall(params.name, request=request, timeout=timeout)
        call = ToolCallResult(
            id=str(request.request_id), name=params.name, arguments=params.arguments or {}
        )
        running.start(lambda: self._work(call, running))
        return running

    def _put_aside(self, running: RunningCall) -> types.CallToolResult | types.InputRequiredResult:
        if len(self._parked) >= self._limits.max_open_questions:
            running.abandon()
            return failure("too many calls wait for their users' replies; try again later")
        # Sealed by the boundary, which binds it to this tool, its arguments and this user.
        key = secrets.token_hex(16)
        alarm = asyncio.get_running_loop().call_later(
            self._limits.question_timeout, self._expire, key
        )
        self._parked[key] = (running, alarm)
        return types.InputRequiredResult(input_requests=running.state.requests, request_state=key)

    def _expire(self, key: str) -> None:
        running, alarm = self._parked.pop(key)
        alarm.cancel()
        running.abandon()

    async def _work(self, call: ToolCallResult, running: RunningCall) -> types.CallToolResult:
        try:
            offered = self._shelf.find(call.name)
            if offered is None:
                known = ", ".join(each.schema.name for each in self._shelf) or "none"
                raise ToolNotFoundError(
                    f"There is no tool {call.name!r}. Available tools: {known[:2000]}."
                )
            # The owner's objects last: a context of theirs must not pass for the call's own.
            context = [ToolContext(running.state), *self._context]
            part = await offered.registry.aexecute(call, raise_errors=True, context=context)
            # What the tool reported goes out before its result, after which nobody listens.
            await running.state.line.drained()
            return answer_of(part, offered.shape, max_bytes=self._limits.max_result_bytes)
        except ToolExecutionError as error:
            _log.error("tool %r failed", call.name, exc_info=error)
            return failure(error.message)
        # The model's mistake, not the tool's: no traceback is worth keeping.
        except RactoGatewayError as error:
            _log.info("call of tool %r refused: %s", call.name, error)
            return failure(error.message)
        # A tool may call sys.exit(), which is not its to decide.
        except (Exception, SystemExit) as error:
            _log.error("tool %r failed", call.name, exc_info=error)
            return failure(f"Tool {call.name!r} failed: {type(error).__name__}")


class _Seats:
    """The places for running calls on one loop, and the line of those who wait for one."""

    def __init__(self, limits: ServerLimits) -> None:
        self._free = asyncio.Semaphore(limits.max_concurrent_calls)
        self._most_waiting = limits.max_waiting_calls
        self._waiting = 0

    @property
    def has_room(self) -> bool:
        return not self._free.locked() or self._waiting < self._most_waiting

    async def __aenter__(self) -> None:
        self._waiting += 1
        try:
            await self._free.acquire()
        finally:
            self._waiting -= 1

    async def __aexit__(self, *_: object) -> None:
        self._free.release()
