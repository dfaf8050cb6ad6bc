"""Looking at one file: unchanged, impossible to read, or new chunks that wait for vectors."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

from racto.core.documents import Chunk, Document
from racto.core.errors import (
    DocumentChangedError,
    EmptyDocumentError,
    RactoGatewayError,
    ReadError,
    UnsupportedFormatError,
)
from racto.rag.index import DocumentIndex, SourceRecord
from racto.rag.index.records import dump_extra

from .folders import FoundFile, look
from .preparation import Preparation
from .report import SkippedFile


class DocumentReader(Protocol):
    """What reads files of any kind; a :class:`~racto.rag.FileReaderRegistry` does."""

    def get_reader(self, path: str | Path) -> Any:
        """The reader for a file; UnsupportedFormatError when there is none."""
        ...

    def read(self, path: str | Path) -> Document:
        """Read one file, whole."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A source that was read and cut, before its chunks have vectors.

    Attributes:
        record: What the index will know of it.
        chunks: Its chunks.
        outline: The document under their ``doc_id``, without its text.
        size: Bytes that were read.
        is_new: Whether the index did not hold it before.
    """

    record: SourceRecord
    chunks: list[Chunk]
    outline: Document
    size: int
    is_new: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Unchanged:
    """A source whose version in the index is the current one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ignored:
    """A file of a format that no reader takes; ``extension`` is its, in lower case."""

    extension: str


class Examiner:
    """Decides what to do with one source at a time.

    Args:
        index: What was ingested before.
        reader: Reads files.
        preparation: Cuts documents.
        metadata: The caller's facts, which win over the document's own.

    Raises:
        ConfigurationError: If the metadata holds what an index cannot keep.
    """

    def __init__(
        self,
        index: DocumentIndex,
        reader: DocumentReader,
        *,
        preparation: Preparation,
        metadata: Mapping[str, Any],
    ) -> None:
        self._index = index
        self._reader = reader
        self._preparation = preparation
        self._metadata = dict(metadata)
        # Now, before a vector is paid for, or a store holds what the index will refuse.
        dump_extra(self._metadata)
        facts = sorted(self._metadata.items())
        self._settings = f"{preparation.settings} {facts!r}"

    def examine(
        self, file: FoundFile, *, named: bool = False, force: bool = False
    ) -> Prepared | Unchanged | Ignored | SkippedFile:
        """Look at a file and never raise for what is wrong with it.

        Args:
            file: The file.
            named: Whether the user named it, so that a format without a reader is worth a word.
            force: Whether to read it even if it did not change.
        """
        known = self._index.source(file.key)
        try:
            if not file.problem and not named:
                self._reader.get_reader(file.path)
        except UnsupportedFormatError:
            return Ignored(extension=file.path.suffix.lower() or "no extension")
        try:
            if file.problem:
                raise ReadError(file.problem, source=file.label)
            if known and not force and self._is_unchanged(file, known):
                return Unchanged()
            return self.read(file, known)
        # A reader is a border to any parser, and one file must not stop the others.
        except Exception as error:
            return self._skip(file, known, error)

    def read(self, file: FoundFile, known: SourceRecord | None = None) -> Prepared:
        """Read and cut a file.

        Raises:
            ReadError: If it cannot be read, holds no text, or changes all the while.
        """
        # A file that was being saved is done at the second look, as a rule.
        for _ in range(2):
            before = look(file.path)
            document = self._reader.read(file.path)
            digest = _digest(file.path)
            after = look(file.path)
            if (before.size, before.mtime_ns) == (after.size, after.mtime_ns):
                break
        else:
            raise DocumentChangedError("changed while it was read", source=file.label)
        record = SourceRecord(
            key=file.key,
            label=file.label,
            size=after.size,
            mtime_ns=after.mtime_ns,
            digest=digest,
        )
        return self.cut(document, record, is_new=not (known and known.chunks))

    def cut(self, document: Document, record: SourceRecord, *, is_new: bool) -> Prepared:
        """Cut a document that was read and complete its record.

        Raises:
            EmptyDocumentError: If nothing is left to embed.
            ConfigurationError: If a reader found facts that an index cannot keep.
        """
        dump_extra(document.metadata)
        # Readers of other packages may make ids at random; an index needs the same every time.
        document = replace(
            document,
            source=record.label,
            doc_id=record.key.decode("utf-8", "backslashreplace"),
            metadata={**document.metadata, **self._metadata},
        )
        chunks = self._preparation.chunks(document)
        if not chunks:
            raise EmptyDocumentError(f"{record.label} holds no text", source=record.label)
        done = replace(record, settings=self._settings, chunks=len(chunks), ingested_at=time.time())
        # The text would only fill the memory until the batch is full.
        outline = replace(document, content="", doc_id=chunks[0].doc_id)
        return Prepared(
            record=done, chunks=chunks, outline=outline, size=record.size, is_new=is_new
        )

    def _is_unchanged(self, file: FoundFile, known: SourceRecord) -> bool:
        # Another chunker or other metadata make other chunks of the same bytes.
        if not known.digest or known.settings != self._settings:
            return False
        if (known.size, known.mtime_ns) != (file.size, file.mtime_ns):
            if known.size != file.size or known.digest != _digest(file.path):
                return False
            # Touched but not changed: next time a glance will do.
            known = replace(known, mtime_ns=file.mtime_ns)
        elif known.status == "ingested":
            return True
        self._index.note(replace(known, status="ingested", reason=""))
        return True

    def _skip(self, file: FoundFile, known: SourceRecord | None, error: Exception) -> SkippedFile:
        reason = _reason(error, file.label)
        # The facts of the last good version stay, so that it is recognised when it comes back.
        record = known or SourceRecord(key=file.key, label=file.label)
        self._index.note(replace(record, status="skipped", reason=reason))
        return SkippedFile(
            source=file.label,
            reason=reason,
            kind=type(error).__name__,
            kept=bool(known and known.chunks),
        )


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _reason(error: Exception, label: str) -> str:
    if isinstance(error, OSError) and not isinstance(error, RactoGatewayError):
        return (error.strerror or str(error)).lower()
    if isinstance(error, RactoGatewayError):
        # The summary names the file already.
        return error.message.removeprefix(label).lstrip(": ") or type(error).__name__
    return f"{type(error).__name__}: {error}"
