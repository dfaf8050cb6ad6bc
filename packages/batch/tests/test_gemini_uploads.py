"""Resumable uploads: pieces in order, lost answers asked after, nothing sent twice into a file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from racto.batch import gemini_uploads
from racto.batch.api_keys import server_of
from racto.batch.client import ProviderClient
from racto.batch.gemini_uploads import GeminiFiles
from racto.core import Deadline, InvalidResponseError, JobError, RetryPolicy, ServerError
from racto.testing import Conduct, Failure, GeminiServer, Reply

from .harness.codecs import ChatCodec
from .harness.voices import Voice, voice as voice

LINES = b'{"key": "a"}\n' * 100
LOST = Conduct(hang_up=True)


@pytest.fixture
def server() -> Iterator[GeminiServer]:
    with GeminiServer() as server:
        yield server


@pytest.fixture
def client(server: GeminiServer) -> Iterator[ProviderClient]:
    root = server.url.removesuffix("/v1beta")
    client = ProviderClient(
        server_of("google", root, {"x-goog-api-key": str(server.key)}, None),
        ChatCodec("google"),
        timeout=5.0,
        retries=RetryPolicy(attempts=3, base=0.0),
    )
    yield client
    client.close()


@pytest.fixture
def files(client: ProviderClient, monkeypatch: pytest.MonkeyPatch) -> GeminiFiles:
    """Uploads in pieces of 500 bytes."""
    monkeypatch.setattr(gemini_uploads, "PIECE", 500)
    monkeypatch.setattr(gemini_uploads, "_PAUSE_SECONDS", 0.0)
    return GeminiFiles(client, "v1beta")


@pytest.fixture
def spool(tmp_path: Path) -> Path:
    path = tmp_path / "spool.jsonl"
    path.write_bytes(LINES)
    return path


def commands(server: GeminiServer) -> list[str]:
    told = (each.headers.get("x-goog-upload-command") for each in server.requests)
    return [each for each in told if each]


def test_a_file_goes_up_in_pieces(
    files: GeminiFiles, server: GeminiServer, spool: Path, voice: Voice
) -> None:
    name = voice(files.upload(spool, "order-1", Deadline()))
    assert name.startswith("files/racto-")
    assert len(name.partition("/")[2]) <= 40
    assert server.files.content(name) == LINES
    assert commands(server) == ["start", "upload", "upload", "upload, finalize"]


def test_one_piece_may_be_all(
    files: GeminiFiles,
    server: GeminiServer,
    spool: Path,
    voice: Voice,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(gemini_uploads, "PIECE", len(LINES))
    name = voice(files.upload(spool, "order-1", Deadline()))
    assert server.files.content(name) == LINES
    assert commands(server) == ["start", "upload, finalize"]


@pytest.mark.parametrize("lost", [1, 2, 3])
def test_a_piece_whose_answer_was_lost_is_not_sent_twice(
    lost: int, files: GeminiFiles, server: GeminiServer, spool: Path, voice: Voice
) -> None:
    server.files.add(*[Reply()] * lost, Reply(conduct=LOST))
    name = voice(files.upload(spool, "order-1", Deadline()))
    assert server.files.content(name) == LINES
    assert commands(server).count("query") == 1
    assert len(commands(server)) == 5


@pytest.mark.parametrize("lost", [1, 2, 3])
def test_a_piece_that_did_not_arrive_is_sent_again(
    lost: int, files: GeminiFiles, server: GeminiServer, spool: Path, voice: Voice
) -> None:
    server.files.add(*[Reply()] * lost, Failure(kind="server_error"))
    name = voice(files.upload(spool, "order-1", Deadline()))
    assert server.files.content(name) == LINES
    assert commands(server).count("query") == 1
    assert len(commands(server)) == 6


def test_a_server_that_stays_broken_is_left(
    files: GeminiFiles, server: GeminiServer, spool: Path, voice: Voice
) -> None:
    server.files.add(Reply(), *[Failure(kind="server_error")] * 5)
    with pytest.raises(ServerError):
        voice(files.upload(spool, "order-1", Deadline()))


def test_a_file_that_is_there_is_not_sent_again(
    files: GeminiFiles, server: GeminiServer, spool: Path, voice: Voice
) -> None:
    name = voice(files.upload(spool, "order-1", Deadline()))
    before = len(server.requests)
    assert voice(files.upload(spool, "order-1", Deadline())) == name
    asked = [(each.method, each.path) for each in server.requests[before:]]
    assert asked == [("POST", "/upload/v1beta/files"), ("GET", f"/v1beta/{name}")]
    assert voice(files.upload(spool, "order-2", Deadline())) != name


def test_a_file_that_is_being_read_is_waited_for(
    files: GeminiFiles, server: GeminiServer, spool: Path, voice: Voice
) -> None:
    busy = {"name": "files/x", "state": "PROCESSING", "sizeBytes": str(len(LINES))}
    server.files.add(*[Reply()] * 4, Reply(body=busy), Reply(body=busy))
    voice(files.upload(spool, "order-1", Deadline()))
    assert [each.method for each in server.requests].count("GET") == 3


def test_a_file_that_cannot_be_read_is_told(
    files: GeminiFiles, server: GeminiServer, spool: Path, voice: Voice
) -> None:
    bad = {"state": "FAILED", "sizeBytes": str(len(LINES)), "error": {"message": "no JSONL"}}
    server.files.add(*[Reply()] * 4, Reply(body=bad))
    with pytest.raises(JobError, match="no JSONL"):
        voice(files.upload(spool, "order-1", Deadline()))


def test_the_upload_stays_at_our_server(
    files: GeminiFiles, server: GeminiServer, spool: Path, voice: Voice
) -> None:
    # A server behind a proxy names an address of its own.
    told = {"x-goog-upload-url": "https://elsewhere.example/upload/v1beta/files?upload_id=upload-2"}
    server.files.add(Reply(headers=told))
    name = voice(files.upload(spool, "order-1", Deadline()))
    assert server.files.content(name) == LINES


def test_an_upload_without_an_address_is_told(
    files: GeminiFiles, server: GeminiServer, spool: Path, voice: Voice
) -> None:
    server.files.add(Reply(headers={"x-goog-upload-url": ""}))
    with pytest.raises(InvalidResponseError, match="no address"):
        voice(files.upload(spool, "order-1", Deadline()))
