"""What the ranking needs of SQLite's full-text index: lengths of chunks, and who holds a word.

SQLite finds words quickly and ranks slowly: it weighs each chunk through two calls back into
itself. Read in bulk, the places of a word come ten times as fast, and once read they are kept.
"""

from __future__ import annotations

import sqlite3
from array import array
from bisect import bisect_left
from collections import Counter, OrderedDict
from collections.abc import Mapping
from math import log
from typing import Any

from .numbers import numpy_at_hand
from .terms import SPELLER

K1 = 1.5
B = 0.75
"""BM25's constants: how soon repeats of a word count no more, and how much length counts."""

PLACES = "CREATE VIRTUAL TABLE temp.places USING fts5vocab ('main', 'words', 'instance')"
"""The view of the words' table through which the places of a term are read."""

MOST_KEPT = 12_000_000
"""Most pairs of a word and a chunk that are kept, at 8 bytes each."""

_SIZES = "SELECT id, sz FROM words_docsize ORDER BY id"
_DOCS = "SELECT group_concat(doc) FROM temp.places WHERE term = ?"
_OFFSETS = "SELECT group_concat(doc), group_concat(offset) FROM temp.places WHERE term = ?"


class Postings:
    """BM25's weight of each word in each chunk, for one state of an index.

    Call it inside one read transaction: the first thing there is :meth:`follow`, which forgets
    everything when the index has changed since. Not safe to share between threads by itself.
    """

    def __init__(self) -> None:
        self._state: tuple[int, int] | None = None
        self._kept: OrderedDict[str, tuple[Any, Any]] = OrderedDict()
        self._size = 0
        self.ids: Any = array("q")
        self._norms: Any = array("d")

    def follow(self, connection: sqlite3.Connection) -> None:
        """Bring what is kept to the state that the connection sees."""
        # The first number tells of other connections' changes, the second of this one's.
        state = (connection.execute("PRAGMA data_version").fetchone()[0], connection.total_changes)
        if state != self._state:
            self._kept.clear()
            self._size = 0
            self._read_sizes(connection)
            self._state = state

    def scores(self, connection: sqlite3.Connection, words: Mapping[str, int]) -> Any:
        """The BM25 score of every chunk that holds any of the words.

        Args:
            connection: The one that :meth:`follow` was given.
            words: Words of a question, and how often each stands there.

        Returns:
            By position in ``ids``: an array of n float64 with numpy at hand, else a mapping.
        """
        np = numpy_at_hand()
        total: Any = {} if np is None else np.zeros(len(self.ids))
        for word, times in words.items():
            places, weights = self._weights(connection, word)
            if np is None:
                known = total.get
                for place, weight in zip(places, weights, strict=True):
                    total[place] = known(place, 0.0) + times * weight
            elif len(places):
                # Positions in one list are distinct, so nothing is lost by adding at once.
                total[np.asarray(places)] += np.multiply(weights, times, dtype=np.float64)
        return total

    def count(self, connection: sqlite3.Connection, word: str) -> int:
        """How many chunks hold a word, in any of its forms."""
        return len(self._weights(connection, word)[0])

    def _weights(self, connection: sqlite3.Connection, word: str) -> tuple[Any, Any]:
        kept = self._kept.get(word)
        if kept is None:
            kept = self._kept[word] = self._read(connection, word)
            self._size += len(kept[0])
            while self._size > MOST_KEPT and len(self._kept) > 1:
                self._size -= len(self._kept.popitem(last=False)[1][0])
        self._kept.move_to_end(word)
        return kept

    def _read(self, connection: sqlite3.Connection, word: str) -> tuple[Any, Any]:
        terms = SPELLER.terms(word)
        if not terms:
            return array("i"), array("f")
        if len(terms) == 1:
            docs = _numbers(connection.execute(_DOCS, terms).fetchone()[0])
        else:
            docs = _neighbours(connection, terms)
        rows, times = _counted(docs)
        total, holders = len(self.ids), len(rows)
        # The variant that is never negative, for words that most chunks hold.
        rarity = log(1 + (total - holders + 0.5) / (holders + 0.5)) * (K1 + 1)
        np = numpy_at_hand()
        if np is not None:
            found = np.searchsorted(np.asarray(self.ids), rows).astype(np.int32)
            weights = rarity * times / (times + np.asarray(self._norms)[found])
            return found, weights.astype(np.float32)
        places = array("i", (bisect_left(self.ids, row) for row in rows))
        norms = self._norms
        weights = (
            rarity * each / (each + norms[place]) for place, each in zip(places, times, strict=True)
        )
        return places, array("f", weights)

    def _read_sizes(self, connection: sqlite3.Connection) -> None:
        ids, lengths = array("q"), array("q")
        for row, size in connection.execute(_SIZES):
            ids.append(row)
            lengths.append(size[0] if size[0] < 128 else _varint(size))
        mean = sum(lengths) / len(lengths) if lengths else 1.0
        slope = K1 * B / (mean or 1.0)
        self.ids = ids
        self._norms = array("d", (K1 * (1 - B) + slope * length for length in lengths))


def _varint(blob: bytes) -> int:
    """SQLite's number of variable length: seven bits a byte, the last byte below 128."""
    value = 0
    for byte in blob:
        value = value << 7 | byte & 127
        if byte < 128:
            break
    return value


def _numbers(text: str | None) -> Any:
    np = numpy_at_hand()
    if np is None:
        return array("q", map(int, text.split(","))) if text else array("q")
    return np.fromstring(text or "", dtype=np.int64, sep=",")


def _counted(docs: Any) -> tuple[Any, Any]:
    """Each chunk once, and how often it came; the same chunk's entries lie together."""
    np = numpy_at_hand()
    if np is None:
        counts = Counter(docs)
        return array("q", counts), array("q", counts.values())
    if not len(docs):
        return docs, docs
    starts = np.flatnonzero(np.concatenate(([True], docs[1:] != docs[:-1])))
    return docs[starts], np.diff(np.append(starts, len(docs)))


def _neighbours(connection: sqlite3.Connection, terms: tuple[str, ...]) -> Any:
    """The chunks where the terms stand side by side, once for each time they do."""
    np = numpy_at_hand()
    standing: Any = None
    for distance, term in enumerate(terms):
        docs, offsets = map(_numbers, connection.execute(_OFFSETS, (term,)).fetchone())
        # One number says where the first term would stand; they come in rising order.
        if np is not None:
            places = (docs << 32) + (offsets - distance)
            standing = places if standing is None else _shared(np, standing, places)
        else:
            pairs = zip(docs, offsets, strict=True)
            places = {(doc << 32) + offset - distance for doc, offset in pairs}
            standing = places if standing is None else places & standing
        if not len(standing):
            break
    if np is not None:
        return standing >> 32
    return array("q", (place >> 32 for place in sorted(standing)))


def _shared(np: Any, one: Any, other: Any) -> Any:
    """The numbers that two rising arrays share."""
    few, many = sorted((one, other), key=len)
    if not len(few):
        return few
    at = np.minimum(np.searchsorted(many, few), len(many) - 1)
    return few[many[at] == few]
