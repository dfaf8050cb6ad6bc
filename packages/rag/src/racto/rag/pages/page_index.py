"""PageIndex: pages in memory, found by the words that they share with a question."""

from __future__ import annotations

import threading
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from racto.core.documents import Chunk, Document, RetrievalResult
from racto.core.filters import Filter, lookup_of, matches, parse_filter
from racto.core.flows import threaded

from .postings import Postings
from .terms import asked, terms_of


@dataclass(frozen=True, slots=True, kw_only=True)
class PageResult(RetrievalResult):
    """One found page.

    Attributes:
        matched_terms: The question's words that stand in the page, in the question's order.
        section_title: The heading that the page begins under, or the first one in it; None
            without any.
    """

    matched_terms: tuple[str, ...] = ()
    section_title: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A document in the index.

    Attributes:
        key: Its identity: another document of the same key replaces it.
        digest: Equal for the same content cut in the same way.
        outline: The document without its text.
        pages: Its pages.
    """

    key: str
    digest: str
    outline: Document
    pages: tuple[Chunk, ...] = field(repr=False)


class _Holdings:
    """Everything that changes in an index."""

    def __init__(self, k1: float, b: float) -> None:
        self.postings = Postings(k1=k1, b=b)
        self.sources: dict[str, Source] = {}
        self.documents: dict[str, Source] = {}
        self.numbers: dict[str, list[int]] = {}
        self.pages: dict[int, Chunk] = {}


class PageIndex:
    """Pages by source, with an inverted index of their words.

    Keeps ``Retriever`` and ``BatchRetriever`` of core. Safe to share between threads.

    Args:
        k1: BM25's constant for repetitions.
        b: BM25's constant for lengths.
    """

    def __init__(self, *, k1: float = 1.5, b: float = 0.75) -> None:
        self._settings = (k1, b)
        self._lock = threading.RLock()
        self._held = _Holdings(k1, b)

    def replace(self, source: Source) -> None:
        """Take in a document, in the place of the one with its key."""
        # Before the lock: the words of a long document take their time.
        terms = [terms_of(page.content) for page in source.pages]
        with self._lock:
            self.remove(source.key)
            numbers = [self._held.postings.add(each) for each in terms]
            self._held.sources[source.key] = source
            self._held.numbers[source.key] = numbers
            self._held.documents[source.outline.doc_id] = source
            self._held.pages.update(zip(numbers, source.pages, strict=True))

    def replace_all(self, sources: Sequence[Source]) -> None:
        """Hold these documents and no others."""
        # Beside the old ones, which are searched until the new ones are ready.
        fresh = PageIndex(k1=self._settings[0], b=self._settings[1])
        for source in sources:
            fresh.replace(source)
        with self._lock:
            self._held = fresh._held

    def remove(self, key: str) -> Source | None:
        """Forget a document and return it; None when it is not there."""
        with self._lock:
            source = self._held.sources.pop(key, None)
            if source is None:
                return None
            for number in self._held.numbers.pop(key):
                self._held.postings.remove(number, terms_of(self._held.pages.pop(number).content))
            self._held.documents.pop(source.outline.doc_id, None)
            return source

    def source(self, key: str) -> Source | None:
        """The document of a key; None when it is not there."""
        with self._lock:
            return self._held.sources.get(key)

    def sources(self) -> list[Source]:
        """All documents, in the order in which they came."""
        with self._lock:
            return list(self._held.sources.values())

    def outline(self, doc_id: str) -> Document | None:
        """The pages and sections of a document, without its text; None for an unknown one."""
        with self._lock:
            source = self._held.documents.get(doc_id)
            return source.outline if source else None

    def frequencies(self, words: Sequence[str]) -> dict[str, int]:
        """In how many pages each word occurs, in any of its grammatical forms."""
        with self._lock:
            return {
                # A pair of signs has terms of its parts too; the rarest says how rare it is.
                word: min((self._held.postings.holders(term) for term in terms_of(word)), default=0)
                for word in words
            }

    def count(self) -> int:
        """How many pages there are."""
        with self._lock:
            return len(self._held.postings)

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._held = _Holdings(*self._settings)

    def retrieve(
        self, query: str, top_k: int = 5, filters: Mapping[str, Any] | None = None
    ) -> list[RetrievalResult]:
        """Find the best pages for a question.

        Args:
            query: The question; pages that hold any of its words are candidates.
            top_k: Most results, at least 1.
            filters: Metadata filter, applied before the best are chosen.

        Returns:
            A :class:`PageResult` each, best first, ranks from 1; ties go to the page that came
            first. The score is BM25's, above 0.

        Raises:
            FilterError: If the filter is malformed.
            ValueError: If ``top_k`` is below 1.
        """
        tree = parse_filter(filters)
        if top_k < 1:
            raise ValueError(f"top_k must be at least 1, not {top_k}")
        terms = asked(query)
        with self._lock:
            best = islice(self._passing(self._held.postings.scores(terms), tree), top_k)
            return [
                self._result(number, score, rank, terms)
                for rank, (number, score) in enumerate(best, start=1)
            ]

    aretrieve = threaded(retrieve)

    def retrieve_batch(
        self, queries: Sequence[str], top_k: int = 5, filters: Mapping[str, Any] | None = None
    ) -> list[list[RetrievalResult]]:
        """One result list a question, in order; the async twin takes one thread for all."""
        return [self.retrieve(query, top_k, filters) for query in queries]

    aretrieve_batch = threaded(retrieve_batch)

    def _passing(
        self, scores: Mapping[int, float], tree: Filter | None
    ) -> Iterator[tuple[int, float]]:
        # All candidates in order, because nobody knows how many the filter leaves.
        for number in sorted(scores, key=lambda number: (-scores[number], number)):
            if tree is None or matches(tree, lookup_of(self._held.pages[number])):
                yield number, scores[number]

    def _result(
        self, number: int, score: float, rank: int, terms: Mapping[str, str]
    ) -> RetrievalResult:
        page, postings = self._held.pages[number], self._held.postings
        outline = self.outline(page.doc_id)
        return PageResult(
            chunk=page,
            score=score,
            rank=rank,
            matched_terms=tuple(
                word for term, word in terms.items() if postings.holds(term, number)
            ),
            section_title=_title(page, outline) if outline else None,
        )


def _title(page: Chunk, outline: Document) -> str | None:
    sections = outline.sections
    last = bisect_right(sections, page.start, key=lambda section: section.start)
    if last:
        return sections[last - 1].title
    first = bisect_left(sections, page.end, key=lambda section: section.start)
    return sections[0].title if first else None
