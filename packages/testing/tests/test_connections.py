"""HTTP as the server speaks it, byte by byte."""

from __future__ import annotations

import socket
import struct
from typing import Any

import pytest

from racto.testing import Conduct, OpenAIServer, Reply

STREAMED = {"model": "m", "messages": [{"role": "user", "content": "hello"}], "stream": True}


def _head(answer: bytes) -> bytes:
    return answer.partition(b"\r\n\r\n")[0].lower()


def test_a_connection_is_kept_for_the_next_request(openai_server: OpenAIServer, raw: Any) -> None:
    connection = raw.connect(openai_server)
    for words in ("first", "second"):
        openai_server.say(words)
        connection.sendall(raw.message())
        assert words.encode() in raw.until(connection, b"}}}")
    assert openai_server.connections == 1


def test_a_client_may_ask_to_close(openai_server: OpenAIServer, raw: Any) -> None:
    answer = raw.ask(openai_server, raw.message(connection="close"))
    assert b"connection: close" in _head(answer)


def test_an_old_client_gets_its_stream_until_the_connection_ends(
    openai_server: OpenAIServer, raw: Any
) -> None:
    asked = raw.message(STREAMED).replace(b"HTTP/1.1", b"HTTP/1.0")
    answer = raw.ask(openai_server, asked)
    assert b"transfer-encoding" not in _head(answer)
    assert answer.endswith(b"data: [DONE]\n\n")


def test_requests_sent_ahead_are_answered_in_order(openai_server: OpenAIServer, raw: Any) -> None:
    openai_server.say("first", conduct=Conduct(delay=0.05))
    openai_server.say("second")
    answer = raw.ask(openai_server, raw.message() + raw.message(connection="close"))
    assert answer.index(b"first") < answer.index(b"second")


def test_a_body_in_chunks_is_put_together(openai_server: OpenAIServer, raw: Any) -> None:
    whole = raw.message(connection="close")
    head, _, body = whole.partition(b"\r\n\r\n")
    lines = [line for line in head.split(b"\r\n") if not line.startswith(b"content-length")]
    head = b"\r\n".join([*lines, b"transfer-encoding: chunked"])
    half = len(body) // 2
    chunks = b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in (body[:half], body[half:]))
    assert b"200 OK" in raw.ask(openai_server, head + b"\r\n\r\n" + chunks + b"0\r\n\r\n")
    assert openai_server.last.body == body


def test_a_request_that_arrives_byte_by_byte_is_understood(
    openai_server: OpenAIServer, raw: Any
) -> None:
    connection = raw.connect(openai_server)
    for byte in raw.message(connection="close"):
        connection.sendall(bytes([byte]))
    assert b"200 OK" in raw.rest(connection)


def test_a_client_that_expects_to_be_told_is_told_to_go_on(
    openai_server: OpenAIServer, raw: Any
) -> None:
    whole = raw.message(connection="close", expect="100-continue")
    head, _, body = whole.partition(b"\r\n\r\n")
    connection = raw.connect(openai_server)
    connection.sendall(head + b"\r\n\r\n")
    assert raw.until(connection, b"\r\n\r\n").startswith(b"HTTP/1.1 100 ")
    connection.sendall(body)
    assert b"HTTP/1.1 200 OK" in raw.rest(connection)


def test_head_gets_the_headers_alone(openai_server: OpenAIServer, raw: Any) -> None:
    asked = raw.message(b"", path="/v1/models", method="HEAD", connection="close")
    head, _, body = raw.ask(openai_server, asked).partition(b"\r\n\r\n")
    assert b"content-length" in head
    assert not body


@pytest.mark.parametrize(
    ("target", "path", "query"),
    [
        ("/v1/a%20b?one=1&two=&one=3", "/v1/a b", {"one": "3", "two": ""}),
        ("http://example.org/v1/x?y=z", "/v1/x", {"y": "z"}),
        ("//[/x", "//[/x", {}),
        ("*", "/", {}),
    ],
)
def test_the_target_is_taken_apart(
    openai_server: OpenAIServer, raw: Any, target: str, path: str, query: dict[str, str]
) -> None:
    raw.ask(openai_server, raw.message(path=target, connection="close"))
    assert openai_server.last.path == path
    assert openai_server.last.query == query


def test_headers_that_repeat_are_joined_and_keys_stay_out_of_the_repr(
    openai_server: OpenAIServer, raw: Any
) -> None:
    sent = raw.message(connection="close").replace(b"host: x", b"host: x\r\nX-A: 1\r\nx-a: 2")
    raw.ask(openai_server, sent)
    assert openai_server.last.headers["x-a"] == "1, 2"
    assert openai_server.key is not None
    assert openai_server.key not in repr(openai_server.last)


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"nonsense\r\n\r\n", b"400"),
        (b"POST / HTTP/1.1\r\ncontent-length: x\r\nhost: x\r\n\r\n", b"400"),
        (b"GET / HTTP/1.1\r\nhost: x\r\nlong: " + b"x" * 66_000, b"431"),
    ],
    ids=["no HTTP", "ill-formed length", "endless header"],
)
def test_what_is_no_request_is_refused_and_the_server_goes_on(
    openai_server: OpenAIServer, raw: Any, sent: bytes, status: bytes
) -> None:
    assert raw.ask(openai_server, sent).startswith(b"HTTP/1.1 " + status)
    assert not openai_server.requests
    assert b"200 OK" in raw.ask(openai_server)


def test_a_body_over_the_limit_is_refused_and_not_kept(raw: Any) -> None:
    class Small(OpenAIServer):
        body_limit = 1000

    with Small() as server:
        answer = raw.ask(server, raw.message(b"x" * 1_000_000, connection="close"))
        assert answer.startswith(b"HTTP/1.1 413 ")
        assert not server.requests


def test_a_client_that_sends_far_ahead_is_not_read_without_end(
    openai_server: OpenAIServer, raw: Any
) -> None:
    openai_server.say("slow", conduct=Conduct(delay=30))
    connection = raw.connect(openai_server)
    connection.sendall(raw.message())
    assert openai_server.wait_until(lambda: len(openai_server.requests) == 1)
    connection.settimeout(0.5)
    flood = raw.message(b"x" * 1_000_000, path="/v1/flood")
    with pytest.raises(TimeoutError):
        connection.sendall(flood * 100)
    assert len(openai_server.requests) == 1


@pytest.mark.parametrize("is_reset", [False, True], ids=["in order", "with a reset"])
def test_a_client_that_hangs_up_ends_what_is_done_for_it(
    openai_server: OpenAIServer, raw: Any, is_reset: bool
) -> None:
    openai_server.say(["word "] * 1000, conduct=Conduct(pause=0.01))
    connection = raw.connect(openai_server)
    connection.sendall(raw.message(STREAMED))
    assert connection.recv(100)
    if is_reset:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()
    assert openai_server.wait_until(lambda: openai_server.open_connections == 0)


def test_a_client_that_reads_slowly_holds_up_nobody(openai_server: OpenAIServer, raw: Any) -> None:
    drawn: list[int] = []

    class Endless(list[Any]):
        def __iter__(self) -> Any:
            for number in range(10_000):
                drawn.append(number)
                yield {"filler": "x" * 10_000}

    openai_server.add(Reply(text=None, events=Endless([1])))
    slow = raw.connect(openai_server)
    slow.sendall(raw.message(STREAMED))
    assert openai_server.wait_until(lambda: bool(drawn))
    assert b"200 OK" in raw.ask(openai_server)
    assert len(drawn) < 10_000


def test_answers_wait_without_holding_up_others(openai_server: OpenAIServer, raw: Any) -> None:
    openai_server.say("late", conduct=Conduct(delay=30))
    waiting = raw.connect(openai_server)
    waiting.sendall(raw.message())
    assert openai_server.wait_until(lambda: len(openai_server.requests) == 1)
    openai_server.say("at once")
    assert b"at once" in raw.ask(openai_server)


def test_packets_are_not_held_back(openai_server: OpenAIServer, raw: Any) -> None:
    raw.connect(openai_server)
    assert openai_server.wait_until(lambda: openai_server.open_connections == 1)
    (held,) = openai_server._listener._connections
    assert held._socket.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
