"""The client on bad lines: downloads that go on, redirects without keys, uploads that break off."""

from __future__ import annotations

import gzip
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from racto.batch.api_keys import server_of
from racto.batch.calls import Call
from racto.batch.client import ProviderClient
from racto.batch.uploads import form
from racto.core import (
    APIConnectionError,
    Deadline,
    InvalidResponseError,
    RactoGatewayTimeoutError,
    RetryPolicy,
    ServerError,
)

from .harness.codecs import ChatCodec
from .harness.shaky_server import Answer, ShakyServer, ranges
from .harness.voices import Voice, voice as voice

BODY = bytes(range(256)) * 4096
KEY = "sk-secret-0123456789"
FILE = Call(method="GET", path="/files/f/content")


@pytest.fixture
def server() -> Iterator[ShakyServer]:
    with ShakyServer() as server:
        yield server


@pytest.fixture
def client(server: ShakyServer) -> Iterator[ProviderClient]:
    client = made(server)
    yield client
    client.close()


def made(server: ShakyServer, *, attempts: int = 3) -> ProviderClient:
    key = SecretStr(KEY)
    return ProviderClient(
        server_of("openai", server.url, {"authorization": f"Bearer {KEY}"}, key),
        ChatCodec(),
        timeout=5.0,
        retries=RetryPolicy(attempts=attempts, base=0.0),
    )


def test_a_download_goes_on_where_it_broke_off(
    client: ProviderClient, server: ShakyServer, tmp_path: Path, voice: Voice
) -> None:
    server.add(*ranges(BODY, 300_000, 700_000))
    path = voice(client.save(FILE, tmp_path / "out.jsonl"))
    assert path.read_bytes() == BODY
    assert [each.headers.get("range") for each in server.asked] == [
        None,
        "bytes=300000-",
        "bytes=700000-",
    ]
    assert {each.headers["accept-encoding"] for each in server.asked} == {"identity"}


def test_a_download_may_break_off_more_often_than_a_call_is_tried(
    client: ProviderClient, server: ShakyServer, tmp_path: Path, voice: Voice
) -> None:
    server.add(*ranges(BODY, *range(100_000, 900_000, 100_000)))
    assert voice(client.save(FILE, tmp_path / "out.jsonl")).read_bytes() == BODY
    assert len(server.asked) == 9


def test_a_download_that_gets_no_further_is_given_up(
    client: ProviderClient, server: ShakyServer, tmp_path: Path, voice: Voice
) -> None:
    server.add(*[Answer(body=BODY, cut=1000)] * 20)
    with pytest.raises(APIConnectionError):
        voice(client.save(FILE, tmp_path / "out.jsonl"))
    assert len(server.asked) < 20
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "wrong",
    [
        Answer(status=206, headers={"content-range": "bytes 5-9/10"}, body=b"wrong"),
        Answer(status=206, body=b"wrong"),
        Answer(status=416, body=b"{}"),
    ],
    ids=["elsewhere", "nowhere", "nothing-there"],
)
def test_a_download_that_cannot_be_continued_begins_anew(
    wrong: Answer, client: ProviderClient, server: ShakyServer, tmp_path: Path, voice: Voice
) -> None:
    server.add(Answer(body=BODY, cut=1000), wrong, Answer(body=BODY))
    assert voice(client.save(FILE, tmp_path / "out.jsonl")).read_bytes() == BODY
    assert "range" not in server.asked[2].headers


def test_a_server_that_ignores_ranges_begins_anew(
    client: ProviderClient, server: ShakyServer, tmp_path: Path, voice: Voice
) -> None:
    server.add(Answer(body=BODY, cut=1000), Answer(body=BODY))
    assert voice(client.save(FILE, tmp_path / "out.jsonl")).read_bytes() == BODY


def test_a_download_without_a_length_could_be_half_a_file(
    client: ProviderClient, server: ShakyServer, tmp_path: Path, voice: Voice
) -> None:
    server.add(Answer(body=BODY, with_length=False))
    with pytest.raises(InvalidResponseError, match="without its length"):
        voice(client.save(FILE, tmp_path / "out.jsonl"))
    assert list(tmp_path.iterdir()) == []


def test_a_compressed_download_is_unpacked_and_never_continued(
    client: ProviderClient, server: ShakyServer, tmp_path: Path, voice: Voice
) -> None:
    packed, told = gzip.compress(BODY), {"content-encoding": "gzip"}
    server.add(
        Answer(body=packed, headers=told, cut=len(packed) // 2), Answer(body=packed, headers=told)
    )
    assert voice(client.save(FILE, tmp_path / "out.jsonl")).read_bytes() == BODY
    assert "range" not in server.asked[1].headers


def test_a_refusal_is_told_and_leaves_nothing(
    client: ProviderClient, server: ShakyServer, tmp_path: Path, voice: Voice
) -> None:
    server.add(*[Answer(status=500, body=b'{"error": {"message": "broken"}}')] * 3)
    with pytest.raises(ServerError, match="broken"):
        voice(client.save(FILE, tmp_path / "out.jsonl"))
    assert list(tmp_path.iterdir()) == []


def test_two_downloads_of_one_file_do_not_disturb_each_other(
    client: ProviderClient, server: ShakyServer, tmp_path: Path
) -> None:
    from racto.core.flows import run

    server.add(*ranges(BODY, 300_000), Answer(body=BODY), Answer(body=BODY))
    target = tmp_path / "out.jsonl"
    threads = [threading.Thread(target=lambda: run(client.save(FILE, target))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert target.read_bytes() == BODY
    assert list(tmp_path.iterdir()) == [target]


def test_a_redirect_at_home_keeps_the_key(
    client: ProviderClient, server: ShakyServer, tmp_path: Path, voice: Voice
) -> None:
    server.add(Answer(status=307, headers={"location": "/elsewhere?x=1"}), Answer(body=b"{}"))
    assert voice(client.ask(FILE)) == {}
    assert server.asked[1].line == "GET /elsewhere?x=1 HTTP/1.1"
    assert server.asked[1].headers["authorization"] == f"Bearer {KEY}"


def test_a_redirect_to_another_host_must_be_encrypted(
    client: ProviderClient, server: ShakyServer, tmp_path: Path, voice: Voice
) -> None:
    server.add(Answer(status=302, headers={"location": "http://127.0.0.1:1/x"}))
    with pytest.raises(InvalidResponseError, match=r"redirects to http://127\.0\.0\.1"):
        voice(client.save(FILE, tmp_path / "out.jsonl"))


def test_redirects_without_end_are_left(
    client: ProviderClient, server: ShakyServer, voice: Voice
) -> None:
    server.add(*[Answer(status=302, headers={"location": "/again"})] * 10)
    with pytest.raises(InvalidResponseError, match="more than 5 redirects"):
        voice(client.ask(FILE))


def test_what_creates_is_not_redirected(
    client: ProviderClient, server: ShakyServer, voice: Voice
) -> None:
    server.add(Answer(status=307, headers={"location": "https://elsewhere.example/a?secret=1"}))
    with pytest.raises(InvalidResponseError, match=r"https://elsewhere\.example/a,") as caught:
        voice(client.ask(Call(method="POST", path="/batches", json={})))
    assert "secret" not in str(caught.value)


def test_an_upload_that_broke_off_is_sent_again_whole(
    client: ProviderClient, server: ShakyServer, tmp_path: Path, voice: Voice
) -> None:
    spool = tmp_path / "spool.jsonl"
    spool.write_bytes(b"x" * 3_000_000)
    body, kind = form(spool, filename="spool.jsonl", fields={"purpose": "batch"})
    call = Call(method="POST", path="/files", headers={"content-type": kind}, body=body)
    server.add(Answer(read=1_000_000), Answer(body=b'{"id": "f"}'))
    assert voice(client.ask(call)) == {"id": "f"}
    assert len(server.asked[0].body) == 1_000_000
    assert len(server.asked[1].body) == body.size


def test_an_answer_in_the_middle_of_an_upload_is_heard(
    client: ProviderClient, server: ShakyServer, tmp_path: Path, voice: Voice
) -> None:
    spool = tmp_path / "spool.jsonl"
    spool.write_bytes(b"x" * 1_000)
    body, kind = form(spool, filename="spool.jsonl", fields={})
    call = Call(method="POST", path="/files", headers={"content-type": kind}, body=body)
    server.add(Answer(status=413, body=b'{"error": {"message": "too large"}}'))
    with pytest.raises(Exception, match="too large"):
        voice(client.once(call))


@pytest.mark.parametrize(
    ("body", "why"),
    [(b"<html>", "no JSON"), (b"[1]", "no JSON object"), (b"", "no JSON")],
    ids=["page", "list", "nothing"],
)
def test_answers_that_are_none_are_told(
    body: bytes, why: str, client: ProviderClient, server: ShakyServer, voice: Voice
) -> None:
    server.add(Answer(body=body))
    with pytest.raises(InvalidResponseError, match=why):
        voice(client.ask(FILE))


def test_an_answer_without_end_is_left(
    client: ProviderClient,
    server: ShakyServer,
    voice: Voice,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("racto.batch.calls.LARGEST_REPLY", 1000)
    server.add(Answer(body=b"x" * 5000))
    with pytest.raises(InvalidResponseError, match="longer than 1000 bytes"):
        voice(client.ask(FILE))


def test_no_server_no_answer_and_no_key_in_the_error(voice: Voice) -> None:
    client = ProviderClient(
        server_of(
            "openai",
            "http://user:pass-word-1@127.0.0.1:9/v1",
            {"authorization": f"Bearer {KEY}"},
            SecretStr(KEY),
        ),
        ChatCodec(),
        timeout=5.0,
        retries=RetryPolicy(attempts=1),
    )
    with pytest.raises(APIConnectionError) as caught:
        voice(client.ask(FILE))
    assert "http://127.0.0.1:9" in str(caught.value)
    assert KEY not in repr(caught.value) + repr(client.server) + repr(FILE)
    assert "pass-word-1" not in str(caught.value)
    client.close()


def test_a_server_that_trickles_is_left_at_the_deadline(voice: Voice) -> None:
    from racto.testing import Conduct, OpenAIServer, Reply

    with OpenAIServer(key=None) as server:
        client = ProviderClient(
            server_of("openai", server.url, {}, None),
            ChatCodec(),
            timeout=30.0,
            retries=RetryPolicy(attempts=1),
        )
        server.batches.add(Reply(conduct=Conduct(pause=0.1)))
        with pytest.raises(RactoGatewayTimeoutError):
            voice(client.ask(Call(method="GET", path="/batches"), Deadline.after(0.3)))
        client.close()
