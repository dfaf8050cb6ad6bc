"""Answers without a model: the sentences that say most about the question, word for word."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from racto.core.answers import Citation
from racto.core.documents import RetrievalResult
from racto.core.flows import Flow, arun, run
from racto.core.protocols.embedders import Embedder
from racto.rag.ingestion.vectors import embed
from racto.rag.offload import offload
from racto.rag.retrieval.vector import embed_question

from .citations import citation_of
from .evidence import Question, cosine
from .sentences import Span, sentences
from .stems import stems_of

NOTHING_SAID = "The documents do not say."
"""The answer when the evidence is too thin."""

MOST_CANDIDATES = 80
_MOST_CHUNKS = 8
_NEAR_BEST = 0.75
_MARGIN = 0.15
_FENCE = re.compile(r"^\s*```(\w*)", re.MULTILINE)
_SYMBOLS = re.compile(r"[=()\[\]{}<>]")
_ENDS = ".!?:|”\"'`)"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtractiveAnswer:
    """An answer in the words of the documents.

    Attributes:
        text: Quotations, each with its number in brackets; :data:`NOTHING_SAID` when there are
            none.
        citations: Where each quotation stands.
        is_grounded: Whether there was enough evidence.
    """

    text: str
    citations: tuple[Citation, ...] = ()
    is_grounded: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class _Candidate:
    result: RetrievalResult
    span: Span
    text: str
    stems: frozenset[str]
    context: frozenset[str]
    coverage: float
    fitness: float
    similarity: float = 0.0

    @property
    def score(self) -> float:
        return self.fitness * (0.6 * self.coverage + 0.4 * self.similarity)


class ExtractiveAnswerer:
    """Picks sentences from retrieved chunks and quotes them.

    Args:
        embedder: Also compares sentences with the question by meaning; give one that costs
            nothing a call.
        most_sentences: Most quotations in an answer.
        least_coverage: The quotations must hold, between them, more than this share of the
            question's words, weighted by their rarity.
        least_similarity: Cosine similarity that makes up for missing words, when there is an
            embedder. It depends on the embedder; the default suits static word embeddings.
    """

    def __init__(
        self,
        embedder: Embedder | None = None,
        *,
        most_sentences: int = 3,
        least_coverage: float = 0.5,
        least_similarity: float = 0.6,
    ) -> None:
        self._embedder = embedder
        self._most_sentences = most_sentences
        self._least_coverage = least_coverage
        self._least_similarity = least_similarity

    def answer(
        self,
        question: str,
        results: Sequence[RetrievalResult],
        *,
        counts: Mapping[str, int] | None = None,
        total: int = 0,
    ) -> ExtractiveAnswer:
        """Answer from retrieved chunks.

        Args:
            question: The question.
            results: Chunks, best first.
            counts: In how many chunks of the collection each word occurs.
            total: How many chunks the collection has.
        """
        return run(self.flow(question, results, counts=counts, total=total))

    async def aanswer(
        self,
        question: str,
        results: Sequence[RetrievalResult],
        *,
        counts: Mapping[str, int] | None = None,
        total: int = 0,
    ) -> ExtractiveAnswer:
        """Async twin of :meth:`answer`."""
        return await arun(self.flow(question, results, counts=counts, total=total))

    def flow(
        self,
        question: str,
        results: Sequence[RetrievalResult],
        *,
        counts: Mapping[str, int] | None = None,
        total: int = 0,
    ) -> Flow[ExtractiveAnswer]:
        """The steps of :meth:`answer`, for a larger flow."""
        asked = Question(question, counts=counts, total=total)
        candidates = yield from offload(_candidates, asked, results)
        if self._embedder is not None and candidates:
            candidates = yield from self._compared(self._embedder, question, candidates)
        picked = self._pick(asked, candidates)
        if not picked:
            return ExtractiveAnswer(text=NOTHING_SAID, is_grounded=False)
        citations = tuple(
            citation_of(number, choice.result.chunk, choice.span)
            for number, choice in enumerate(picked, start=1)
        )
        # Line breaks of the source would tear the quotation; the citation keeps the exact words.
        lines = [f"“{_flat(each.text)}” [{number}]" for number, each in enumerate(picked, start=1)]
        return ExtractiveAnswer(text="\n".join(lines), citations=citations)

    def _compared(
        self, embedder: Embedder, question: str, candidates: list[_Candidate]
    ) -> Flow[list[_Candidate]]:
        asked = yield from embed_question(embedder, question)
        vectors = yield from embed(embedder, [each.text for each in candidates])

        def compare() -> list[_Candidate]:
            return [
                replace(each, similarity=max(0.0, cosine(asked, vectors[place])))
                for place, each in enumerate(candidates)
            ]

        return (yield from offload(compare))

    def _pick(self, asked: Question, candidates: list[_Candidate]) -> list[_Candidate]:
        ordered = sorted(candidates, key=lambda each: each.score, reverse=True)
        picked: list[_Candidate] = []
        for each in ordered:
            if len(picked) == self._most_sentences or each.score < _NEAR_BEST * ordered[0].score:
                break
            if not any(_repeats(each, other) for other in picked):
                picked.append(each)
        stems = frozenset().union(*(each.stems for each in picked))
        context = frozenset().union(*(each.context for each in picked))
        best = max((each.similarity for each in picked), default=0.0)
        coverage = asked.coverage(stems, context)
        # Nearness in meaning makes up for missing words: half for half, or all by itself.
        enough = (
            coverage > self._least_coverage
            or coverage + best / 2 > self._least_coverage + _MARGIN
            or best >= self._least_similarity
        )
        return picked if picked and picked[0].score > 0 and enough else []


def _candidates(asked: Question, results: Sequence[RetrievalResult]) -> list[_Candidate]:
    found = [
        candidate for result in results[:_MOST_CHUNKS] for candidate in _of_chunk(asked, result)
    ]
    found.sort(key=lambda each: each.fitness * (each.coverage + 0.01), reverse=True)
    return found[:MOST_CANDIDATES]


def _of_chunk(asked: Question, result: RetrievalResult) -> Iterator[_Candidate]:
    """The sentences of a chunk, each seen under the heading that it stands below."""
    content = result.chunk.content
    context = frozenset(stems_of(result.chunk.metadata.section or ""))
    is_code = _begins_in_code(content)
    for span in sentences(content):
        text = content[span.start : span.end]
        stems = frozenset(stems_of(text))
        fitness = _fitness(text, span, result) * (0.5 if is_code or "```" in text else 1.0)
        yield _Candidate(
            result=result,
            span=span,
            text=text,
            stems=stems,
            context=context,
            coverage=asked.coverage(stems, context),
            fitness=fitness if stems else 0.0,
        )
        is_code ^= text.count("```") % 2 == 1
        if text.startswith("#") and not is_code:
            context = stems


def _begins_in_code(content: str) -> bool:
    """Whether the first code fence of a chunk closes a block that began before the chunk."""
    fences = _FENCE.findall(content)
    return bool(fences) and not fences[0] and (len(fences) % 2 == 1 or bool(fences[1]))


def _fitness(text: str, span: Span, result: RetrievalResult) -> float:
    """How well a passage would stand as a quotation: whole sentences of some length do."""
    chunk = result.chunk
    fitness = 1.0 - 0.05 * min(result.rank - 1, 10)
    for spoils, factor in (
        (text.count(" ") < 2, 0.4),
        (text.startswith("#"), 0.4),
        (text.startswith("|"), 0.7),
        (text.endswith("?"), 0.6),
        (len(_SYMBOLS.findall(text)) > len(text) / 25, 0.6),
    ):
        fitness *= factor if spoils else 1.0
    # The chunker may have cut the first and the last sentence of a chunk in two.
    if span.start == 0 and chunk.start > 0 and text[:1].islower():
        fitness *= 0.5
    is_last = chunk.metadata.chunk_index == chunk.metadata.total_chunks - 1
    if span.end == len(chunk.content) and not is_last and text[-1] not in _ENDS:
        fitness *= 0.6
    return fitness


def _repeats(one: _Candidate, two: _Candidate) -> bool:
    """Whether two passages are the same words, as in chunks that overlap."""
    # Of two passages with the same words the better one was picked first.
    short, long = sorted((_flat(one.text), _flat(two.text)), key=len)
    return short in long or (bool(one.stems) and one.stems <= two.stems)


def _flat(text: str) -> str:
    return " ".join(text.split())
