"""Conduct on the wire: what a client gets of an answer, and how it ends."""

from __future__ import annotations

import time
from typing import Any

import h11
import httpx2
import pytest

from racto.testing import Conduct, Failure, OpenAIServer, Outgoing, Reply
from racto.testing.delivery import Parting, steps

ASKED = {"model": "m", "messages": [{"role": "user", "content": "hello"}]}
STREAMED = {**ASKED, "stream": True}
WORDS = ["one ", "two ", "three "]


def _events(answer: bytes) -> list[bytes]:
    return [line for line in answer.split(b"\r\n") if line.startswith(b"data: ")]


@pytest.mark.parametrize("after", [0, 1, 3])
def test_a_stream_is_cut_after_so_many_events(
    openai_server: OpenAIServer, raw: Any, after: int
) -> None:
    openai_server.say(WORDS, conduct=Conduct(cut_after=after))
    answer = raw.ask(openai_server, raw.message(STREAMED))
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert len(_events(answer)) == after
    assert not answer.endswith(b"0\r\n\r\n")


def test_a_stream_may_be_cut_after_its_last_event(openai_server: OpenAIServer, raw: Any) -> None:
    openai_server.say(WORDS, conduct=Conduct(cut_after=100))
    answer = raw.ask(openai_server, raw.message(STREAMED))
    assert b"[DONE]" in answer
    assert not answer.endswith(b"0\r\n\r\n")


@pytest.mark.parametrize("pause", [0.0, 0.0001])
def test_a_body_is_cut_after_so_many_bytes(
    openai_server: OpenAIServer, raw: Any, pause: float
) -> None:
    openai_server.say("hello", conduct=Conduct(cut_after=20, pause=pause))
    head, _, body = raw.ask(openai_server, raw.message()).partition(b"\r\n\r\n")
    assert len(body) == 20
    declared = next(line for line in head.split(b"\r\n") if line.startswith(b"content-length"))
    assert int(declared.partition(b":")[2]) > 20


def test_a_connection_is_reset_at_once(openai_server: OpenAIServer, raw: Any) -> None:
    openai_server.say(conduct=Conduct(reset=True))
    with pytest.raises(ConnectionResetError):
        raw.ask(openai_server, raw.message())


@pytest.mark.parametrize("asked", [ASKED, STREAMED], ids=["body", "stream"])
def test_a_connection_is_reset_at_the_place_of_the_cut(
    openai_server: OpenAIServer, raw: Any, asked: Any
) -> None:
    openai_server.say(WORDS, conduct=Conduct(cut_after=2, reset=True))
    connection = raw.connect(openai_server)
    connection.sendall(raw.message(asked))
    with pytest.raises(ConnectionResetError):
        raw.rest(connection)


def test_garbage_comes_instead_of_http(openai_server: OpenAIServer, raw: Any) -> None:
    openai_server.say(conduct=Conduct(garbage=b"\x00\x01 no http"))
    assert raw.ask(openai_server, raw.message()) == b"\x00\x01 no http"


def test_a_server_may_hang_up_without_a_word(openai_server: OpenAIServer, raw: Any) -> None:
    openai_server.say(conduct=Conduct(hang_up=True))
    assert raw.ask(openai_server, raw.message()) == b""


def test_failures_have_a_conduct_too(openai_server: OpenAIServer, raw: Any) -> None:
    openai_server.fail("rate_limited", conduct=Conduct(cut_after=5))
    head, _, body = raw.ask(openai_server, raw.message()).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 429 Too Many Requests")
    assert len(body) == 5


def test_the_connection_of_a_cut_answer_is_not_used_again(openai_server: OpenAIServer) -> None:
    openai_server.say(WORDS, conduct=Conduct(cut_after=1))
    openai_server.say("fine")
    headers = {"authorization": f"Bearer {openai_server.key}"}
    with httpx2.Client(base_url=openai_server.url, headers=headers) as client:
        with pytest.raises(httpx2.RemoteProtocolError):
            client.post("/chat/completions", json=STREAMED)
        assert client.post("/chat/completions", json=ASKED).status_code == 200
    assert openai_server.connections == 2


def test_an_answer_waits_for_its_delay(openai_server: OpenAIServer, raw: Any) -> None:
    openai_server.say(conduct=Conduct(delay=0.1))
    began = time.monotonic()
    raw.ask(openai_server)
    assert time.monotonic() - began >= 0.1


@pytest.mark.parametrize("asked", [ASKED, STREAMED], ids=["body", "stream"])
def test_an_answer_pauses_between_its_pieces(
    openai_server: OpenAIServer, raw: Any, asked: Any
) -> None:
    # A body pauses after each of its bytes, a stream after each of its five events.
    reply = Reply(body=b"12345") if asked is ASKED else Reply(text=["one", "two"])
    pauses = 4
    openai_server.say(reply.text, body=reply.body, conduct=Conduct(pause=0.03))
    began = time.monotonic()
    answer = raw.ask(openai_server, raw.message(asked, connection="close"))
    assert time.monotonic() - began >= 0.03 * pauses
    assert answer.endswith((b"12345", b"0\r\n\r\n"))


def _parser() -> h11.Connection:
    parser = h11.Connection(h11.SERVER)
    parser.receive_data(b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n")
    while not isinstance(parser.next_event(), h11.EndOfMessage):
        continue
    return parser


def test_a_whole_answer_is_one_packet() -> None:
    (packet,) = steps(Outgoing(body=b"{}"), _parser(), method="POST")
    assert isinstance(packet, bytes)
    assert packet.endswith(b"\r\n\r\n{}")


def test_events_are_drawn_when_they_are_due() -> None:
    drawn = []

    def events() -> Any:
        for number in range(3):
            drawn.append(number)
            yield b"data: %d\n\n" % number

    told = steps(Outgoing(events=events()), _parser(), method="POST")
    next(told)
    assert drawn == []
    next(told)
    assert drawn == [0]
    assert len(list(told)) == 3


@pytest.mark.parametrize("status", [204, 304])
def test_an_answer_that_may_have_no_body_has_none(status: int) -> None:
    (packet,) = steps(Outgoing(status=status, body=b"x"), _parser(), method="POST")
    assert isinstance(packet, bytes)
    assert packet.endswith(b"\r\n\r\n")


def test_headers_of_the_answer_win_over_the_servers_own() -> None:
    answer = Outgoing(headers={"Content-Type": "text/x"}, body=b"1")
    (packet,) = steps(answer, _parser(), method="POST")
    assert isinstance(packet, bytes)
    assert packet.lower().count(b"content-type") == 1
    assert b"text/x" in packet


@pytest.mark.parametrize(
    ("conduct", "told"),
    [
        (Conduct(hang_up=True), [b"", Parting.CLOSE]),
        (Conduct(reset=True), [b"", Parting.RESET]),
        (Conduct(garbage=b"?", reset=True), [b"?", Parting.RESET]),
        (Conduct(delay=2.5, hang_up=True), [2.5, b"", Parting.CLOSE]),
    ],
)
def test_an_answer_that_is_none_is_told_without_http(conduct: Conduct, told: list[object]) -> None:
    assert list(steps(Outgoing(conduct=conduct), _parser(), method="POST")) == told


def test_a_failure_of_any_kind_is_an_error(openai_server: OpenAIServer, raw: Any) -> None:
    openai_server.add(Failure())
    assert raw.ask(openai_server).startswith(b"HTTP/1.1 500 ")


def test_a_long_body_is_sent_slowly_in_at_most_fifty_pieces() -> None:
    answer = Outgoing(body=b"x" * 10_007, conduct=Conduct(pause=1.0))
    told = list(steps(answer, _parser(), method="POST"))
    assert told.count(1.0) < 50
    assert sum(each.count(b"x") for each in told if isinstance(each, bytes)) == 10_007
