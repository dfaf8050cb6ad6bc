"""RecursiveChunker: chunks that end where the text itself pauses, with exact offsets."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

from racto.core.documents import Chunk, Document, cut_all
from racto.core.errors import ConfigurationError
from racto.core.flows import threaded

from .pauses import between_letters, next_visible, take_apart
from .sizes import require_sizes

DEFAULT_SEPARATORS = ("\n\n", "\n", ". ", " ", "")
"""Paragraphs, lines, sentences, words, characters: the strongest pause first."""


class RecursiveChunker:
    """Cuts text at the strongest separator that leaves a chunk well filled.

    A window of ``chunk_size`` characters is laid on the text. In its second half the chunker
    looks for the last heading of the document, then in its last third for the last of each
    separator in turn, and cuts there; without any it cuts at the full length. Every chunk is a
    slice of the document, begins and ends with a visible character, and brings new text; between
    two chunks nothing but white space is left out. The time is linear in the length of the text.

    A chunk repeats the end of the one before it, from the first word (or weakest separator)
    within the last ``overlap`` characters on, but never reaches back across a heading.

    Args:
        chunk_size: Most characters in a chunk, at least 1.
        overlap: Most characters repeated, less than ``chunk_size``.
        separators: Strings to cut at, the strongest first. What of a separator stands before its
            first white space stays with the text on the left (the full stop of ``". "``), the
            rest goes to the right. Cutting anywhere, the empty string, is the last resort
            whether it is named or not. None takes :data:`DEFAULT_SEPARATORS`.

    Raises:
        ConfigurationError: If the sizes do not fit together, or ``separators`` is one string;
            it is a ``ValueError``.
    """

    def __init__(
        self,
        chunk_size: int = 512,
        overlap: int = 50,
        separators: Sequence[str] | None = None,
    ) -> None:
        require_sizes(chunk_size, overlap)
        if isinstance(separators, str):
            raise ConfigurationError(
                f"separators must be a list of strings, and is one string; write [{separators!r}]"
            )
        self.chunk_size = chunk_size
        self.overlap = overlap
        self.separators = DEFAULT_SEPARATORS if separators is None else tuple(separators)
        pauses = [take_apart(separator) for separator in self.separators if separator]
        self._stops = [(pause.separator, pause.kept) for pause in pauses]
        # White space right behind a full chunk may be cut at; a separator without any may not.
        self._reach = int(all(pause.rest for pause in pauses))
        # The weakest pause first: it is the one that leaves the longest overlap.
        self._restarts = [(pause.separator, pause.skipped) for pause in reversed(pauses)]

    def chunk(self, document: Document) -> list[Chunk]:
        """All chunks of a document in their order; none for a document without text."""
        starts, ends = self._spans(document)
        return cut_all(document, starts, ends)

    achunk = threaded(chunk)

    def _spans(self, document: Document) -> tuple[list[int], list[int]]:
        # One loop with no call of our own on its common path: a call would cost as much as the
        # search that it hides, and this runs for every chunk of every document.
        text = document.content
        headings = [section.start for section in document.sections]
        length, size, overlap = len(text.rstrip()), self.chunk_size, self.overlap
        half, least = size // 2, size * 2 // 3
        stops, restarts, reach = self._stops, self._restarts, self._reach
        starts: list[int] = []
        ends: list[int] = []
        start, last = next_visible(text, 0), 0
        while last < length:
            high = start + size
            if high >= length:
                starts.append(start)
                ends.append(length)
                break
            low = start + least
            if low <= last:
                low = last + 1
            end = _last_within(headings, max(start + half, last + 1), high) if headings else 0
            if not end:
                # To search a short slice takes less than to search the text between bounds.
                window = text[low : high + reach]
                for separator, kept in stops:
                    end = window.rfind(separator)
                    if end >= 0:
                        end += low + kept
                        break
                else:
                    end = between_letters(text, low, high)
            while text[end - 1].isspace():
                end -= 1
            if end <= last:
                # Nothing but white space followed the last chunk: go on behind it.
                start = last = next_visible(text, last)
                continue
            starts.append(start)
            ends.append(end)
            last = end
            low = end - overlap
            if low <= start:
                low = start + 1
            if headings and (heading := _last_within(headings, low, next_visible(text, end))):
                start = next_visible(text, heading)
                continue
            for separator, skipped in restarts:
                start = text.find(separator, low - skipped if low > skipped else 0, end)
                if start >= 0:
                    start += skipped
                    break
            else:
                start = between_letters(text, low, low)
            # There is a visible character ahead, or this would have been the last chunk.
            while text[start].isspace():
                start += 1
        return starts, ends


def _last_within(headings: Sequence[int], low: int, high: int) -> int:
    """The last heading from ``low`` to ``high``, both included; 0 without any."""
    at = headings[bisect_right(headings, high) - 1]
    return at if low <= at <= high else 0
