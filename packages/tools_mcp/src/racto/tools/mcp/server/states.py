"""One tool call while it runs: its request, its clock, its open questions, and whether it is over."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Mapping
from typing import Any

import mcp_types as types
from mcp.server.auth.middleware.auth_context import get_access_token
from mcp.server.context import ServerRequestContext

from racto.core.errors import ToolExecutionError, UnsupportedFeatureError

from .lines import LoopLine
from .questions import Question
from .timers import CallTimer


class CallState:
    """What the tool's context and the server share about one call.

    A call may outlive its request: a client of today's protocol gets the tool's question as the
    answer to one request and replies with the next, while the tool waits.

    Args:
        request: The request that began the call.
        timeout: Seconds that the tool may work.
        on_change: Called on the loop when a question is open or the time is up. None where no
            further request can bring a reply, so that questions over today's protocol fail.
    """

    def __init__(
        self,
        request: ServerRequestContext[Any, Any],
        *,
        timeout: float | None = None,
        on_change: Callable[[], None] | None = None,
    ) -> None:
        self.request = request
        # Read now: the token belongs to the request, and a thread or a later request has another.
        token = get_access_token()
        self.user = token.client_id if token is not None else None
        self.line = LoopLine()
        self.timer = CallTimer(timeout, on_expiry=on_change or self._nobody)
        self.cancelled = threading.Event()
        self.open: dict[str, tuple[Question[Any], asyncio.Future[types.ElicitResult]]] = {}
        self._on_change = on_change
        self._asked = 0

    def put(self, question: Question[Any]) -> asyncio.Future[types.ElicitResult]:
        """Open a question for the client's next request to answer.

        Raises:
            UnsupportedFeatureError: If no further request can answer it.
        """
        if self._on_change is None:
            raise UnsupportedFeatureError(
                "only a tool can ask the user over this protocol, not a resource or a prompt",
                feature="elicitation",
            )
        self._asked += 1
        # Counted over the whole call, so that a late reply never meets a newer question.
        key = f"question-{self._asked}"
        future: asyncio.Future[types.ElicitResult] = self.line.loop.create_future()
        self.open[key] = (question, future)
        future.add_done_callback(lambda _: self.open.pop(key, None))
        self._on_change()
        return future

    @property
    def requests(self) -> dict[str, types.InputRequest]:
        """The open questions by key, as the protocol writes them."""
        return {key: question.request for key, (question, _) in self.open.items()}

    def answer(self, replies: Mapping[str, Any]) -> bool:
        """Hand the client's replies to whoever asked; whether every open question has one now."""
        for key, (question, future) in list(self.open.items()):
            reply = replies.get(key)
            if isinstance(reply, types.ElicitResult):
                future.set_result(reply)
            elif reply is not None:
                future.set_exception(
                    ToolExecutionError(f"the client answered {question.message!r} with no form")
                )
            # At once, and not when the future's callbacks run: the next look must be true.
            if reply is not None:
                self.open.pop(key, None)
        return not self.open

    def end(self, *, cancelled: bool) -> None:
        """Close the call: stop its clock, release its threads, and tell the tool if it is cut off."""
        if cancelled:
            self.cancelled.set()
        self.timer.stop()
        self.line.close()

    def _nobody(self) -> None:
        """Nobody waits for this call's changes."""
