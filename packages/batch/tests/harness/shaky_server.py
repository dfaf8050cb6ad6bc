"""A plain HTTP server of the tests' own that breaks off, goes on, redirects and lies, as it is told."""

from __future__ import annotations

import socket
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What goes out for one request, byte for byte.

    Attributes:
        status: HTTP status.
        headers: Headers; a length is added unless it is told otherwise.
        body: The body.
        cut: Bytes of the body that are sent before the connection ends; all when None.
        with_length: Whether to say how long the body is.
        read: Bytes of the request's body to read before the connection is reset; None answers.
    """

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    cut: int | None = None
    with_length: bool = True
    read: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request as it came in.

    Attributes:
        line: Its first line.
        headers: Its headers, names in lower case.
        body: What was read of its body.
    """

    line: str
    headers: Mapping[str, str]
    body: bytes


class ShakyServer:
    """Gives its answers one after the other, each on a connection of its own.

    Args:
        answers: The answers.
    """

    def __init__(self, *answers: Answer) -> None:
        self.asked: list[Asked] = []
        self._answers = list(answers)
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._serve, daemon=True)

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self._socket.getsockname()[1]}"

    def add(self, *answers: Answer) -> None:
        """Give further answers."""
        self._answers += answers

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join(timeout=5.0)

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            with connection:
                connection.settimeout(5.0)
                self._answer(connection, self._answers.pop(0) if self._answers else Answer())

    def _answer(self, connection: socket.socket, answer: Answer) -> None:
        raw = connection.makefile("rb")
        line = raw.readline().decode().strip()
        headers: dict[str, str] = {}
        while text := raw.readline().decode().strip():
            name, _, value = text.partition(":")
            headers[name.lower()] = value.strip()
        length = int(headers.get("content-length", "0"))
        body = raw.read(length if answer.read is None else min(length, answer.read))
        self.asked.append(Asked(line=line, headers=headers, body=body))
        raw.close()
        if answer.read is not None:
            # With bytes unread the kernel resets the connection.
            return
        head = [f"HTTP/1.1 {answer.status} Answer", "connection: close"]
        if answer.with_length:
            head.append(f"content-length: {len(answer.body)}")
        head += [f"{name}: {value}" for name, value in answer.headers.items()]
        connection.sendall("\r\n".join([*head, "", ""]).encode() + answer.body[: answer.cut])


def ranges(answer: bytes, *cuts: int) -> Sequence[Answer]:
    """The answers that hand out a body in pieces, each from where the last one broke off.

    Args:
        answer: The body.
        *cuts: Where it breaks off.
    """
    starts = (0, *cuts)
    made = []
    for start, end in zip(starts, (*cuts, None), strict=True):
        rest = answer[start:]
        told = {"content-range": f"bytes {start}-{len(answer) - 1}/{len(answer)}"} if start else {}
        made.append(
            Answer(
                status=206 if start else 200,
                headers=told,
                body=rest,
                cut=None if end is None else end - start,
            )
        )
    return made
