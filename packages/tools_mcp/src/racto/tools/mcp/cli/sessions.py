"""A session for as long as one command takes, that Ctrl-C ends as cleanly as its end does."""

from __future__ import annotations

import argparse
import asyncio
import signal
import threading
import webbrowser
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from racto.core.schemas import json_text
from racto.tools.mcp import Interactions, LogMessage, MCPClientConfig, RactoMCPClient

from .exits import CommandError
from .notices import Notices
from .questions import Questions

if TYPE_CHECKING:
    import httpx2

C = TypeVar("C", bound=RactoMCPClient)


def in_session(
    config: MCPClientConfig,
    options: argparse.Namespace,
    work: Callable[[C], Awaitable[int]],
    *,
    kind: type[C] = RactoMCPClient,  # type: ignore[assignment]
) -> int:
    """Do something with a server, and end the session whatever happens.

    Args:
        config: How to reach the server.
        options: The options of the command.
        work: What to do; returns the exit code.
        kind: The class of the client.

    Raises:
        CommandError: If the server cannot be reached.
        RactoGatewayError: If the work fails.
        KeyboardInterrupt: If the user or the system asked to stop; the session has ended.
    """
    with _terminated_as_interrupted():
        return asyncio.run(_in_session(config, options, work, kind))


async def _in_session(
    config: MCPClientConfig,
    options: argparse.Namespace,
    work: Callable[[C], Awaitable[int]],
    kind: type[C],
) -> int:
    auth = _login(config, options.notices) if options.login else None
    client = kind(config, interactions=_interactions(options), auth=auth)
    try:
        await client.aopen()
        return await work(client)
    finally:
        # Also after Ctrl-C: the call is cancelled there, and a local server ended.
        await client.aclose()
        options.notices.clear()


def _interactions(options: argparse.Namespace) -> Interactions:
    notices: Notices = options.notices

    async def log(line: LogMessage) -> None:
        text = line.data if isinstance(line.data, str) else json_text(line.data)
        source = f"{line.server}:{line.logger}" if line.logger else line.server
        notices.tell(f"[{source}] {line.level}: {text}")

    return Interactions(
        # Always offered: a server that cannot ask may fail, one that is refused need not.
        elicit=Questions(notices),
        # Asked for only when shown; a chatty server costs both sides.
        on_log=log if options.verbose else None,
        log_level="debug" if options.verbose else "info",
    )


def _login(config: MCPClientConfig, notices: Notices) -> httpx2.Auth:
    if config.url is None:
        raise CommandError("--login is for servers with a URL; this one is a command line")
    from racto.tools.mcp.auth import FileTokenStore, browser_login

    def show(url: str) -> bool:
        # Over ssh no browser opens here, and the page can be opened elsewhere.
        notices.tell(f"Log in on this page, which opens in the browser:\n  {url}")
        webbrowser.open(url)
        return True

    return browser_login(config.url, client_name="racto-mcp", store=FileTokenStore(), open_url=show)


@contextmanager
def _terminated_as_interrupted() -> Iterator[None]:
    """Ends the session, and with it a local server, when the system ends the command."""

    def interrupt(_number: int, _frame: Any) -> None:
        signal.raise_signal(signal.SIGINT)

    # Signals are for the main thread, and only a program's own.
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
