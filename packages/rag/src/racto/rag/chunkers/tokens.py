"""TokenChunker: chunks of so many tokens, with exact offsets in characters."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from operator import sub

from racto.core.documents import Chunk, Document, cut_all
from racto.core.flows import threaded

from .counting import CountedWindows
from .encoders import TokenEncoder, TokenSource, encoder_of, token_starts
from .pauses import between_letters, next_visible
from .sentences import Spans
from .sizes import require_sizes

# Tokenizers slow down on long texts, and their lists of tokens take sixty times the text's room.
_WINDOW = 4_000
# A word that a vocabulary does not know may be one token, however long it is.
_LONGEST_TOKEN = 100


class TokenChunker:
    """Cuts chunks of at most ``chunk_size`` tokens, at the borders of words where it can.

    Tokens are counted as they stand in the running text, without the special ones that a model
    adds at the ends: leave room for these. A chunk encoded by itself may have a token more or
    less, since tokenizers look at the space before a word. Text of which the tokenizer makes no
    tokens, such as control characters, stays in the chunks, and one token of more than 100
    characters counts for several.

    Args:
        tokenizer: A ``tokenizers.Tokenizer`` or the path of its ``tokenizer.json`` (extra
            ``tokens``), any :class:`~racto.rag.chunkers.encoders.TokenEncoder`, or any
            :class:`~racto.core.protocols.chat.TokenCounter`. Limits on length in the tokenizer's
            own settings do not count. With a counter, a chunk is measured as a text by itself.
        chunk_size: Most tokens in a chunk, at least 1. A single character of more tokens, as some
            emoji are, is a chunk even so.
        overlap: Most tokens that a chunk repeats of the one before it, less than ``chunk_size``.

    Raises:
        ConfigurationError: If the sizes do not fit together, or the tokenizer is none; it is a
            ``ValueError``.
        ReadError: If the file is no tokenizer.
        MissingExtraError: If a path is given and the library tokenizers is not installed.
    """

    def __init__(self, tokenizer: TokenSource, *, chunk_size: int = 256, overlap: int = 32) -> None:
        require_sizes(chunk_size, overlap, unit="token")
        self.chunk_size = chunk_size
        self.overlap = overlap
        self._encoder = encoder_of(tokenizer)
        # Chunks of another tokenizer are other chunks: ingestion compares this.
        self.fingerprint = str(getattr(self._encoder, "fingerprint", ""))

    def chunk(self, document: Document) -> list[Chunk]:
        """All chunks of a document in their order; none for a document without text."""
        text = document.content
        if isinstance(self._encoder, TokenEncoder):
            starts, ends = self._spans(text, _borders(self._encoder, text))
        else:
            count = self._encoder.count_tokens
            starts, ends = CountedWindows(
                text, count, size=self.chunk_size, overlap=self.overlap
            ).cut()
        return cut_all(document, starts, ends)

    achunk = threaded(chunk)

    def _spans(self, text: str, borders: list[int]) -> Spans:
        """Chunks from the place of every token; a place of several tokens is there as often."""
        found = Spans([], [])
        total, length = len(borders), len(text.rstrip())
        first, after, last = 0, 0, 0
        while last < length:
            start = next_visible(text, borders[first])
            if start > borders[first]:
                # Tokens of white space: go on with the one that holds something visible.
                first = bisect_left(borders, borders[bisect_right(borders, start) - 1])
            after = self._end(text, borders, after, first + self.chunk_size)
            end = borders[after] if after < total else length
            while text[end - 1].isspace():
                end -= 1
            if end > last:
                found.starts.append(start)
                found.ends.append(end)
                last = end
            first = self._restart(text, borders, first, after)
        return found

    def _end(self, text: str, borders: list[int], done: int, after: int) -> int:
        """The token to end before: near ``after`` one that begins a word, and behind ``done``."""
        if after >= len(borders):
            return after
        lowest = max(done, after - self.chunk_size // 8 - 1)
        for place in range(after, lowest, -1):
            if _begins_word(text, borders[place]) and borders[place] > borders[place - 1]:
                return place
        place = after
        while place > done and borders[place] == borders[place - 1]:
            place -= 1
        if place > done:
            return place
        # One character of very many tokens.
        place = after + 1
        while place < len(borders) and borders[place] == borders[place - 1]:
            place += 1
        return place

    def _restart(self, text: str, borders: list[int], first: int, after: int) -> int:
        """The token to begin the next chunk with, from the first that may be repeated on."""
        if not self.overlap or after >= len(borders):
            return after
        lowest = max(after - self.overlap, first + 1)
        for place in range(lowest, after):
            if borders[place] > borders[first] and _begins_word(text, borders[place]):
                return place
        while lowest < after and borders[lowest] == borders[lowest - 1]:
            lowest += 1
        return lowest


def _begins_word(text: str, at: int) -> bool:
    return text[at].isspace() or text[at - 1].isspace()


def _borders(encoder: TokenEncoder, text: str) -> list[int]:
    """Where the tokens of a text begin; a long one and its tail count as several."""
    borders: list[int] = []
    at = 0
    while at < len(text):
        end = _window_end(text, at)
        starts = token_starts(encoder, text[at:end])
        if not starts or starts[0] > 0:
            starts.insert(0, 0)
        borders += _without_long(text, [at + start for start in starts] if at else starts, end)
        at = end
    return borders


def _window_end(text: str, at: int) -> int:
    end = at + _WINDOW
    if end >= len(text):
        return len(text)
    for pause in ("\n", " "):
        # White space belongs to the word behind it in many vocabularies.
        place = text.rfind(pause, at + _WINDOW // 2, end)
        if place >= 0:
            return place
    return between_letters(text, at + 1, end)


def _without_long(text: str, places: list[int], end: int) -> list[int]:
    ends = [*places[1:], end]
    if max(map(sub, ends, places)) <= _LONGEST_TOKEN:
        return places
    divided: list[int] = []
    for one, two in zip(places, ends, strict=True):
        divided.append(one)
        at = one
        while two - at > _LONGEST_TOKEN:
            at = between_letters(text, at + 1, at + _LONGEST_TOKEN)
            divided.append(at)
    return divided
