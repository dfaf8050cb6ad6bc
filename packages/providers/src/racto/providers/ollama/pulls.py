"""Downloads of models: the lines in which a server tells how far it is."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from racto.core.errors import StreamTruncatedError
from racto.core.flows import Flow, step
from racto.core.retries import Deadline
from racto.providers.connections.connection import Connection
from racto.providers.kits.wires import WireRequest

from .connection import PROVIDER


@dataclass(frozen=True, slots=True, kw_only=True)
class PullProgress:
    """How far a download is.

    Attributes:
        status: What the server is doing, in its words.
        digest: The file that it is loading; empty between files.
        total: Size of the file in bytes; 0 when it is not known.
        completed: Bytes of it that are here.
    """

    status: str
    digest: str = ""
    total: int = 0
    completed: int = 0

    @property
    def fraction(self) -> float | None:
        """How much of the file is here, 0.0 to 1.0; None when its size is not known."""
        return min(1.0, self.completed / self.total) if self.total else None


def pulling(
    model: str,
    connection: Connection,
    *,
    on_progress: Callable[[PullProgress], None] | None,
    deadline: Deadline,
) -> Flow[None]:
    """Download a model.

    Args:
        model: Name of the model, with or without a tag.
        connection: The server that downloads it.
        on_progress: Told of each step.
        deadline: When it must be done.

    Raises:
        NotFoundError: If there is no such model.
        StreamTruncatedError: If the server stops telling before it says "success".
        RactoGatewayError: What else the server answered.
    """
    request = WireRequest(path="/api/pull", body={"model": model, "stream": True}, model=model)
    transport = connection.transport
    source: Any = yield from step(transport.open, transport.aopen, request, deadline)
    status = ""
    try:
        while (line := (yield from step(_next, _anext, source))) is not None:
            progress = _read(line, connection)
            status = progress.status
            if on_progress is not None:
                on_progress(progress)
            deadline.check(f"the download of {model}")
    finally:
        yield from step(_close, _aclose, source)
    if status != "success":
        raise StreamTruncatedError(
            f"the download of {model} broke off at {status!r}; pull it again, what is here is kept",
            provider=PROVIDER,
        )


def _read(line: str, connection: Connection) -> PullProgress:
    try:
        data = json.loads(line)
        error = connection.translator.error_of(data)
        if error is None:
            return PullProgress(
                status=str(data["status"]),
                digest=str(data.get("digest") or ""),
                total=int(data.get("total") or 0),
                completed=int(data.get("completed") or 0),
            )
    except (
        ArithmeticError,
        AttributeError,
        KeyError,
        RecursionError,
        TypeError,
        ValueError,
    ) as caught:
        raise connection.translator.invalid(
            f"the server told its progress in another shape ({caught})", body=line.encode()
        ) from caught
    raise connection.translator.reported(error)


def _next(source: Any) -> str | None:
    return next(source, None)


async def _anext(source: Any) -> str | None:
    line: str | None = await anext(source, None)
    return line


def _close(source: Any) -> None:
    source.close()


async def _aclose(source: Any) -> None:
    await source.aclose()
