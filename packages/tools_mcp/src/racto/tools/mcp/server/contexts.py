"""What a tool may know and do while it runs for a client: progress, cancellation, questions, logs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

import mcp_types as types
from mcp import MCPError
from mcp_types.version import MODERN_PROTOCOL_VERSIONS
from pydantic import BaseModel

from racto.core.errors import ToolExecutionError, UnsupportedFeatureError

from .lines import ToolCancelledError
from .notices import takes_log
from .questions import Question, UserReply, check_forms
from .states import CallState

M = TypeVar("M", bound=BaseModel)


class ToolContext:
    """The call that a tool is answering; a parameter annotated with it is filled in.

    ``def work(steps: int, context: ToolContext)``: the model never sees ``context``. In a
    registry that was not made by the server, write ``context: Injected[ToolContext]``. Resources
    and prompts take one too. Plain methods are for sync tools, which run in a thread, and those
    with an ``a`` for async ones.

    Args:
        state: The call, as the server keeps it.
    """

    def __init__(self, state: CallState) -> None:
        self._state = state

    @property
    def client_name(self) -> str | None:
        """What the client calls itself; a claim, not an identity."""
        params = self._state.request.session.client_params
        return params.client_info.name if params is not None else None

    @property
    def protocol_version(self) -> str:
        """Version of the protocol that is spoken."""
        return self._state.request.protocol_version

    @property
    def request_id(self) -> str:
        """The client's id of the request."""
        return str(self._state.request.request_id)

    @property
    def headers(self) -> Mapping[str, str]:
        """The HTTP headers of the request, the client's word; empty over stdio."""
        return getattr(self._state.request.request, "headers", None) or {}

    @property
    def user(self) -> str | None:
        """Who the bearer token belongs to; None where the server asks for none."""
        return self._state.user

    @property
    def cancelled(self) -> bool:
        """Whether the call is over, cancelled by the client or for taking too long."""
        return self._state.cancelled.is_set()

    def check_cancelled(self) -> None:
        """Do nothing while the call goes on; long loops of sync tools should ask.

        Raises:
            ToolCancelledError: If it is over.
        """
        if self.cancelled:
            raise ToolCancelledError("this call is over: it was cancelled or took too long")

    def report_progress(
        self, progress: float, total: float | None = None, message: str | None = None
    ) -> None:
        """Tell the client how far the work is; nothing happens where it did not ask.

        Args:
            progress: How much is done; larger each time.
            total: How much there is.
            message: What is being done.
        """
        self._state.line.post(lambda: self._progress(progress, total, message))

    async def areport_progress(
        self, progress: float, total: float | None = None, message: str | None = None
    ) -> None:
        """Async twin of :meth:`report_progress`."""
        await self._state.line.acall(lambda: self._progress(progress, total, message))

    def log(self, level: types.LoggingLevel, message: Any) -> None:
        """Send a log message to the client, if it takes messages of this level.

        Args:
            level: ``debug``, ``info``, ``notice``, ``warning``, ``error``, ...
            message: Text, or any JSON data.
        """
        self._state.line.post(lambda: self._log(level, message))

    async def alog(self, level: types.LoggingLevel, message: Any) -> None:
        """Async twin of :meth:`log`."""
        await self._state.line.acall(lambda: self._log(level, message))

    def elicit(self, message: str, schema: type[M]) -> UserReply[M]:
        """Ask the client's user, and wait for the reply.

        Over today's protocol the tool is kept waiting while the client replies with a further
        request, so nothing runs twice. That request must reach this process: behind several
        workers, route a client to one of them.

        Args:
            message: The question.
            schema: Model of the form to fill in: fields of text, numbers, booleans, choices.

        Raises:
            UnsupportedFeatureError: If the client cannot ask its user.
            SchemaError: If the model is no form.
            ToolExecutionError: If the client fails, or its reply does not fit the form.
            ToolCancelledError: If the call ends before there is a reply.
        """
        # Here, where the error shows the tool's own line.
        question = Question.of(message, schema)
        return self._state.line.call(lambda: self._ask(question))

    async def aelicit(self, message: str, schema: type[M]) -> UserReply[M]:
        """Async twin of :meth:`elicit`."""
        question = Question.of(message, schema)
        return await self._state.line.acall(lambda: self._ask(question))

    async def _progress(self, progress: float, total: float | None, message: str | None) -> None:
        await self._state.request.session.report_progress(progress, total, message)

    async def _log(self, level: types.LoggingLevel, message: Any) -> None:
        request = self._state.request
        if takes_log(request, level):
            params = types.LoggingMessageNotificationParams(level=level, data=message)
            # The SDK's own method would warn the tool's author of a deprecation.
            note = types.LoggingMessageNotification(params=params)
            await request.session.send_notification(note, request.request_id)

    async def _ask(self, question: Question[M]) -> UserReply[M]:
        request = self._state.request
        check_forms(request.session.client_capabilities)
        # A user's thinking is not the tool's time.
        with self._state.timer.paused():
            if request.protocol_version in MODERN_PROTOCOL_VERSIONS:
                return question.reply(await self._state.put(question))
            if not request.session.can_send_request:
                raise UnsupportedFeatureError(
                    "this connection cannot carry a question to the client", feature="elicitation"
                )
            try:
                result = await request.session.elicit_form(
                    question.message, question.form, request.request_id
                )
            except MCPError as error:
                raise ToolExecutionError(f"the client did not ask its user: {error}") from error
        return question.reply(result)
