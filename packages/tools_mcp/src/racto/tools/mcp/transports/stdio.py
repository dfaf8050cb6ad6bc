"""A server as a child process: its start, its two pipes, its last words, and its certain end.

The SDK's own transport reads a long line in quadratic time and without a limit, so this one is
ours; on Windows, where a process tree ends by other means, the SDK's is used.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from types import TracebackType
from typing import cast

import anyio
from mcp.client.stdio import StdioServerParameters, get_default_environment, stdio_client
from mcp.shared.message import SessionMessage

from racto.core import ConfigurationError, InvalidResponseError
from racto.tools.mcp.configs import MCPClientConfig

from .lastwords import LastWords
from .mending import Item
from .streams import AsyncClosing, AsyncIncoming, Watching, parsed

# Beside what the SDK deems safe: without these, programs cannot spell or trust certificates.
_INHERITED = (
    "LANG",
    "LC_ALL",
    "LC_CTYPE",
    "TZ",
    "TMPDIR",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "NODE_EXTRA_CA_CERTS",
)

# Seconds for a server to end by itself, then after a request to end; the last resort is instant.
_GRACE = 2.0
_POLL = 0.01


class Child:
    """A transport to a child process, entered and left by the task that owns the session.

    Args:
        config: What to start.
        ended: Set when the server hangs up.
        last_words: Takes what the server writes to its error output.
    """

    def __init__(
        self, config: MCPClientConfig, ended: asyncio.Event, *, last_words: LastWords
    ) -> None:
        self._config, self._ended, self._last_words = config, ended, last_words
        self._process: asyncio.subprocess.Process | None = None

    async def __aenter__(self) -> tuple[AsyncIncoming[Item], _Input]:
        config = self._config
        errors = self._last_words.open()
        try:
            process = await asyncio.create_subprocess_exec(
                str(config.command),
                *config.args,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=errors,
                env=environment(config),
                cwd=config.cwd,
                # A group of its own: its children end with it, and Ctrl-C is ours to pass on.
                start_new_session=True,
                limit=config.max_message_bytes,
            )
        except (OSError, ValueError) as error:
            raise _not_started(config, error) from error
        finally:
            self._last_words.started()
        self._process = process
        reading = cast("asyncio.StreamReader", process.stdout)
        writing = cast("asyncio.StreamWriter", process.stdin)
        return _Output(reading, config, self._ended), _Input(writing)

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._ended.set()
        if self._process is not None:
            code = self._process.returncode
            self._last_words.ending = "" if code is None else f" (exit code {code})"
            # Whoever is cancelled while he closes must still leave no process behind.
            with anyio.CancelScope(shield=True):
                await _end(self._process)


class _Output(AsyncIncoming[Item]):
    """Lines of the server's standard output as messages."""

    def __init__(
        self, stream: asyncio.StreamReader, config: MCPClientConfig, ended: asyncio.Event
    ) -> None:
        self._stream, self._config, self._ended = stream, config, ended
        # Asked for every line, and made anew each time.
        self._label = config.label

    async def receive(self) -> Item:
        while True:
            try:
                line = await self._stream.readuntil(b"\n")
            except asyncio.IncompleteReadError as cut:
                # Half a line is no message; a server that dies often leaves one.
                self._ended.set()
                raise anyio.EndOfStream from cut
            except asyncio.LimitOverrunError as error:
                self._ended.set()
                raise _too_large(self._config) from error
            except (OSError, RuntimeError) as error:
                self._ended.set()
                raise anyio.EndOfStream from error
            item = parsed(line, self._label)
            if item is not None:
                return item


class _Input(AsyncClosing):
    """Messages as lines of the server's standard input."""

    def __init__(self, stream: asyncio.StreamWriter) -> None:
        self._stream = stream

    async def send(self, item: SessionMessage, /) -> None:
        """Write one message.

        Raises:
            anyio.BrokenResourceError: If the server does not listen any more.
        """
        text = item.message.model_dump_json(by_alias=True, exclude_unset=True)
        try:
            self._stream.write(text.encode() + b"\n")
            await self._stream.drain()
        except (OSError, RuntimeError) as error:
            raise anyio.BrokenResourceError from error


def child(
    config: MCPClientConfig, ended: asyncio.Event, *, last_words: LastWords
) -> Child | Watching:
    """The transport that starts a server on this system."""
    if sys.platform != "win32":
        return Child(config, ended, last_words=last_words)
    parameters = StdioServerParameters(
        command=str(config.command),
        args=config.args,
        env=environment(config),
        cwd=config.cwd,
        encoding_error_handler="replace",
    )
    return Watching(stdio_client(parameters), ended, label=config.label)


def environment(config: MCPClientConfig) -> dict[str, str]:
    """The environment of a server: what it inherits, then what it is given."""
    inherited = dict(os.environ)
    if not config.inherit_env:
        safe = {name: os.environ[name] for name in _INHERITED if name in os.environ}
        inherited = get_default_environment() | safe
    return inherited | config.env


async def _end(process: asyncio.subprocess.Process) -> None:
    """Close its input, wait, ask it and its children to end, and make them."""
    if process.stdin is not None:
        with contextlib.suppress(OSError, RuntimeError):
            process.stdin.close()
    if not await _is_gone(process, _GRACE):
        _signal(process, signal.SIGTERM)
        await _is_gone(process, _GRACE)
    # Its children may outlive it; the group exists as long as one of them does.
    _signal(process, signal.SIGKILL)
    await _is_gone(process, _GRACE)
    # A grandchild that left the group may hold the pipe open; asyncio would wait for it.
    transport = getattr(process, "_transport", None)
    if transport is not None:
        with contextlib.suppress(PermissionError):
            transport.close()


async def _is_gone(process: asyncio.subprocess.Process, seconds: float) -> bool:
    # Not process.wait(), which also waits for the pipes that a grandchild may hold.
    loop = asyncio.get_running_loop()
    until = loop.time() + seconds
    while process.returncode is None:
        if loop.time() >= until:
            return False
        await asyncio.sleep(_POLL)
    return True


def _signal(process: asyncio.subprocess.Process, number: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, number)


def _not_started(config: MCPClientConfig, error: OSError | ValueError) -> ConfigurationError:
    if isinstance(error, FileNotFoundError):
        where = f"the folder {str(config.cwd)!r}" if _names(error, config) else "PATH"
        hint = f"{config.command!r} is not there; is it installed, and on {where}?"
    else:
        hint = str(error)
    return ConfigurationError(f"MCP server {config.label!r} cannot be started: {hint}")


def _names(error: FileNotFoundError, config: MCPClientConfig) -> bool:
    return config.cwd is not None and str(error.filename) == str(config.cwd)


def _too_large(config: MCPClientConfig) -> InvalidResponseError:
    return InvalidResponseError(
        f"MCP server {config.label!r} sent a message of more than {config.max_message_bytes:,} "
        "bytes; the session was closed. Allow more with max_message_bytes=, or ask for less",
        provider=config.label,
    )
