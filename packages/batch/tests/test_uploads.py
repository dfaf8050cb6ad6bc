"""Upload bodies: their length is told before they are read, and kept."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from racto.batch import uploads
from racto.batch.uploads import SpoolBody, form, json_array
from racto.core import Deadline, DeadlineExceededError, JobError

LINES = [b'{"n": %d, "text": "\xe2\x80\xa8"}' % number for number in range(50)]


@pytest.fixture
def spool(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file of lines, read in pieces of 64 bytes."""
    monkeypatch.setattr(uploads, "PIECE", 64)
    path = tmp_path / "spool.jsonl"
    path.write_bytes(b"".join(line + b"\n" for line in LINES))
    return path


def sent(body: SpoolBody) -> bytes:
    """What is sent, in both voices alike."""

    async def awaited() -> bytes:
        return b"".join([piece async for piece in body.apieces()])

    plain = b"".join(body.pieces())
    assert asyncio.run(awaited()) == plain
    assert len(plain) == body.size
    return plain


def test_lines_become_an_array(spool: Path) -> None:
    body = sent(json_array(spool, head=b'{"requests":[', tail=b"]}"))
    assert json.loads(body) == {"requests": [json.loads(line) for line in LINES]}


def test_no_lines_are_an_empty_array(tmp_path: Path) -> None:
    path = tmp_path / "empty"
    path.write_bytes(b"")
    assert sent(json_array(path, head=b"[", tail=b"]")) == b"[]"


def test_a_form_holds_the_file_as_it_is(spool: Path) -> None:
    from racto.testing.openai.multipart import read_form

    body, kind = form(spool, filename="a.jsonl", fields={"purpose": "batch"})
    fields = {field.name: field for field in read_form(sent(body), kind)}
    assert fields["purpose"].content == b"batch"
    assert fields["file"].filename == "a.jsonl"
    assert fields["file"].content == spool.read_bytes()


def test_stretches_make_up_the_file(spool: Path) -> None:
    size = spool.stat().st_size
    parts = [
        SpoolBody(path=spool, start=at, length=min(100, size - at)) for at in range(0, size, 100)
    ]
    assert b"".join(map(sent, parts)) == spool.read_bytes()


def test_a_file_that_shrank_is_told(spool: Path) -> None:
    body = json_array(spool, head=b"[", tail=b"]")
    spool.write_bytes(LINES[0])
    with pytest.raises(JobError, match="shorter"):
        list(body.pieces())


def test_a_body_ends_at_the_deadline(spool: Path) -> None:
    body = json_array(spool, head=b"[", tail=b"]")
    with pytest.raises(DeadlineExceededError):
        list(body.pieces(Deadline.after(0.0)))
