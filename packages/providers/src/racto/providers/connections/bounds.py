"""Reads of plain calls that end at a deadline, however few bytes at a time a server sends.

The timeouts of an HTTP library begin anew with every read, so a byte a second keeps a call alive
for ever: in its headers as in its body. Async calls are cancelled by their loop; in plain ones
each read of the socket is given what is left of the time.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from racto.core.retries import NO_DEADLINE, Deadline

# Read where bytes arrive, far below every argument that a call could be given.
_deadline: ContextVar[Deadline] = ContextVar("racto_reads_end", default=NO_DEADLINE)

_OPENED = (".connect_tcp.complete", ".connect_unix_socket.complete", ".start_tls.complete")


@contextmanager
def reads_end(deadline: Deadline) -> Iterator[None]:
    """Let all reads inside end at a deadline, with a ``TimeoutError``.

    Args:
        deadline: When they end.
    """
    token = _deadline.set(deadline)
    try:
        yield
    finally:
        _deadline.reset(token)


def heed(request: Any) -> None:
    """Hook of a synchronous client: connections that a request opens heed deadlines from then on.

    Args:
        request: A request of httpx2, about to be sent.
    """
    request.extensions["trace"] = _on_trace


def _on_trace(event: str, info: Mapping[str, Any]) -> None:
    # The one place where the HTTP library hands its connections out, and names them stably.
    if event.endswith(_OPENED):
        stream = info["return_value"]
        stream.read = functools.partial(_read, stream.read)


def _read(read: Callable[..., bytes], max_bytes: int, timeout: float | None = None) -> bytes:
    left = _deadline.get().timeout(timeout)
    # Zero would make the socket non-blocking, and a server that never pauses win the race.
    if left is not None and left <= 0:
        raise TimeoutError("the server was still sending when the time was up")
    return read(max_bytes, timeout=left)
