"""An embedder without a model: texts that share words have vectors that point alike."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from hashlib import blake2b

from racto.core.flows import threaded

_WORD = re.compile(r"\w+")


class HashEmbedder:
    """Turns each word into a fixed direction and each text into the sum of its words.

    Deterministic over processes and machines, needs no library and no download. It knows words,
    not meanings: right for tests and demonstrations, wrong for real search.

    Args:
        dimension: Length of the vectors.
    """

    def __init__(self, dimension: int = 64) -> None:
        if dimension < 1:
            raise ValueError(f"dimension must be at least 1, not {dimension}")
        self._dimension = dimension

    @property
    def dimension(self) -> int:
        """Length of the vectors."""
        return self._dimension

    @property
    def fingerprint(self) -> str:
        """Name of the vector space."""
        return f"racto-hash-1-{self._dimension}"

    def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """Unit vectors of the texts, in order; shape (n, d) as nested lists."""
        return [self.embed_query(text) for text in texts]

    aembed = threaded(embed)

    def embed_query(self, text: str) -> list[float]:
        """Unit vector of one text; a text without words has its own direction too."""
        vector = [0.0] * self._dimension
        for word in _WORD.findall(text.lower()) or [text]:
            digest = blake2b(word.encode("utf-8", "surrogatepass"), digest_size=24).digest()
            # Four places a word: with one, two words of a small space would often coincide.
            for start in range(0, 24, 6):
                place = int.from_bytes(digest[start : start + 5], "big") % self._dimension
                vector[place] += 1.0 if digest[start + 5] & 1 else -1.0
        length = math.hypot(*vector)
        if not length:
            return [1.0, *[0.0] * (self._dimension - 1)]
        return [value / length for value in vector]

    aembed_query = threaded(embed_query)
