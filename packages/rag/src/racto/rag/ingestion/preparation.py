"""From a document to the chunks that are embedded: cut, processed, and marked with their version."""

from __future__ import annotations

import hashlib
import re
from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from racto.core.documents import Chunk, Document
from racto.core.protocols.chunkers import Chunker
from racto.core.protocols.processors import TextProcessor

REWRITTEN = "rewritten"
"""Key in ``metadata.extra`` of chunks whose text a processor changed: their offsets point at the
passage in the source, and their content is not its exact words."""

PARTS = "rewritten_parts"
"""Key in ``metadata.extra`` of rewritten chunks in which pages or sections begin: pairs of an
offset in the content and the offset in the source that it stands for."""


class Preparation:
    """How documents become chunks: one chunker, then processors in order.

    Args:
        chunker: Cuts documents.
        processors: Rewrite each chunk's text before it is embedded.
    """

    def __init__(self, chunker: Chunker, processors: Sequence[TextProcessor] = ()) -> None:
        self.chunker = chunker
        self.processors = tuple(processors)

    @property
    def settings(self) -> str:
        """A text that is equal only for equal chunkers and processors."""
        parts = [_describe(part) for part in (self.chunker, *self.processors)]
        return " | ".join(parts)

    def chunks(self, document: Document) -> list[Chunk]:
        """The chunks of a document, ready to be embedded; those left empty are dropped.

        The id of the document, and with it those of the chunks, names this version of it: made
        anew from the same text with the same settings they are the same, and otherwise none of
        them are, so that a store can hold the new version before it drops the old one.
        """
        text = without_surrogates(document.content)
        # Stores that outlive the process cannot be told what was in them before; ids can.
        version = hashlib.sha256(f"{self.settings}\0{text}".encode()).hexdigest()
        doc_id = str(uuid5(NAMESPACE_URL, f"{document.doc_id}#{version}"))
        chunks = self.chunker.chunk(replace(document, content=text, doc_id=doc_id))
        if not self.processors:
            return [chunk for chunk in chunks if chunk.content.strip()]
        borders = sorted({*document.pages, *(section.start for section in document.sections)})
        return self._processed(chunks, borders)

    def _processed(self, chunks: list[Chunk], borders: Sequence[int]) -> list[Chunk]:
        kept: list[Chunk] = []
        marked: dict[int, Mapping[str, Any]] = {}
        for chunk in chunks:
            text = self._process(chunk.content)
            if not text.strip():
                continue
            if text == chunk.content:
                kept.append(chunk)
                continue
            extra = chunk.metadata.extra
            # All chunks of a document share one mapping, so there is one marked twin of it.
            twin = marked.setdefault(id(extra), {**extra, REWRITTEN: True})
            if borders and (parts := self._parts(chunk, len(text), borders)):
                twin = {**twin, PARTS: parts}
            kept.append(chunk.with_content(text, twin))
        return kept

    def _process(self, text: str) -> str:
        for processor in self.processors:
            text = processor.process(text)
        return text

    def _parts(self, chunk: Chunk, length: int, borders: Sequence[int]) -> list[list[int]]:
        """Where the pages and sections that begin within a rewritten chunk are in its content."""
        inside = borders[bisect_right(borders, chunk.start) : bisect_left(borders, chunk.end)]
        # A border stands behind all that comes before it, processed by itself.
        return [
            [min(length, len(self._process(chunk.content[: at - chunk.start]))), at]
            for at in inside
        ]


def is_exact(chunk: Chunk) -> bool:
    """Whether the chunk's content is, character by character, the passage it points at."""
    same_length = len(chunk.content) == chunk.end - chunk.start
    return same_length and not chunk.metadata.extra.get(REWRITTEN)


def _describe(part: object) -> str:
    """A processor's or chunker's class with its plain settings."""
    slots = [name for kind in type(part).__mro__ for name in getattr(kind, "__slots__", ())]
    names = sorted({*getattr(part, "__dict__", {}), *slots})
    plain = {name.lstrip("_"): getattr(part, name, None) for name in names}
    shown = ", ".join(
        f"{name}={value!r}"
        for name, value in plain.items()
        if isinstance(value, str | int | float | bool | tuple | list)
    )
    return f"{type(part).__qualname__}({shown})"


def without_surrogates(text: str) -> str:
    """The text with a replacement for each half of a UTF-16 pair, which is no character.

    Such a text can neither be stored nor embedded; its offsets stay as they are.
    """
    try:
        text.encode()
    except UnicodeEncodeError:
        return _SURROGATES.sub("\N{REPLACEMENT CHARACTER}", text)
    return text


_SURROGATES = re.compile("[\ud800-\udfff]")
