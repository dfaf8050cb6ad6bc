"""The user's functions as the callbacks that the SDK calls, none of which can break a session."""

from __future__ import annotations

import asyncio
import inspect
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import mcp_types as types
from mcp.client.session import ClientRequestContext, IncomingMessage
from pydantic import FileUrl

from racto.core.conformity import problems
from racto.core.signatures import is_async
from racto.tools.mcp.interactions import (
    Elicitation,
    ElicitationRequest,
    Interactions,
    LogMessage,
    ServerChange,
)
from racto.tools.mcp.sampling import SamplingDeniedError, sampling_request, sampling_result

from .clocks import Clocks

_log = logging.getLogger("racto.tools.mcp")


class AsyncCallbacks:
    """What the SDK is given to call.

    Args:
        interactions: The user's functions.
        label: The server's label.
        clocks: Stopped while somebody is asked.

    Attributes:
        clocks: The same.
    """

    def __init__(self, interactions: Interactions, *, label: str, clocks: Clocks) -> None:
        self.clocks = clocks
        self._interactions, self._label = interactions, label

    def options(self) -> dict[str, Any]:
        """Keyword arguments of the SDK's client; what the user does not offer is not declared."""
        offered = self._interactions
        named: dict[str, Any] = {
            "elicitation_callback": self._elicit if offered.elicit else None,
            "sampling_callback": self._sample if offered.sample else None,
            "list_roots_callback": self._roots if offered.roots else None,
            "logging_callback": self._logged if offered.on_log else None,
            "log_level": offered.log_level if offered.on_log else None,
            "message_handler": self._noticed if offered.on_change else None,
        }
        if offered.sample:
            tools = types.SamplingToolsCapability()
            named["sampling_capabilities"] = types.SamplingCapability(tools=tools)
        return {key: value for key, value in named.items() if value is not None}

    async def changed(self, kind: Any, uri: str = "") -> None:
        """Tell the user that something changed."""
        if self._interactions.on_change is not None:
            news = ServerChange(kind=kind, uri=uri, server=self._label)
            await self.tell(self._interactions.on_change, news)

    async def _elicit(
        self, _context: ClientRequestContext, params: types.ElicitRequestParams
    ) -> types.ElicitResult | types.ErrorData:
        schema = None
        if isinstance(params, types.ElicitRequestFormParams):
            schema = params.requested_schema
        question = ElicitationRequest(
            message=params.message,
            schema=schema,
            url=params.url if isinstance(params, types.ElicitRequestURLParams) else None,
            server=self._label,
        )
        answer = await self._asked(self._interactions.elicit, question)
        if not isinstance(answer, Elicitation):
            return _no_answer("elicitation")
        if answer.action != "accept" or schema is None:
            return types.ElicitResult(action=answer.action)
        content: dict[str, Any] = dict(answer.content or {})
        if found := problems(content, schema, path="answer"):
            _log.error("the answer to %s does not fit its question: %s", self._label, found)
            return _no_answer("elicitation")
        return types.ElicitResult(action="accept", content=content)

    async def _sample(
        self, _context: ClientRequestContext, params: types.CreateMessageRequestParams
    ) -> types.CreateMessageResult | types.CreateMessageResultWithTools | types.ErrorData:
        request = sampling_request(params, server=self._label)
        reply = await self._asked(self._interactions.sample, request)
        if reply is None:
            return _no_answer("sampling")
        return sampling_result(reply, with_tools=bool(params.tools))

    async def _roots(
        self, _context: ClientRequestContext
    ) -> types.ListRootsResult | types.ErrorData:
        given = self._interactions.roots
        found = await self._asked(given) if callable(given) else given
        if found is None:
            return _no_answer("roots")
        return types.ListRootsResult(roots=[_root(where) for where in found])

    async def _logged(self, params: types.LoggingMessageNotificationParams) -> None:
        line = LogMessage(
            level=params.level, data=params.data, logger=params.logger or "", server=self._label
        )
        await self.tell(self._interactions.on_log, line)

    async def _noticed(self, message: IncomingMessage) -> None:
        if isinstance(message, types.ResourceUpdatedNotification):
            await self.changed("resource", str(message.params.uri))
        kinds: dict[Any, str] = {
            types.ToolListChangedNotification: "tools",
            types.ResourceListChangedNotification: "resources",
            types.PromptListChangedNotification: "prompts",
        }
        if type(message) in kinds:
            await self.changed(kinds[type(message)])

    async def _asked(self, function: Callable[..., Any] | None, *question: Any) -> Any:
        """What a function of the user's answers; None when it raises, which is logged."""
        with self.clocks.standing_still():
            return await self.tell(function, *question)

    async def tell(self, function: Callable[..., Any] | None, *what: Any) -> Any:
        """Call a function of the user's, whichever kind it is; what it raises is logged."""
        if function is None:
            return None
        try:
            if is_async(function):
                return await function(*what)
            answer = await asyncio.to_thread(function, *what)
            return await answer if inspect.isawaitable(answer) else answer
        except SamplingDeniedError as refusal:
            _log.info("%s", refusal)
        except Exception:
            # Its words may hold secrets, so the server hears only that there is no answer.
            _log.exception("a function for MCP server %r raised", self._label)
        return None


class AsyncProgress:
    """Hands the progress of one call on, step by step and in order.

    Args:
        callbacks: Call the user's function.
        function: The function.
    """

    def __init__(self, callbacks: AsyncCallbacks, function: Callable[..., Any]) -> None:
        self._callbacks, self._function = callbacks, function
        # The SDK tells each step in a task of its own; a lock keeps their order.
        self._turn = asyncio.Lock()

    async def note(self, progress: float, total: float | None, message: str | None) -> None:
        """Hand on one step."""
        async with self._turn:
            await self._callbacks.tell(self._function, progress, total, message or "")

    async def told(self) -> None:
        """Wait until all steps that have come are handed on."""
        async with self._turn:
            return


def _no_answer(what: str) -> types.ErrorData:
    return types.ErrorData(
        code=types.INVALID_REQUEST, message=f"The client gave no answer to the {what} request."
    )


def _root(where: str | Path) -> types.Root:
    uri = where if isinstance(where, str) and "://" in where else Path(where).resolve().as_uri()
    name = Path(str(where)).name or None
    return types.Root(uri=FileUrl(str(uri)), name=name)
