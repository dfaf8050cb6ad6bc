"""Words of a text as a sparse vector, weighted so that Qdrant's scores are those of BM25.

The weight of a word in a text is BM25's (Robertson and Zaragoza, 2009), with k1 = 1.2, b = 0.75,
and a text of 256 words as the ordinary one; how rare a word is in the collection, Qdrant knows and
multiplies by itself (its modifier ``idf``).
"""

from __future__ import annotations

import re
import unicodedata
import zlib
from collections import Counter

_K1, _B, _ORDINARY = 1.2, 0.75, 256
_WORD = re.compile(r"\w+")


def weights_of(text: str) -> dict[int, float]:
    """The weight of each word of a text that is stored.

    Args:
        text: Any text; without words it gets no weights.

    Returns:
        Weights by the words' 32-bit numbers.
    """
    counts = Counter(_numbers(text))
    norm = _K1 * (1 - _B + _B * counts.total() / _ORDINARY)
    return {word: count * (_K1 + 1) / (count + norm) for word, count in counts.items()}


def question_of(text: str) -> dict[int, float]:
    """The words of a question, each once and of the same weight."""
    return dict.fromkeys(_numbers(text), 1.0)


def _numbers(text: str) -> list[int]:
    folded = unicodedata.normalize("NFKC", text).casefold()
    # Two words in four billion share a number; a rare word more or less in a score.
    return [zlib.crc32(word.encode("utf-8", "surrogatepass")) for word in _WORD.findall(folded)]
