"""Sources of every kind become bytes with a stable id, or a reason why not."""

from __future__ import annotations

import io
import os
from pathlib import Path
from uuid import UUID

import pytest

from racto.core.errors import DocumentChangedError, DocumentTooLargeError, ReadError
from racto.rag.readers import sources
from racto.rag.readers.sources import BYTES_LABEL, document_id, load


def test_a_path_has_the_same_id_however_it_is_written(tmp_path: Path, monkeypatch):
    path = tmp_path / "a.txt"
    path.write_bytes(b"one")
    monkeypatch.chdir(tmp_path)
    ids = {load(path).doc_id, load(str(path)).doc_id, load("a.txt").doc_id, document_id(path)}
    path.write_bytes(b"two")
    assert ids == {load(path).doc_id}
    with path.open("rb") as file:
        assert load(file).doc_id in ids
    assert UUID(ids.pop()).version == 5


def test_bytes_have_an_id_by_what_they_hold():
    assert load(b"x").doc_id == load(io.BytesIO(b"x")).doc_id != load(b"y").doc_id
    assert load(b"x").source == BYTES_LABEL


def test_a_stream_is_read_from_where_it_stands():
    stream = io.BytesIO(b"head and body")
    stream.seek(9)
    assert load(stream).data == b"body"


class Dripping(io.RawIOBase):
    """A stream that hands out one byte at a time, as a pipe may."""

    def __init__(self, data: bytes) -> None:
        self.rest = data

    def readable(self) -> bool:
        return True

    def readinto(self, buffer) -> int:
        part, self.rest = self.rest[:1], self.rest[1:]
        buffer[: len(part)] = part
        return len(part)


def test_a_stream_may_come_in_pieces():
    assert load(Dripping(b"piece by piece")).data == b"piece by piece"


def test_a_stream_of_text_is_refused():
    with pytest.raises(ReadError, match="binary mode"):
        load(io.StringIO("text"))


@pytest.mark.parametrize("kind", ["path", "bytes", "stream"])
def test_what_is_too_large_is_refused_with_the_limit(kind: str, tmp_path: Path):
    path = tmp_path / "big.txt"
    path.write_bytes(b"x" * 11)
    source = {"path": path, "bytes": b"x" * 11, "stream": io.BytesIO(b"x" * 11)}[kind]
    with pytest.raises(DocumentTooLargeError, match="limit is 10"):
        load(source, max_bytes=10)
    assert len(load(b"x" * 10, max_bytes=10).data) == 10


def test_a_large_file_is_refused_unopened(tmp_path: Path, monkeypatch):
    path = tmp_path / "big.txt"
    path.write_bytes(b"x" * 11)
    monkeypatch.setattr(Path, "open", lambda *_: pytest.fail("opened"))
    with pytest.raises(DocumentTooLargeError, match=r"big\.txt has 11 bytes"):
        load(path, max_bytes=10)


def test_what_is_no_regular_file_is_refused(tmp_path: Path):
    pipe = tmp_path / "pipe.txt"
    os.mkfifo(pipe)
    for path, kind in ((tmp_path, "a directory"), (pipe, "a pipe"), (Path(os.devnull), "a device")):
        with pytest.raises(ReadError, match=kind):
            load(path)


def test_a_missing_file_is_not_found(tmp_path: Path):
    with pytest.raises(FileNotFoundError):
        load(tmp_path / "missing.txt")
    link = tmp_path / "link.txt"
    link.symlink_to(tmp_path / "missing.txt")
    with pytest.raises(FileNotFoundError):
        load(link)


def test_a_forbidden_file_is_refused_with_its_cause(tmp_path: Path, monkeypatch):
    path = tmp_path / "mine.txt"
    path.write_bytes(b"x")

    def forbidden(self: Path, mode: str) -> None:
        raise PermissionError(13, "Permission denied", str(self))

    # Not by chmod: tests may run as root, whom it does not stop.
    monkeypatch.setattr(Path, "open", forbidden)
    with pytest.raises(ReadError, match=r"mine\.txt cannot be read.*Permission") as caught:
        load(path)
    assert isinstance(caught.value.__cause__, PermissionError)


def test_paths_that_no_system_has_are_refused():
    for path in ("a\0b", "x" * 5_000):
        with pytest.raises(ReadError, match="cannot be read"):
            load(path)


def test_a_file_that_changes_while_it_is_read_is_refused(tmp_path: Path, monkeypatch):
    path = tmp_path / "log.txt"
    path.write_bytes(b"one line\n")
    opened = Path.open

    def open_and_grow(self: Path, mode: str):
        with opened(self, "ab") as file:
            file.write(b"another\n")
        return opened(self, mode)

    monkeypatch.setattr(Path, "open", open_and_grow)
    with pytest.raises(DocumentChangedError, match="changed while") as caught:
        load(path)
    assert caught.value.retryable


def test_names_that_are_no_unicode_are_printable(tmp_path: Path):
    path = tmp_path / os.fsdecode(b"caf\xe9.txt")
    try:
        path.write_bytes(b"x")
    except OSError:
        pytest.skip("this file system takes only UTF-8 names")
    original = load(path)
    assert original.source.endswith("caf\\udce9.txt")
    assert original.doc_id == document_id(path)


def test_a_document_leaves_out_what_is_not_known():
    document = load(b"text").document("text", mime="text/plain", encoding="utf-8", author=None)
    assert dict(document.metadata) == {"mime": "text/plain", "size_bytes": 4, "encoding": "utf-8"}
    assert sources.DEFAULT_MAX_BYTES == 64 * 1024 * 1024
