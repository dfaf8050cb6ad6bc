"""Documents, the chunks cut from them, and what a search returns.

Offsets count characters of ``Document.text``, and until a text processor rewrites a chunk's
content, ``document.text[chunk.start:chunk.end] == chunk.content`` holds for every chunk.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from itertools import repeat
from typing import Any
from uuid import uuid4

from .errors import ConfigurationError
from .vectors import Vector


def _new_id() -> str:
    return str(uuid4())


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A heading and where the text under it begins.

    Attributes:
        start: Offset of the heading in the document's text, in characters.
        title: The heading's text.
        level: 1 for a top heading, 2 below it, and so on.
    """

    start: int
    title: str
    level: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """The text of one source and what is known of its structure.

    Attributes:
        content: The whole text.
        source: Path, URL or label that tells where it came from.
        doc_id: Stable id; a random UUID unless given.
        metadata: Free facts, copied into every chunk's ``metadata.extra``.
        pages: Offset at which each page begins, ascending; empty when there are no pages.
        sections: Headings in their order; empty when there are none.
        rows: Offset at which each row of a table or line of records begins, ascending; empty
            when there are none. A blank row has an entry too, equal to that of the row after it.
    """

    content: str
    source: str
    doc_id: str = field(default_factory=_new_id)
    metadata: Mapping[str, Any] = field(default_factory=dict)
    pages: tuple[int, ...] = ()
    sections: tuple[Section, ...] = ()
    rows: tuple[int, ...] = ()

    @property
    def text(self) -> str:
        """The whole text; another name of ``content``."""
        return self.content

    def page_at(self, offset: int) -> int | None:
        """The 1-based page that holds the character at ``offset``; None without pages."""
        return bisect_right(self.pages, offset) or 1 if self.pages else None

    def section_at(self, offset: int) -> str | None:
        """The headings above ``offset``, outermost first, joined by `` > ``; None without any."""
        path: list[str] = []
        level = 1 << 30
        last = bisect_right(self.sections, offset, key=lambda section: section.start)
        # By index, not over a slice: documents with a heading every few lines stay cheap.
        for index in range(last - 1, -1, -1):
            section = self.sections[index]
            if section.level < level:
                path.append(section.title)
                level = section.level
            if level <= 1:
                break
        return " > ".join(reversed(path)) or None

    def row_at(self, offset: int) -> int | None:
        """The 1-based row of the character at ``offset``, counted within its section.

        It is the number that a spreadsheet program shows; None in no row.
        """
        if not self.rows:
            return None
        last = bisect_right(self.sections, offset, key=lambda section: section.start)
        begin = self.sections[last - 1].start if last else 0
        return bisect_right(self.rows, offset) - bisect_left(self.rows, begin) or None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChunkMetadata:
    """Where a chunk came from.

    Attributes:
        source: The document's path, URL or label.
        page: 1-based page on which the chunk begins, for paged sources.
        chunk_index: 0-based position among the document's chunks.
        total_chunks: How many chunks the document has.
        start_char: Offset of the chunk's first character in the document's text.
        end_char: Offset after its last character.
        doc_id: Id of the document.
        extra: Free facts: the document's and the caller's.
        section: Headings above the chunk, outermost first.
    """

    source: str = ""
    page: int | None = None
    chunk_index: int = 0
    total_chunks: int = 1
    start_char: int = 0
    end_char: int = 0
    doc_id: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict)
    section: str | None = None


METADATA_FIELDS = tuple(item.name for item in fields(ChunkMetadata) if item.name != "extra")
"""The names that a metadata filter finds on every chunk, before it looks into ``extra``."""


class _Place:
    """The values of a chunk's metadata, while nobody has asked for them as one."""

    __slots__ = ("_end", "_extra", "_index", "_page", "_section", "_source", "_start", "_total")


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk(_Place):
    """A slice of a document that is embedded, stored and found as one.

    Attributes:
        content: The text; a slice of the document until a processor rewrites it.
        chunk_id: Unique id; stores replace a chunk of the same id.
        doc_id: Id of the document.
        embedding: Its vector, or None before it was embedded.
        metadata: Where it came from.
    """

    content: str
    chunk_id: str = field(default_factory=_new_id)
    doc_id: str = ""
    embedding: Vector | None = field(default=None, repr=False, compare=False)
    metadata: ChunkMetadata = field(default_factory=ChunkMetadata)

    @property
    def start(self) -> int:
        """Offset of the first character in the document's text."""
        return self.metadata.start_char

    @property
    def end(self) -> int:
        """Offset after the last character in the document's text."""
        return self.metadata.end_char

    def with_embedding(self, embedding: Vector) -> Chunk:
        """The same chunk with a vector; shares everything else."""
        return _chunk(self.content, self.chunk_id, self.doc_id, embedding, self.metadata)

    def with_content(self, content: str, extra: Mapping[str, Any] | None = None) -> Chunk:
        """The same chunk with rewritten text, and other free facts unless ``extra`` is None."""
        facts = self.metadata
        if extra is None:
            return _chunk(content, self.chunk_id, self.doc_id, self.embedding, facts)
        return make_chunk(
            content, self.chunk_id, self.doc_id, self.embedding, facts.source, facts.page,
            facts.chunk_index, facts.total_chunks, facts.start_char, facts.end_char, extra,
            facts.section,
        )  # fmt: skip

    def to_dict(self) -> dict[str, Any]:
        """The chunk as plain data, without its vector."""
        return {
            "chunk_id": self.chunk_id,
            "doc_id": self.doc_id,
            "content": self.content,
            "metadata": {
                **{name: getattr(self.metadata, name) for name in METADATA_FIELDS},
                "extra": dict(self.metadata.extra),
            },
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], embedding: Vector | None = None) -> Chunk:
        """Rebuild a chunk from :meth:`to_dict`; fields that this version lacks are ignored."""
        given = data.get("metadata") or {}
        known = {"extra", *METADATA_FIELDS} & given.keys()
        metadata = ChunkMetadata(**{key: given[key] for key in known})
        return cls(
            content=data["content"],
            chunk_id=data["chunk_id"],
            doc_id=data.get("doc_id", metadata.doc_id),
            embedding=embedding,
            metadata=metadata,
        )


def cut_all(document: Document, starts: Sequence[int], ends: Sequence[int]) -> list[Chunk]:
    """Cut a document into the chunks that begin and end at the given offsets: the fast way.

    Args:
        document: The document; its metadata is shared by all chunks as ``metadata.extra``.
        starts: Offsets of the chunks' first characters, ascending.
        ends: Offsets after their last characters; as many.

    Returns:
        The chunks in their order, each with its page and section, in time linear in their
        number. Their ids follow from the document's id and the offsets, so cutting the same
        document again gives the same ids.
    """
    content, source, doc_id = document.content, document.source, document.doc_id
    total, extra = len(starts), document.metadata
    pages = map(document.page_at, starts) if document.pages else repeat(None, total)
    sections = _sections(document, starts) if document.sections else repeat(None, total)
    return [
        make_chunk(
            content[start:end], None, doc_id, None, source, page, index, total,
            start, end, extra, section,
        )
        for index, start, end, page, section in zip(
            range(total), starts, ends, pages, sections, strict=True
        )
    ]  # fmt: skip


def _sections(document: Document, offsets: Sequence[int]) -> Iterator[str | None]:
    """What ``section_at`` says of each of the ascending offsets, found in one walk."""
    sections = document.sections
    above: list[Section] = []
    path: str | None = None
    following = 0
    for offset in offsets:
        reached = following
        while following < len(sections) and sections[following].start <= offset:
            heading = sections[following]
            while above and above[-1].level >= heading.level:
                above.pop()
            above.append(heading)
            following += 1
        if following > reached:
            path = " > ".join(heading.title for heading in above) or None
        yield path


# A frozen dataclass sets each field through object.__setattr__, which takes five times as long
# as a plain one. Chunks are made by the hundred thousand, so they are built as plain twins with
# the same slots, and the finished object changes its class.
@dataclass(slots=True)
class _MetadataDraft:
    source: str
    page: int | None
    chunk_index: int
    total_chunks: int
    start_char: int
    end_char: int
    doc_id: str
    extra: Mapping[str, Any]
    section: str | None


class _ChunkDraft(_Place):
    __slots__ = ("chunk_id", "content", "doc_id", "embedding", "metadata")


_blank: Any = object.__new__


def _read_late(name: str, make: Callable[[Any], Any], doc: str) -> Any:
    """A property over a slot of :class:`Chunk` that is filled when it is first read.

    Many chunks are made, embedded and stored before anybody reads their metadata or id, and
    each object less is one less to allocate and for the garbage collector to visit.
    """
    slot: Any = Chunk.__dict__[name]

    def read(chunk: Chunk) -> Any:
        try:
            return slot.__get__(chunk)
        except AttributeError:
            made = make(chunk)
        slot.__set__(chunk, made)
        return made

    return property(read, slot.__set__, doc=doc)


def _metadata_of(chunk: Any) -> ChunkMetadata:
    made: Any = _MetadataDraft(
        chunk._source, chunk._page, chunk._index, chunk._total, chunk._start, chunk._end,
        chunk.doc_id, chunk._extra, chunk._section,
    )  # fmt: skip
    made.__class__ = ChunkMetadata
    return made  # type: ignore[no-any-return]


def _id_of(chunk: Any) -> str:
    return f"{chunk.doc_id}:{chunk._start}-{chunk._end}"


Chunk.metadata = _read_late("metadata", _metadata_of, "Where the chunk came from.")  # type: ignore[misc]
Chunk.chunk_id = _read_late("chunk_id", _id_of, "Unique id of the chunk.")  # type: ignore[misc]


def make_chunk(
    content: str,
    chunk_id: str | None,
    doc_id: str,
    embedding: Vector | None,
    source: str,
    page: int | None,
    chunk_index: int,
    total_chunks: int,
    start_char: int,
    end_char: int,
    extra: Mapping[str, Any],
    section: str | None,
) -> Chunk:
    """A chunk with its metadata from all their values: for stores that rebuild many of them.

    Takes a quarter of the constructors' time. The arguments are the attributes of
    :class:`Chunk` and :class:`ChunkMetadata`, which share ``doc_id``; without a ``chunk_id`` the
    id follows from the document's id and the offsets.
    """
    chunk = _blank(_ChunkDraft)
    chunk.content = content
    if chunk_id is not None:
        chunk.chunk_id = chunk_id
    chunk.doc_id = doc_id
    chunk.embedding = embedding
    chunk._source = source
    chunk._page = page
    chunk._index = chunk_index
    chunk._total = total_chunks
    chunk._start = start_char
    chunk._end = end_char
    chunk._extra = extra
    chunk._section = section
    chunk.__class__ = Chunk
    return chunk  # type: ignore[no-any-return]


def _chunk(
    content: str, chunk_id: str, doc_id: str, embedding: Vector | None, metadata: ChunkMetadata
) -> Chunk:
    chunk = _blank(_ChunkDraft)
    chunk.content = content
    chunk.chunk_id = chunk_id
    chunk.doc_id = doc_id
    chunk.embedding = embedding
    chunk.metadata = metadata
    chunk.__class__ = Chunk
    return chunk  # type: ignore[no-any-return]


@dataclass(frozen=True, slots=True, kw_only=True)
class RetrievalResult:
    """One found chunk.

    Attributes:
        chunk: The chunk.
        score: Higher is nearer, whatever the store's metric; not comparable between stores.
        rank: 1 for the best.
        scores: Scores by retriever, when several were fused.
    """

    chunk: Chunk
    score: float
    rank: int
    scores: Mapping[str, float] = field(default_factory=dict)

    def at_rank(self, rank: int) -> RetrievalResult:
        """The same result at another rank."""
        return replace(self, rank=rank)


@dataclass(frozen=True, slots=True, kw_only=True)
class RetrievalConfig:
    """Parameters of one retrieval.

    Attributes:
        query: The question or keywords.
        top_k: Most results to return, at least 1.
        filters: Metadata filter; see :mod:`racto.core.filters`.
    """

    query: str
    top_k: int = 5
    filters: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.top_k < 1:
            raise ConfigurationError(f"top_k must be at least 1, not {self.top_k}")
