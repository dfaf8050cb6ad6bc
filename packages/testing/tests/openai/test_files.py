"""Files are uploaded, found, listed, read and deleted, and bad uploads are refused."""

from __future__ import annotations

from typing import Any

import openai
import pytest

from racto.testing import Conduct, Failure, OpenAIServer, Reply
from racto.testing.openai import files

LINE = b'{"a": 1}\n'


def test_a_file_is_uploaded_and_read_again(client: openai.OpenAI) -> None:
    content = bytes(range(256)) * 10 + b"\r\n--"
    made = client.files.create(file=("b.bin", content), purpose="evals")
    assert (made.bytes, made.filename, made.purpose) == (len(content), "b.bin", "evals")
    assert made.expires_at is None
    assert client.files.retrieve(made.id) == made
    assert client.files.content(made.id).content == content


async def test_the_async_client_uploads_too(async_client: openai.AsyncOpenAI) -> None:
    made = await async_client.files.create(file=("a.jsonl", LINE), purpose="batch")
    assert (await async_client.files.content(made.id)).content == LINE


def test_a_file_for_a_batch_stays_thirty_days_and_others_as_told(client: openai.OpenAI) -> None:
    made = client.files.create(file=("a.jsonl", LINE), purpose="batch")
    assert made.expires_at == made.created_at + 30 * 24 * 3600
    made = client.files.create(
        file=("a.jsonl", LINE),
        purpose="batch",
        expires_after={"anchor": "created_at", "seconds": 3600},
    )
    assert made.expires_at == made.created_at + 3600


def test_files_are_listed_by_purpose_and_in_either_order(client: openai.OpenAI) -> None:
    ids = [client.files.create(file=("a.jsonl", LINE), purpose="batch").id for _ in range(5)]
    other = client.files.create(file=("a.txt", LINE), purpose="evals").id
    assert [one.id for one in client.files.list(limit=2)] == [other, *ids[::-1]]
    assert [one.id for one in client.files.list(order="asc", purpose="batch")] == ids


def test_a_deleted_file_is_gone(client: openai.OpenAI) -> None:
    made = client.files.create(file=("a.jsonl", LINE), purpose="batch")
    assert client.files.delete(made.id).deleted
    for call in (client.files.retrieve, client.files.content, client.files.delete):
        with pytest.raises(openai.NotFoundError, match=f"No such File object: {made.id}"):
            call(made.id)


@pytest.mark.parametrize("purpose", ["assistants", "user_data"])
def test_some_purposes_cannot_be_read_back(client: openai.OpenAI, purpose: Any) -> None:
    made = client.files.create(file=("a.txt", b"words"), purpose=purpose)
    with pytest.raises(openai.BadRequestError, match="Not allowed to download files of purpose"):
        client.files.content(made.id)


def after(seconds: Any, anchor: str = "created_at") -> dict[str, Any]:
    return {"expires_after": {"anchor": anchor, "seconds": seconds}}


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"purpose": "fun"}, "purpose"),
        pytest.param({"purpose": openai.omit}, "purpose", id="no purpose"),
        ({"extra_body": {"colour": "red"}}, "colour"),
        (after(3599), "expires_after.seconds"),
        (after(2_592_001), "expires_after.seconds"),
        (after("soon"), "expires_after.seconds"),
        (after(3600, "deleted_at"), "expires_after.anchor"),
    ],
    ids=str,
)
def test_a_bad_field_is_refused_by_name(
    client: openai.OpenAI, fields: dict[str, Any], param: str
) -> None:
    with pytest.raises(openai.BadRequestError) as caught:
        client.files.create(**{"file": ("a.jsonl", LINE), "purpose": "batch", **fields})
    assert caught.value.param == param


@pytest.mark.parametrize("purpose", ["batch", "fine-tune"])
def test_jobs_take_json_lines_only(client: openai.OpenAI, purpose: Any) -> None:
    with pytest.raises(openai.BadRequestError, match=r"Must be \.jsonl"):
        client.files.create(file=("a.json", LINE), purpose=purpose)


def test_an_upload_without_a_file_is_refused(client: openai.OpenAI) -> None:
    with pytest.raises(openai.BadRequestError) as caught:
        client.post(
            "/files",
            body={"purpose": "batch"},
            files={"other": b"x"},
            cast_to=object,
            options={"headers": {"content-type": "multipart/form-data"}},
        )
    assert caught.value.param == "file"


def test_an_upload_that_is_no_form_is_refused(client: openai.OpenAI) -> None:
    with pytest.raises(openai.BadRequestError, match="Could not parse multipart form"):
        client.post("/files", body={"purpose": "batch"}, cast_to=object)


def test_a_file_that_is_too_large_is_refused(
    client: openai.OpenAI, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert files.LARGEST_BATCH_FILE == 200 * 1024 * 1024
    monkeypatch.setattr(files, "LARGEST_BATCH_FILE", len(LINE) - 1)
    with pytest.raises(openai.APIStatusError) as caught:
        client.files.create(file=("a.jsonl", LINE), purpose="batch")
    assert caught.value.status_code == 413
    client.files.create(file=("a.jsonl", LINE), purpose="fine-tune")


@pytest.mark.parametrize(
    "query", [{"limit": 0}, {"limit": 10_001}, {"order": "up"}, {"extra_query": {"colour": "red"}}]
)
def test_a_bad_query_is_refused(client: openai.OpenAI, query: dict[str, Any]) -> None:
    with pytest.raises(openai.BadRequestError):
        client.files.list(**query)


def test_a_page_after_nothing_is_refused(client: openai.OpenAI) -> None:
    with pytest.raises(openai.NotFoundError, match="gone"):
        client.files.list(after="gone")


def test_other_methods_are_refused(client: openai.OpenAI) -> None:
    for method, path in (("PUT", "/files"), ("POST", "/files/file-1"), ("GET", "/files/a/b")):
        with pytest.raises(openai.NotFoundError, match="Invalid URL"):
            getattr(client, method.lower())(path, cast_to=object)


def test_an_upload_can_fail_get_lost_or_be_told_wrongly(
    openai_server: OpenAIServer, client: openai.OpenAI
) -> None:
    lost, garbled = Reply(conduct=Conduct(hang_up=True)), Reply(body=b"{broken")
    openai_server.files.add(Failure(kind="overloaded"), lost, garbled)
    for error in (openai.InternalServerError, openai.APIConnectionError, ValueError):
        with pytest.raises(error):
            client.files.create(file=("a.jsonl", LINE), purpose="batch")
    # The first was never kept; the other two were, though nobody was told.
    assert len(list(client.files.list())) == 2
