"""BM25 over an inverted index in arrays: exact after every change, without a rebuild."""

from __future__ import annotations

import math
from array import array
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Sequence

from racto.core.errors import ConfigurationError

_FEW = 1024


class Postings:
    """Which pages hold which terms, and what that is worth to a question.

    The score of a page is the sum over the question's terms of ``idf * tf * (k1 + 1) / (tf + k1 *
    (1 - b + b * length / mean length))``, with ``idf = ln(1 + (N - n + 0.5) / (n + 0.5))``
    (Robertson and Zaragoza 2009, in the form that is never negative). N, n and the mean are those
    of the pages that are there now. Not safe to share between threads by itself.

    Args:
        k1: How soon repetitions of a term stop to count, 0 or more.
        b: How much a page's length counts, 0.0 to 1.0.

    Raises:
        ConfigurationError: If a number is out of its range.
    """

    def __init__(self, *, k1: float = 1.5, b: float = 0.75) -> None:
        if not (k1 >= 0 and math.isfinite(k1)) or not 0 <= b <= 1:
            raise ConfigurationError(f"k1 must be 0 or more and b in 0.0 to 1.0, not {k1} and {b}")
        self._k1 = k1
        self._b = b
        # Pages and counts of each term, in the order in which the pages came.
        self._lists: dict[str, tuple[array[int], array[int]]] = {}
        self._holders: Counter[str] = Counter()
        self._lengths: dict[int, int] = {}
        self._total_length = 0
        self._next = 0
        self._entries = 0
        self._dead = 0

    def __len__(self) -> int:
        return len(self._lengths)

    def add(self, terms: Sequence[str]) -> int:
        """Take in a page.

        Args:
            terms: All its terms, with repetitions.

        Returns:
            The page's number, which no other page has had.
        """
        number = self._next
        self._next += 1
        counts = Counter(terms)
        for term, count in counts.items():
            pages, frequencies = self._lists.setdefault(term, (array("Q"), array("I")))
            pages.append(number)
            frequencies.append(count)
        self._holders.update(counts.keys())
        self._lengths[number] = len(terms)
        self._total_length += len(terms)
        self._entries += len(counts)
        return number

    def remove(self, number: int, terms: Sequence[str]) -> None:
        """Forget a page.

        Args:
            number: Its number.
            terms: What :meth:`add` was given for it.
        """
        self._total_length -= self._lengths.pop(number)
        distinct = set(terms)
        self._holders.subtract(distinct)
        self._dead += len(distinct)
        # Swept when half is dead: each entry is moved once for each entry that died.
        if self._dead > max(_FEW, self._entries // 2):
            self._sweep()

    def holders(self, term: str) -> int:
        """How many pages hold a term."""
        return self._holders[term]

    def holds(self, term: str, number: int) -> bool:
        """Whether a page, by its number, holds a term."""
        if term not in self._lists:
            return False
        pages, _ = self._lists[term]
        # Numbers only grow, so every list is in order.
        at = bisect_left(pages, number)
        return at < len(pages) and pages[at] == number

    def scores(self, terms: Iterable[str]) -> dict[int, float]:
        """The score of each page that holds any of the terms, by its number.

        Args:
            terms: Distinct terms of a question.
        """
        found: dict[int, float] = {}
        k1, b, lengths = self._k1, self._b, self._lengths
        # What is the same for all pages is worked out once.
        slope = k1 * b * len(lengths) / self._total_length if self._total_length else 0.0
        floor = k1 * (1 - b)
        for term in terms:
            holders = self._holders[term]
            if not holders:
                continue
            rarity = math.log(1 + (len(lengths) - holders + 0.5) / (holders + 0.5)) * (k1 + 1)
            for number, count in zip(*self._lists[term], strict=True):
                length = lengths.get(number)
                # Pages that were removed stay in the lists until they are swept out.
                if length is not None:
                    gain = rarity * count / (count + floor + slope * length)
                    found[number] = found.get(number, 0.0) + gain
        return found

    def _sweep(self) -> None:
        lists: dict[str, tuple[array[int], array[int]]] = {}
        for term, (pages, counts) in self._lists.items():
            if not self._holders[term]:
                continue
            kept = [at for at, number in enumerate(pages) if number in self._lengths]
            lists[term] = (
                array("Q", (pages[at] for at in kept)),
                array("I", (counts[at] for at in kept)),
            )
        self._lists = lists
        self._holders = +self._holders
        self._entries -= self._dead
        self._dead = 0
