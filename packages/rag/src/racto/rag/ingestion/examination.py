"""Looking at one file: unchanged, impossible to read, or new chunks that wait for vectors."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol, TypeAlias

from racto.core.documents import METADATA_FIELDS, Chunk, Document
from racto.core.errors import (
    ConfigurationError,
    DocumentChangedError,
    EmptyDocumentError,
    MissingExtraError,
    RactoGatewayError,
    ReadError,
    UnsupportedFormatError,
)
from racto.rag.index import DocumentIndex, SourceRecord
from racto.rag.index.records import dump_extra
from racto.rag.index.sources import TEXT_KEY
from racto.rag.readers.image import ImageReader

from .folders import FoundFile, look
from .preparation import PARTS, REWRITTEN, Preparation
from .report import SkippedFile
from .twins import Twins


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
class Duplicate:
    """A source with the bytes of another one; ``record`` is what the index will know of it."""

    record: SourceRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class Ignored:
    """A file that no reader takes, or a picture without words; its extension in lower case."""

    extension: str


class Examiner:
    """Decides what to do with one source at a time.

    Args:
        index: What was ingested before.
        reader: Reads files.
        preparation: Cuts documents.
        metadata: The caller's facts, which win over the document's own.
        twins: Finds sources of the same bytes; None reads them all.
        writes: Whether to note in the index what was found out on the way.

    Raises:
        ConfigurationError: If the metadata holds what an index cannot keep, or a name that
            chunks have already.
    """

    def __init__(
        self,
        index: DocumentIndex,
        reader: DocumentReader,
        *,
        preparation: Preparation,
        metadata: Mapping[str, Any],
        twins: Twins | None = None,
        writes: bool = True,
    ) -> None:
        self._index = index
        self._reader = reader
        self._preparation = preparation
        self._metadata = dict(metadata)
        if taken := sorted({*METADATA_FIELDS, REWRITTEN, PARTS} & self._metadata.keys()):
            raise ConfigurationError(f"metadata may not be called {', '.join(taken)}: taken")
        self._twins = twins
        self._writes = writes
        # Now, before a vector is paid for, or a store holds what the index will refuse.
        dump_extra(self._metadata)
        facts = sorted(self._metadata.items())
        self.settings = f"{preparation.settings} {facts!r}"

    def examine(self, file: FoundFile, *, named: bool = False, force: bool = False) -> Outcome:
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
            if known and not force and not named and _is_still_mute(file, known):
                return Ignored(extension=file.path.suffix.lower())
            return self._twin_of(file, known) or self.read(file, known)
        # A reader is a border to any parser, and one file must not stop the others.
        except Exception as error:
            if not named and not (known and known.chunks) and self._is_mute(file, error):
                return self._ignore(file, error)
            return self._skip(file, known, error)

    def _is_mute(self, file: FoundFile, error: Exception) -> bool:
        """Whether a file is a picture that says nothing: folders are full of them."""
        if not isinstance(error, EmptyDocumentError | MissingExtraError) or file.problem:
            return False
        return isinstance(self._reader.get_reader(file.path), ImageReader)

    def examine_document(self, document: Document) -> Prepared | Unchanged | SkippedFile:
        """Look at a document that somebody else read; what is wrong with it is never raised.

        It is known by its source; one with the same text and metadata as before is unchanged.
        """
        record = record_of(document.content, document.source, document.source)
        facts = sorted({**document.metadata, **self._metadata}.items())
        settings = f"{self.settings} {facts!r}"
        known = self._index.source(record.key)
        if known and (known.digest, known.settings) == (record.digest, settings) and known.chunks:
            return Unchanged()
        try:
            prepared = self.cut(document, record, is_new=not (known and known.chunks))
        except RactoGatewayError as error:
            reason = _reason(error, record.label)
            if self._writes:
                empty = replace(known or record, digest="", status="skipped", reason=reason)
                self._index.note(empty)
            return SkippedFile(source=record.label, reason=reason, kind=type(error).__name__)
        return replace(prepared, record=replace(prepared.record, settings=settings))

    def _ignore(self, file: FoundFile, error: Exception) -> Ignored:
        # Remembered, or each run would read all pictures; not when an extra could change that.
        if self._writes and isinstance(error, EmptyDocumentError):
            self._index.note(
                SourceRecord(
                    key=file.key,
                    label=file.label,
                    size=file.size,
                    mtime_ns=file.mtime_ns,
                    status="ignored",
                )
            )
        return Ignored(extension=file.path.suffix.lower())

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
        prepared = self.cut(
            document, _record(file, after, digest), is_new=not (known and known.chunks)
        )
        if self._twins is not None:
            self._twins.add(digest, file.key, self.settings)
        return prepared

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
            doc_id=_name(record.key),
            metadata={**document.metadata, **self._metadata},
        )
        chunks = self._preparation.chunks(document)
        if not chunks:
            raise EmptyDocumentError(f"{record.label} holds no text", source=record.label)
        done = replace(record, settings=self.settings, chunks=len(chunks), ingested_at=time.time())
        # The text would only fill the memory until the batch is full.
        outline = replace(document, content="", doc_id=chunks[0].doc_id)
        return Prepared(
            record=done, chunks=chunks, outline=outline, size=record.size, is_new=is_new
        )

    def _is_unchanged(self, file: FoundFile, known: SourceRecord) -> bool:
        # Another chunker or other metadata make other chunks of the same bytes.
        if not known.digest or known.settings != self.settings:
            return False
        now = known
        if (known.size, known.mtime_ns) != (file.size, file.mtime_ns):
            if known.size != file.size or known.digest != _digest(file.path):
                return False
            # Touched but not changed: next time a glance will do.
            now = replace(known, mtime_ns=file.mtime_ns)
        if known.status == "duplicate":
            holder = self._twins and self._twins.holder(known.digest, known.key, known.settings)
            if not holder or self._has_moved_on(holder, known.digest):
                return False
            now = replace(now, reason=_name(holder))
        else:
            now = replace(now, status="ingested", reason="")
        if now != known and self._writes:
            self._index.note(now)
        return True

    def _twin_of(self, file: FoundFile, known: SourceRecord | None) -> Duplicate | None:
        """What to note of a file whose bytes another source holds; None when it is to be read."""
        if self._twins is None:
            return None
        now = look(file.path)
        digest = _digest(file.path)
        holder = self._twins.holder(digest, file.key, self.settings)
        if holder is None or look(file.path) != now or self._has_moved_on(holder, digest):
            return None
        return Duplicate(
            record=replace(
                _record(file, now, digest),
                settings=self.settings,
                status="duplicate",
                reason=_name(holder),
                ingested_at=known.ingested_at if known else 0.0,
            )
        )

    def _has_moved_on(self, holder: bytes, digest: str) -> bool:
        """Whether a holder's file has other bytes by now, so that it cannot stand for anybody."""
        record = self._index.source(holder)
        # One that was read in this run is not stored yet, or under its new digest only.
        if record is None or record.digest != digest or not record.mtime_ns:
            return False
        now = look(Path(os.fsdecode(holder)))
        if (now.size, now.mtime_ns) == (record.size, record.mtime_ns):
            return False
        return bool(now.problem) or _digest(now.path) != digest

    def _skip(self, file: FoundFile, known: SourceRecord | None, error: Exception) -> SkippedFile:
        reason = _reason(error, file.label)
        # The facts of the last good version stay, so that it is recognised when it comes back.
        record = known or SourceRecord(key=file.key, label=file.label)
        if self._writes:
            self._index.note(replace(record, status="skipped", reason=reason))
        return SkippedFile(
            source=file.label,
            reason=reason,
            kind=type(error).__name__,
            kept=bool(known and known.chunks),
        )


Outcome: TypeAlias = Prepared | Unchanged | Duplicate | Ignored | SkippedFile
"""What became of one file."""


def _record(file: FoundFile, facts: FoundFile, digest: str) -> SourceRecord:
    return SourceRecord(
        key=file.key,
        label=file.label,
        size=facts.size,
        mtime_ns=facts.mtime_ns,
        digest=digest,
    )


def record_of(text: str, source: str, name: str) -> SourceRecord:
    """What the index is to know of a text that is no file.

    Args:
        text: The text.
        source: Its name for people.
        name: What tells it from others.
    """
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    # Half characters cannot be stored; what they are stands in the label instead.
    label, key = (each.encode("utf-8", "backslashreplace") for each in (source, name))
    return SourceRecord(key=TEXT_KEY + key, label=label.decode(), size=len(text), digest=digest)


def _is_still_mute(file: FoundFile, known: SourceRecord) -> bool:
    facts = (known.size, known.mtime_ns)
    return known.status == "ignored" and facts == (file.size, file.mtime_ns)


def _name(key: bytes) -> str:
    return key.decode("utf-8", "backslashreplace")


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
