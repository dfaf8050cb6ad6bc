"""Plain calls end at their deadline, wherever a server lets its bytes trickle."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest

from racto.core import Deadline, RactoGatewayTimeoutError
from racto.providers.connections import Connection
from racto.providers.kits import WireRequest
from racto.providers.ollama.connection import connect as connect_ollama
from racto.providers.openai.connection import connect as connect_openai

ASKED = WireRequest(path="/chat", body={"model": "m"})
ANSWER = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}"
BEGINNINGS = {
    "headers": b"HTTP/1.1 200 OK\r\nx-a: ",
    "body": b"HTTP/1.1 200 OK\r\ncontent-length: 99999\r\n\r\n",
    "size of a chunk": b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1;",
    "error": b"HTTP/1.1 400 Bad\r\ncontent-length: 99999\r\n\r\n",
    "page": b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 99999\r\n\r\n",
    "event": b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n:",
}


class Trickle:
    """A server that answers some requests at once, and then a byte at a time."""

    def __init__(self, beginning: bytes, prompt: int) -> None:
        self._beginning, self._prompt = beginning, prompt
        self._is_over = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        held, _ = self._listener.accept()
        # The client hangs up, which is what the test is about.
        with held, suppress(OSError):
            for _ in range(self._prompt):
                held.recv(65536)
                held.sendall(ANSWER)
            held.recv(65536)
            held.sendall(self._beginning)
            while not self._is_over.wait(0.01):
                held.sendall(b"x")

    def close(self) -> None:
        self._is_over.set()
        self._thread.join()
        self._listener.close()


@pytest.fixture
def trickle() -> Iterator[Callable[..., Trickle]]:
    """Makes servers that trickle, and stops them."""
    made: list[Trickle] = []

    def make(kind: str, prompt: int = 0) -> Trickle:
        made.append(Trickle(BEGINNINGS[kind], prompt))
        return made[-1]

    yield make
    for each in made:
        each.close()


@pytest.fixture(params=["sdk", "http"])
def connect(request: pytest.FixtureRequest) -> Iterator[Callable[[str], Connection]]:
    """Connects through an SDK, or by plain HTTP."""
    made: list[Connection] = []

    def to(url: str) -> Connection:
        made.append(
            connect_openai("openai", base_url=url)
            if request.param == "sdk"
            else connect_ollama(base_url=url)
        )
        return made[-1]

    yield to
    for each in made:
        each.transport.close()


@pytest.mark.parametrize("kind", ["headers", "body", "size of a chunk", "error"])
def test_a_reply_that_trickles_ends_at_the_deadline(
    trickle: Callable[..., Trickle], connect: Callable[[str], Connection], kind: str
) -> None:
    transport = connect(trickle(kind).url).transport
    with pytest.raises(RactoGatewayTimeoutError):
        transport.send(ASKED, Deadline.after(0.2))


def test_a_connection_that_was_kept_heeds_the_deadline_of_the_next_call(
    trickle: Callable[..., Trickle], connect: Callable[[str], Connection]
) -> None:
    transport = connect(trickle("headers", prompt=2).url).transport
    for _ in range(2):
        assert transport.send(ASKED, Deadline.after(20.0)).body == b"{}"
    with pytest.raises(RactoGatewayTimeoutError):
        transport.send(ASKED, Deadline.after(0.2))


@pytest.mark.parametrize("kind", ["headers", "error", "page"])
def test_a_stream_that_does_not_begin_ends_at_the_deadline(
    trickle: Callable[..., Trickle], connect: Callable[[str], Connection], kind: str
) -> None:
    transport = connect(trickle(kind).url).transport
    with pytest.raises(RactoGatewayTimeoutError):
        transport.open(ASKED, Deadline.after(0.2))


@pytest.mark.parametrize("voice", ["sync", "async"])
async def test_a_stream_of_comments_alone_ends_at_the_deadline(
    trickle: Callable[..., Trickle], connect: Callable[[str], Connection], voice: str
) -> None:
    transport, deadline = connect(trickle("event").url).transport, Deadline.after(0.3)
    if voice == "sync":
        events = transport.open(ASKED, deadline)
        with pytest.raises(RactoGatewayTimeoutError):
            next(events)
    else:
        aevents = await transport.aopen(ASKED, deadline)
        with pytest.raises(RactoGatewayTimeoutError):
            await anext(aevents)
    await transport.aclose()
