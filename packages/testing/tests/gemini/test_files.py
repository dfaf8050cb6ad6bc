"""Files go up in pieces, are found and deleted, and only generated ones come down."""

from __future__ import annotations

import base64
import hashlib
import io
from typing import Any

import pytest
from google import genai
from google.genai import errors, types

START = {
    "x-goog-upload-protocol": "resumable",
    "x-goog-upload-command": "start",
    "x-goog-upload-header-content-type": "text/plain",
}


def uploaded(client: genai.Client, data: bytes = b"hello", **config: Any) -> types.File:
    told = types.UploadFileConfig(mime_type="text/plain", **config)
    return client.files.upload(file=io.BytesIO(data), config=told)


def test_a_file_is_uploaded_found_and_deleted(client: genai.Client) -> None:
    file = uploaded(client, display_name="mine", name="my-file")
    assert (file.name, file.display_name, file.mime_type) == ("files/my-file", "mine", "text/plain")
    assert file.size_bytes == 5
    assert file.state is types.FileState.ACTIVE
    assert file.sha256_hash is not None
    assert base64.b64decode(file.sha256_hash).decode() == hashlib.sha256(b"hello").hexdigest()
    assert client.files.get(name="my-file") == file
    assert [each.name for each in client.files.list()] == ["files/my-file"]
    client.files.delete(name="my-file")
    with pytest.raises(errors.ClientError, match="File my-file or it may not exist") as caught:
        client.files.get(name="my-file")
    assert caught.value.code == 403


async def test_async_clients_upload_too(aio: Any) -> None:
    file = await aio.files.upload(file=io.BytesIO(b"x"), config={"mime_type": "text/plain"})
    assert (await aio.files.get(name=file.name)).size_bytes == 1


def test_a_file_may_come_in_pieces(post: Any, http: Any) -> None:
    started = post("upload/v1beta/files", {"file": {"sizeBytes": "6"}}, **START)
    url = started.headers["x-goog-upload-url"]

    def send(data: bytes, offset: int, command: str) -> Any:
        told = {"x-goog-upload-command": command, "x-goog-upload-offset": str(offset)}
        return http.post(url, content=data, headers=told)

    assert send(b"abc", 0, "upload").headers["x-goog-upload-status"] == "active"
    assert send(b"def", 2, "upload, finalize").status_code == 400
    done = send(b"def", 3, "upload, finalize")
    assert done.headers["x-goog-upload-status"] == "final"
    assert done.json()["file"]["sizeBytes"] == "6"
    assert send(b"", 6, "upload").status_code == 403


def test_a_client_that_lost_an_answer_asks_how_far_it_is(post: Any, http: Any) -> None:
    started = post("upload/v1beta/files", {"file": {}}, **START)
    url = started.headers["x-goog-upload-url"]

    def stands() -> tuple[str, str | None]:
        told = http.post(url, headers={"x-goog-upload-command": "query"}).headers
        return told["x-goog-upload-status"], told.get("x-goog-upload-size-received")

    assert stands() == ("active", "0")
    http.post(url, content=b"abc", headers={"x-goog-upload-command": "upload"})
    assert stands() == ("active", "3")
    last = {"x-goog-upload-command": "upload, finalize", "x-goog-upload-offset": "3"}
    http.post(url, content=b"def", headers=last)
    assert stands() == ("final", None)


def test_a_file_has_the_size_that_was_told(post: Any, http: Any) -> None:
    started = post("upload/v1beta/files", {"file": {"sizeBytes": 9}}, **START)
    told = {"x-goog-upload-command": "upload, finalize", "x-goog-upload-offset": "0"}
    answer = http.post(started.headers["x-goog-upload-url"], content=b"abc", headers=told)
    assert answer.json()["error"]["message"] == "Upload has 3 bytes, and was to have 9."


@pytest.mark.parametrize("name", ["My-File", "a b", "-a", "a" * 41, "x/y"])
def test_files_have_proper_names(name: str, post: Any) -> None:
    answer = post("upload/v1beta/files", {"file": {"name": f"files/{name}"}}, **START)
    assert answer.status_code == 400
    assert "CreateFileRequest.file.name" in answer.json()["error"]["message"]


def test_a_name_is_taken_once(client: genai.Client) -> None:
    uploaded(client, name="mine")
    with pytest.raises(errors.ClientError) as caught:
        uploaded(client, name="mine")
    assert (caught.value.code, caught.value.status) == (409, "ALREADY_EXISTS")


def test_an_upload_is_resumable(post: Any) -> None:
    answer = post("upload/v1beta/files", {}, **{**START, "x-goog-upload-protocol": "raw"})
    assert answer.json()["error"]["message"] == "Upload protocol must be resumable."


def test_an_upload_begins_with_its_start(post: Any) -> None:
    answer = post("upload/v1beta/files", b"abc", **{"x-goog-upload-command": "upload"})
    assert answer.status_code == 400
    assert "must be started" in answer.json()["error"]["message"]


def test_what_was_uploaded_cannot_be_downloaded(client: genai.Client) -> None:
    file = uploaded(client)
    assert file.name is not None
    with pytest.raises(errors.ClientError, match="Only generated files"):
        client.files.download(file=file.name)


def test_a_generation_refers_to_files_that_are_there(client: genai.Client) -> None:
    file = uploaded(client)
    assert client.models.generate_content(model="m", contents=["x", file]).text == "ok"
    assert file.name is not None
    client.files.delete(name=file.name)
    with pytest.raises(errors.ClientError, match="it may not exist"):
        client.models.generate_content(model="m", contents=["x", file])
    elsewhere = types.Part.from_uri(file_uri="gs://bucket/a.png", mime_type="image/png")
    assert client.models.generate_content(model="m", contents=["x", elsewhere]).text == "ok"
