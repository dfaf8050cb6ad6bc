"""SentenceChunker: groups of whole sentences, with exact offsets."""

from __future__ import annotations

from bisect import bisect_left, bisect_right

from racto.core.documents import Chunk, Document, cut_all
from racto.core.errors import ConfigurationError
from racto.core.flows import threaded

from .sentences import SentenceFinder

LONGEST_CHUNK = 2_000
"""Characters: what embedding models with room for 512 tokens take of most languages."""


class SentenceChunker:
    """Cuts groups of sentences, found by sentencex; needs the extra ``sentences``.

    A chunk begins and ends with a visible character, and each brings at least one new sentence.
    Where the sentences are long a chunk holds fewer of them, and repeats fewer.

    Args:
        sentences_per_chunk: Most sentences in a chunk, at least 1.
        overlap_sentences: Most sentences that a chunk repeats of the one before it, less than
            ``sentences_per_chunk``.
        language: English name or ISO 639 code; its abbreviations end no sentence.
        max_characters: Most characters in a chunk. A sentence that is longer, such as a text
            without full stops, is divided between words.

    Raises:
        ConfigurationError: If the numbers do not fit together or the language is unknown; it is
            a ``ValueError``.
        MissingExtraError: If the library sentencex is not installed.
    """

    def __init__(
        self,
        sentences_per_chunk: int = 5,
        overlap_sentences: int = 1,
        language: str = "english",
        *,
        max_characters: int = LONGEST_CHUNK,
    ) -> None:
        if sentences_per_chunk < 1:
            raise ConfigurationError(
                f"sentences_per_chunk must be at least 1, not {sentences_per_chunk}"
            )
        if not 0 <= overlap_sentences < sentences_per_chunk:
            raise ConfigurationError(
                "overlap_sentences must be from 0 to less than sentences_per_chunk, or no chunk "
                f"would bring new text: overlap_sentences={overlap_sentences}, "
                f"sentences_per_chunk={sentences_per_chunk}"
            )
        require_length(max_characters)
        self.sentences_per_chunk = sentences_per_chunk
        self.overlap_sentences = overlap_sentences
        self.language = language
        self.max_characters = max_characters
        self._finder = SentenceFinder(language, max_characters)

    def chunk(self, document: Document) -> list[Chunk]:
        """All chunks of a document in their order; none for a document without text."""
        starts, ends = self._spans(document.content)
        return cut_all(document, starts, ends)

    achunk = threaded(chunk)

    def _spans(self, text: str) -> tuple[list[int], list[int]]:
        # One loop with no call of our own: the library takes a microsecond a sentence.
        begins, stops = self._finder.find(text)
        count, longest, overlap = (
            self.sentences_per_chunk,
            self.max_characters,
            self.overlap_sentences,
        )
        starts: list[int] = []
        ends: list[int] = []
        first, after, total = 0, 0, len(begins)
        while after < total:
            start = begins[first]
            after = first + count if first + count < total else total
            end = stops[after - 1]
            if end - start > longest:
                # No sentence alone is too long, so at least one fits.
                after = bisect_right(stops, start + longest, first + 1, after)
                end = stops[after - 1]
            while text[end - 1].isspace():
                end -= 1
            while text[start].isspace():
                start += 1
            starts.append(start)
            ends.append(end)
            first = after - overlap if after - overlap > first else first + 1
            if after < total and stops[after] - begins[first] > longest:
                # The new sentence must fit beside what is repeated.
                first = bisect_left(begins, stops[after] - longest, first, after)
        return starts, ends


def require_length(max_characters: int) -> None:
    """Refuse a bound on chunks that no sentence could keep."""
    if max_characters < 1:
        raise ConfigurationError(f"max_characters must be at least 1, not {max_characters}")
