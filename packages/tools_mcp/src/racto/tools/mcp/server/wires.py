"""Standard input and output as a connection that stray prints cannot garble and that can be cancelled."""

from __future__ import annotations

import asyncio
import logging
import os
import select
import stat
import sys
import threading
import time
from contextlib import suppress
from types import TracebackType
from typing import Final, TypeAlias

import anyio
import mcp_types as types
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream
from mcp.shared.message import SessionMessage
from pydantic import ValidationError

from racto.core.errors import ConfigurationError

_log = logging.getLogger("racto.tools.mcp")
_CHUNK: Final = 65_536
# A pipe that can be written to takes this much without blocking.
_AT_ONCE: Final = 4096
_MOST_WAITING: Final = 64

Streams: TypeAlias = tuple[
    MemoryObjectReceiveStream[SessionMessage | Exception], MemoryObjectSendStream[SessionMessage]
]
"""What a server reads, and what it writes."""

_claimed = threading.Lock()


class StdioWire:
    """Lines of JSON over the standard streams of this process.

    Inside the block, file descriptor 0 is empty and 1 is standard error, so that ``print`` and
    child processes do not touch the wire. The SDK's own transport does the same, but waits for
    input in a thread that cannot be cancelled.

    Args:
        max_message_bytes: Longest line from the client; a longer one is answered with an error.

    Raises:
        ConfigurationError: On entry, if another server of this process has the streams.
    """

    def __init__(self, *, max_message_bytes: int) -> None:
        self._most = max_message_bytes
        self._buffer = bytearray()
        self._skipping = False
        self._lines: asyncio.Queue[bytes | None] = asyncio.Queue()
        self._paused = False
        self._threaded = False

    async def __aenter__(self) -> Streams:
        if not _claimed.acquire(blocking=False):
            raise ConfigurationError("another server of this process talks over stdio already")
        self._loop = asyncio.get_running_loop()
        sys.stdout.flush()
        self._wires = os.dup(0), os.dup(1)
        _divert()
        self._is_pipe = hasattr(select, "poll") and stat.S_ISFIFO(os.fstat(self._wires[1]).st_mode)
        incoming, read = anyio.create_memory_object_stream[SessionMessage | Exception](0)
        write, outgoing = anyio.create_memory_object_stream[SessionMessage](0)
        self._outgoing = outgoing
        self._write_lock = asyncio.Lock()
        self._tasks = [
            self._loop.create_task(self._read(incoming)),
            self._loop.create_task(self._write(outgoing)),
        ]
        self._listen()
        return read, write

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        if kind is None:
            # The server has closed its end; what it wrote last is still on its way.
            await asyncio.wait({self._tasks[1]})
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._deafen()
        sys.stdout.flush()
        os.dup2(self._wires[0], 0)
        os.dup2(self._wires[1], 1)
        os.close(self._wires[1])
        # A thread may still wait on the other; a number that is used again would mislead it.
        if not self._threaded:
            os.close(self._wires[0])
        _claimed.release()

    def _listen(self) -> None:
        try:
            self._loop.add_reader(self._wires[0], self._readable)
        # Files, and the loop of Windows, cannot be watched.
        except (NotImplementedError, OSError):
            self._threaded = True
            threading.Thread(target=self._pump, name="racto-mcp-stdin", daemon=True).start()

    def _deafen(self) -> None:
        if not self._threaded:
            self._loop.remove_reader(self._wires[0])

    def _readable(self) -> None:
        self._feed(os.read(self._wires[0], _CHUNK))
        if self._lines.qsize() > _MOST_WAITING:
            self._deafen()
            self._paused = True

    def _pump(self) -> None:
        chunk = b"-"
        while chunk:
            # The client writes faster than it is served, so the pipe holds it up.
            while self._lines.qsize() > _MOST_WAITING:
                time.sleep(0.01)
            chunk = os.read(self._wires[0], _CHUNK)
            if not self._loop.is_closed():
                self._loop.call_soon_threadsafe(self._feed, chunk)

    def _feed(self, chunk: bytes) -> None:
        *whole, rest = chunk.split(b"\n")
        for piece in whole:
            line = bytes(self._buffer) + piece
            self._buffer.clear()
            if not self._skipping and line.strip():
                self._lines.put_nowait(line if len(line) <= self._most else b"")
            self._skipping = False
        if not self._skipping:
            self._buffer += rest
        if len(self._buffer) > self._most:
            self._buffer.clear()
            self._skipping = True
            self._lines.put_nowait(b"")
        if not chunk:
            self._deafen()
            if self._buffer.strip():
                self._lines.put_nowait(bytes(self._buffer))
            self._lines.put_nowait(None)

    async def _read(self, incoming: MemoryObjectSendStream[SessionMessage | Exception]) -> None:
        async with incoming:
            while (line := await self._lines.get()) is not None:
                if self._paused and self._lines.empty():
                    self._paused = False
                    self._listen()
                try:
                    if not line:
                        raise ValueError(f"a message is longer than {self._most} bytes")
                    message = types.jsonrpc_message_adapter.validate_json(line, by_name=False)
                    await incoming.send(SessionMessage(message))
                except (anyio.BrokenResourceError, anyio.ClosedResourceError):
                    return
                except (ValueError, ValidationError) as error:
                    reason = str(error).partition("\n")[0]
                    _log.warning("refused a message on standard input: %s", reason)
                    with suppress(OSError):
                        await self._send(_refusal(reason))

    async def _write(self, outgoing: MemoryObjectReceiveStream[SessionMessage]) -> None:
        async with outgoing:
            async for message in outgoing:
                text = message.message.model_dump_json(by_alias=True, exclude_unset=True)
                try:
                    await self._send(text.encode() + b"\n")
                except OSError:
                    # The client is gone; the end of its input ends the server.
                    return

    async def _send(self, data: bytes) -> None:
        async with self._write_lock:
            if self._is_pipe and len(data) <= _AT_ONCE and _has_room(self._wires[1]):
                os.write(self._wires[1], data)
            else:
                await anyio.to_thread.run_sync(_write_all, self._wires[1], data)


def _divert() -> None:
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    try:
        os.dup2(2, 1)
    except OSError:
        # There is no standard error either.
        os.dup2(nothing, 1)
    os.close(nothing)


def _has_room(descriptor: int) -> bool:
    poll = select.poll()
    poll.register(descriptor, select.POLLOUT)
    return bool(poll.poll(0))


def _write_all(descriptor: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def _refusal(reason: str) -> bytes:
    error = types.ErrorData(code=types.PARSE_ERROR, message=f"Parse error: {reason}")
    answer = types.JSONRPCError(jsonrpc="2.0", id=None, error=error)
    return answer.model_dump_json(by_alias=True).encode() + b"\n"
