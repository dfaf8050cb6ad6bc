"""Documents on their way into a page index: read, cut, described, and put in place."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from racto.core.documents import Chunk, Document
from racto.core.errors import (
    ConfigurationError,
    EmptyDocumentError,
    RactoGatewayError,
    UnsupportedFormatError,
)
from racto.rag.index.records import dump_extra
from racto.rag.ingestion.examination import DocumentReader
from racto.rag.ingestion.folders import FoundFile, key_of, label_of, walk
from racto.rag.ingestion.preparation import without_surrogates
from racto.rag.ingestion.report import IngestedChunks, SkippedFile, Tally

from .page_chunker import PageChunker
from .page_index import PageIndex, Source
from .terms import keywords_of

KEYWORDS = "top_keywords"
"""Key in ``metadata.extra`` of a page's most frequent words."""

_MANUAL = "manual"
_MANUAL_KEY = "manual:"


class PageIntake:
    """Brings documents into an index.

    Args:
        index: Where they go.
        reader: Reads files.
        chunker: Cuts documents into pages.
        top_keywords: Most keywords of a page.
    """

    def __init__(
        self, index: PageIndex, reader: DocumentReader, *, chunker: PageChunker, top_keywords: int
    ) -> None:
        self._index = index
        self._reader = reader
        self._chunker = chunker
        self._top_keywords = top_keywords

    def file(self, path: Path, metadata: Mapping[str, Any]) -> list[Chunk]:
        """Read one file and index its pages."""
        document = replace(self._reader.read(path), source=label_of(path))
        return list(self._source(document, _file_key(path), metadata).pages)

    def text(self, text: str, source: str, metadata: Mapping[str, Any]) -> list[Chunk]:
        """Index a text under a name."""
        key = f"text:{source}"
        if source == _MANUAL:
            key = _MANUAL_KEY + hashlib.sha256(without_surrogates(text).encode()).hexdigest()
        document = Document(content=text, source=source)
        return list(self._source(document, key, metadata).pages)

    def folder(self, directory: Path, pattern: str, metadata: Mapping[str, Any]) -> IngestedChunks:
        """Index the files of a folder, whatever happens to some of them."""
        if not directory.is_dir():
            raise ConfigurationError(f"{directory} is not a folder; name one to ingest")
        # Now, and not once for every file: the mistake is the caller's.
        dump_extra(metadata)
        began = time.perf_counter()
        tally, pages = Tally(), list[Chunk]()
        for file in walk(directory, (pattern,)):
            # A reader is a border to any parser, and one file must not stop the others.
            try:
                pages.extend(self._walked(file, metadata, tally))
            except UnsupportedFormatError:
                tally.ignored[file.path.suffix.lower() or "no extension"] += 1
            except Exception as error:
                tally.skipped.append(self._skipped(file, error))
        return IngestedChunks(pages, tally.report(time.perf_counter() - began))

    def remove(self, source: str | Path) -> int:
        """Forget a file or a text and return how many pages it had."""
        keys = [_file_key(Path(source)), f"text:{source}"]
        if source == _MANUAL:
            keys += [one.key for one in self._index.sources() if one.key.startswith(_MANUAL_KEY)]
        gone = [self._index.remove(key) for key in keys]
        return sum(len(one.pages) for one in gone if one is not None)

    def _walked(self, file: FoundFile, metadata: Mapping[str, Any], tally: Tally) -> list[Chunk]:
        if file.problem:
            raise OSError(file.problem)
        # First, because a format without a reader is no failure.
        self._reader.get_reader(file.path)
        key = _file_key(file.path)
        known = self._index.source(key)
        document = replace(self._reader.read(file.path), source=file.label)
        source = self._source(document, key, metadata)
        tally.bytes += file.size
        if known is not None and known.digest == source.digest:
            tally.unchanged += 1
            return list(source.pages)
        tally.added += known is None
        tally.changed += known is not None
        tally.chunks += len(source.pages)
        return list(source.pages)

    def _source(self, document: Document, key: str, metadata: Mapping[str, Any]) -> Source:
        """Index a document unless the index holds it as it is."""
        facts = {**document.metadata, **metadata}
        document = replace(document, content=without_surrogates(document.content), metadata=facts)
        digest = self._digest(document)
        known = self._index.source(key)
        if known is not None and known.digest == digest:
            return known
        # Another version has another id, and no citation of the old one points into it.
        doc_id = str(uuid5(NAMESPACE_URL, f"{key}#{digest}"))
        document = replace(document, doc_id=doc_id)
        pages = tuple(self._described(page) for page in self._chunker.chunk(document))
        if not pages:
            raise EmptyDocumentError(f"{document.source} holds no text", source=document.source)
        outline = replace(document, content="", metadata={})
        source = Source(key=key, digest=digest, outline=outline, pages=pages)
        self._index.replace(source)
        return source

    def _described(self, page: Chunk) -> Chunk:
        # A mapping of its own for each page: elsewhere all chunks of a document share one.
        words = keywords_of(page.content, self._top_keywords)
        if not words:
            return page
        extra = {**page.metadata.extra, KEYWORDS: words}
        return replace(page, metadata=replace(page.metadata, extra=extra))

    def _digest(self, document: Document) -> str:
        cut = (self._chunker.page_size, self._chunker.overlap, self._top_keywords)
        structure = (cut, document.source, document.pages, document.sections, document.rows)
        facts = dump_extra(dict(sorted(document.metadata.items())))
        return hashlib.sha256(
            f"{structure!r}\0{facts}\0{document.content}".encode("utf-8", "backslashreplace")
        ).hexdigest()

    def _skipped(self, file: FoundFile, error: Exception) -> SkippedFile:
        reason = f"{type(error).__name__}: {error}"
        if isinstance(error, RactoGatewayError):
            reason = error.message.removeprefix(file.label).lstrip(": ")
        elif isinstance(error, OSError):
            reason = (error.strerror or str(error)).lower()
        return SkippedFile(
            source=file.label,
            reason=reason,
            kind=type(error).__name__,
            kept=self._index.source(_file_key(file.path)) is not None,
        )


def _file_key(path: Path) -> str:
    return "file:" + key_of(path).decode("utf-8", "backslashreplace")
