"""The two halves of a connection, as the SDK's dispatcher takes them."""

from __future__ import annotations

import asyncio
import json
import logging
from abc import ABC, abstractmethod
from types import TracebackType
from typing import Generic, Self, TypeVar

import anyio
from mcp.client._transport import Transport
from mcp.shared._stream_protocols import ReadStream, WriteStream
from mcp.shared.message import SessionMessage
from mcp_types import PARSE_ERROR, ErrorData, JSONRPCError, jsonrpc_message_adapter

from .mending import Item, mended

T = TypeVar("T")

_log = logging.getLogger("racto.tools.mcp")


class AsyncClosing:
    """A half that is closed by leaving its block."""

    async def aclose(self) -> None:
        """Close; nothing to do for most halves."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.aclose()


class AsyncIncoming(AsyncClosing, ABC, Generic[T]):
    """Messages from a server, one after the other, until it hangs up."""

    @abstractmethod
    async def receive(self) -> T:
        """The next message.

        Raises:
            anyio.EndOfStream: When the server has hung up.
        """

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> T:
        try:
            return await self.receive()
        except anyio.EndOfStream:
            raise StopAsyncIteration from None


class AsyncWatched(AsyncIncoming[Item]):
    """Messages of an SDK transport, and an event that is set when they end.

    The SDK tells the end of a session only to whoever makes the next call.
    """

    def __init__(self, inner: ReadStream[Item], ended: asyncio.Event, *, label: str) -> None:
        self._inner, self._ended, self._label = inner, ended, label

    @property
    def last_context(self) -> object:
        """The context of the sender of the last message, where the transport keeps it."""
        return getattr(self._inner, "last_context", None)

    async def receive(self) -> Item:
        """The next message."""
        try:
            return mended(await self._inner.receive(), self._label)
        except BaseException:
            self._ended.set()
            raise

    async def aclose(self) -> None:
        """Close the transport's half."""
        self._ended.set()
        await self._inner.aclose()


class Watching:
    """An SDK transport whose end is noticed."""

    def __init__(self, inner: Transport, ended: asyncio.Event, *, label: str) -> None:
        self._inner, self._ended, self._label = inner, ended, label

    async def __aenter__(self) -> tuple[ReadStream[Item], WriteStream[SessionMessage]]:
        read, write = await self._inner.__aenter__()
        return AsyncWatched(read, self._ended, label=self._label), write

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> bool | None:
        self._ended.set()
        return await self._inner.__aexit__(kind, error, trace)


def parsed(text: bytes | str, label: str) -> Item | None:
    """One message, an exception for one that is malformed, or None for what is no message.

    Programs print greetings, warnings and progress bars where only messages belong; a line that
    does not even look like an object is logged and passed over.
    """
    stripped = text.strip()
    if not stripped:
        return None
    if stripped[:1] not in (b"{", b"[", "{", "["):
        _log.warning("%s printed what is no message: %.200r", label, stripped)
        return None
    try:
        message = jsonrpc_message_adapter.validate_json(stripped, by_name=False)
        return mended(SessionMessage(message), label)
    except ValueError as error:
        _log.warning("%s sent a malformed message: %.200r", label, stripped)
        return _answer_in(stripped, error) or error


def _answer_in(text: bytes | str, error: ValueError) -> SessionMessage | None:
    """A malformed answer as an error to whoever waits for it, if it says who that is."""
    if isinstance(text, bytes):
        text = text.decode("utf-8", "replace")
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    asked = found.get("id") if isinstance(found, dict) and "method" not in found else None
    if not isinstance(asked, (int, str)) or isinstance(asked, bool):
        return None
    reason = str(error).partition("\n")[0]
    said = ErrorData(code=PARSE_ERROR, message=f"the answer is malformed: {reason}")
    return SessionMessage(JSONRPCError(jsonrpc="2.0", id=asked, error=said))
