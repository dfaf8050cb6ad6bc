"""Files reach Cloud Storage whole, once, and from the byte on where an upload was cut."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from racto.core.errors import (
    APIConnectionError,
    ConfigurationError,
    InvalidResponseError,
    NotFoundError,
    OverloadedError,
    PermissionDeniedError,
    RactoGatewayError,
    ServerError,
)
from racto.core.flows import arun, run
from racto.finetune.calls import talking
from racto.finetune.failures import Translator
from racto.finetune.gemini import GeminiFineTuner, staging as staging_room
from racto.finetune.gemini.staging import Bucket, Staging, fingerprint

from .conftest import QUICK, Make, Talk
from .storage_server import StorageServer

PIECE = 256


@pytest.fixture(autouse=True)
def _small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(staging_room, "CHUNK", PIECE)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file of two pieces and a half."""
    path = tmp_path / "train.jsonl"
    path.write_bytes(bytes(number % 251 for number in range(2 * PIECE + PIECE // 2)))
    return path


def put(server: StorageServer, talk: Talk, file: Path, bucket: str = "gs://bucket/folder") -> Any:
    """Upload a file."""
    staging = Staging(Bucket.named(bucket), url=server.url, translator=Translator("google"))
    return talk(lambda wire: staging.put(wire.calls, file, fingerprint(file)))


def test_a_file_arrives_under_the_name_of_its_content(
    storage_server: StorageServer, talk: Talk, file: Path
) -> None:
    place = put(storage_server, talk, file)
    assert place == f"gs://bucket/folder/racto-finetune/{fingerprint(file).sha256}.jsonl"
    kept = storage_server.storage.files
    assert kept == {place.removeprefix("gs://"): file.read_bytes()}
    # One opens the upload, three bring the pieces.
    assert storage_server.received == 4


def test_a_file_that_is_there_is_not_sent_again(
    storage_server: StorageServer, talk: Talk, file: Path
) -> None:
    place = put(storage_server, talk, file)
    before = storage_server.received
    assert put(storage_server, talk, file) == place
    assert storage_server.received == before + 1


@pytest.mark.parametrize(
    "troubles",
    [
        pytest.param([None, None, 100], id="cut in a piece"),
        pytest.param([None, 0], id="cut before a piece"),
        pytest.param([None, PIECE], id="lost answer"),
        pytest.param([None, 100, 503, 500], id="cut, and trouble after it"),
        pytest.param([500, 429, None, 503], id="trouble everywhere"),
        pytest.param([None, None, "gone"], id="run out"),
        pytest.param([None, 100, "gone"], id="cut and run out"),
    ],
)
def test_an_upload_goes_on_where_it_was_cut(
    storage_server: StorageServer, talk: Talk, file: Path, troubles: list[Any]
) -> None:
    storage_server.storage.troubles.extend(troubles)
    put(storage_server, talk, file)
    assert list(storage_server.storage.files.values()) == [file.read_bytes()]
    assert not storage_server.storage.troubles


@pytest.mark.parametrize(
    ("troubles", "error"),
    [
        ([503] * 3, OverloadedError),
        ([None, *[500] * 4], ServerError),
        ([None, *[0] * 4], APIConnectionError),
        ([None, "gone"] * 3, NotFoundError),
    ],
    ids=["cannot begin", "500", "cut", "run out"],
)
def test_an_upload_that_never_works_is_an_error(
    storage_server: StorageServer,
    talk: Talk,
    file: Path,
    troubles: list[Any],
    error: type[RactoGatewayError],
) -> None:
    storage_server.storage.troubles.extend(troubles)
    with pytest.raises(error):
        put(storage_server, talk, file)
    assert storage_server.storage.files == {}
    assert not storage_server.storage.troubles


def test_a_storage_that_keeps_nothing_is_not_asked_for_ever(
    storage_server: StorageServer, talk: Talk, file: Path
) -> None:
    storage_server.storage.stands_still = True
    with pytest.raises(InvalidResponseError, match="stands still at byte 0"):
        put(storage_server, talk, file)
    assert storage_server.received < 10


def test_a_token_is_not_sent_to_another_host(
    storage_server: StorageServer, talk: Talk, file: Path
) -> None:
    storage_server.storage.place = "http://localhost:9"
    with pytest.raises(InvalidResponseError, match="to go on at 'http://localhost:9"):
        put(storage_server, talk, file)


def test_a_bucket_that_is_closed_says_what_is_missing(
    storage_server: StorageServer, make: Make, file: Path
) -> None:
    tuner = make(staging_bucket="gs://closed")
    with pytest.raises(PermissionDeniedError, match=r"objects\.create.*Storage Object User"):
        run(
            tuner._talking(
                lambda wire: tuner._staging.put(wire.calls, file, fingerprint(file))  # type: ignore[union-attr]
            )
        )


async def test_the_async_voice_uploads_too(
    storage_server: StorageServer, tuner: GeminiFineTuner, file: Path
) -> None:
    content = file.read_bytes()  # noqa: ASYNC240 - a small file
    staging = Staging(
        Bucket.named("bucket"), url=storage_server.url, translator=Translator("google")
    )
    storage_server.storage.troubles.extend([None, 100])
    place = await arun(
        talking(tuner._line, QUICK, lambda calls: staging.put(calls, file, fingerprint(file)))
    )
    assert storage_server.storage.files[place.removeprefix("gs://")] == content


@pytest.mark.parametrize(
    ("text", "bucket"),
    [
        ("gs://my-bucket", Bucket(name="my-bucket")),
        ("my_bucket.x/", Bucket(name="my_bucket.x")),
        ("gs://my-bucket/a/b/", Bucket(name="my-bucket", prefix="a/b/")),
    ],
    ids=["scheme", "plain", "folder"],
)
def test_a_bucket_is_named(text: str, bucket: Bucket) -> None:
    assert Bucket.named(text) == bucket


@pytest.mark.parametrize("text", ["", "gs://", "s3://x", "A", "gs://UPPER", "x?y"])
def test_what_is_no_bucket_is_refused(text: str) -> None:
    with pytest.raises(ConfigurationError, match="names no bucket"):
        Bucket.named(text)


def test_a_fingerprint_reads_pieces(tmp_path: Path) -> None:
    import hashlib

    path = tmp_path / "x"
    content = os.urandom(3 * PIECE + 1)
    path.write_bytes(content)
    known = fingerprint(path)
    assert (known.sha256, known.size) == (hashlib.sha256(content).hexdigest(), len(content))
