"""An inverted index of words with BM25's weights, computed by the library bm25s."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from racto.core.errors import IndexCorruptError, MissingExtraError


class BM25Index:
    """Scores of documents by words; documents are counted from 0.

    Safe to search from several threads: nothing in it changes after it was made.

    Args:
        weights: What bm25s computed; None when no document has any word.
        count: How many documents there are.
    """

    def __init__(self, weights: Any, count: int) -> None:
        self._weights = weights
        self.count = count

    @classmethod
    def built(cls, texts: Iterable[Sequence[str]], *, k1: float, b: float) -> BM25Index:
        """Index documents that are given as words, in order.

        Args:
            texts: The words of each document.
            k1: How much a word's repetition counts.
            b: How much a document's length counts.

        Raises:
            MissingExtraError: If bm25s is not installed.
        """
        library = _bm25s()
        vocabulary: dict[str, int] = {}
        # Numbers from the start: lists of words of a large collection would not fit in memory.
        numbers = [[vocabulary.setdefault(w, len(vocabulary)) for w in words] for words in texts]
        if not vocabulary:
            return cls(None, len(numbers))
        weights = library.BM25(k1=k1, b=b, method="lucene")
        weights.index((numbers, vocabulary), create_empty_token=False, show_progress=False)
        return cls(weights, len(numbers))

    @classmethod
    def loaded(cls, folder: Path, count: int) -> BM25Index:
        """Read what :meth:`save` wrote; plain arrays and JSON, no pickle.

        Args:
            folder: Where it is.
            count: How many documents it is of.

        Raises:
            IndexCorruptError: If it cannot be read, or is of another number of documents.
            MissingExtraError: If bm25s is not installed.
        """
        library = _bm25s()
        try:
            weights = library.BM25.load(folder, load_corpus=False, show_progress=False)
            found, arrays = weights.scores["num_docs"], weights.scores
            whole = len(arrays["data"]) == len(arrays["indices"]) == int(arrays["indptr"][-1])
            # A number beyond the documents would only be noticed by the query that meets it.
            whole = (
                whole and 0 <= int(arrays["indices"].min()) <= int(arrays["indices"].max()) < count
            )
        except (OSError, ValueError, KeyError, TypeError, IndexError, EOFError) as error:
            raise IndexCorruptError(f"the index in {folder} cannot be read: {error}") from error
        if found != count or not whole:
            raise IndexCorruptError(f"the index in {folder} is not that of its {count} documents")
        return cls(weights, count)

    def save(self, folder: Path) -> bool:
        """Write it into a folder.

        Args:
            folder: Where to; it is made when it is missing.

        Returns:
            False when there is nothing to write, since no document has any word.
        """
        if self._weights is None:
            return False
        self._weights.save(folder, allow_pickle=False, show_progress=False)
        return True

    def search(self, words: Sequence[str], most: int, among: Any = None) -> list[tuple[int, float]]:
        """The best documents that have at least one of the words.

        Args:
            words: Words of the query; one that comes twice counts twice.
            most: Most documents.
            among: Array of the documents that may be found, ascending; None for all.

        Returns:
            Documents and scores above 0, best first, equal ones in the order of their numbers.
        """
        import numpy as np

        known = self._weights.get_tokens_ids(list(words)) if self._weights is not None else []
        if not known or most < 1:
            return []
        scores = self._weights.get_scores_from_ids(known)
        places = np.flatnonzero(scores > 0) if among is None else among[scores[among] > 0]
        values = scores[places]
        if len(values) > most:
            # All that reach the last place's score stay, so that its number decides, not chance.
            least = np.partition(values, len(values) - most)[len(values) - most]
            places, values = places[values >= least], values[values >= least]
        order = np.argsort(-values, kind="stable")[:most]
        return list(zip(places[order].tolist(), values[order].tolist(), strict=True))


def places_by(labels: Sequence[str | None]) -> dict[str, Any]:
    """The places at which each label stands, as ascending arrays; None is no label."""
    import numpy as np

    found: dict[str, list[int]] = {}
    for place, label in enumerate(labels):
        if label is not None:
            found.setdefault(label, []).append(place)
    return {label: np.asarray(places) for label, places in found.items()}


def _bm25s() -> Any:
    try:
        import bm25s  # type: ignore[import-untyped]
    except ImportError as error:
        raise MissingExtraError(
            "bm25s", install="racto-retrieval-server[bm25]", purpose="search by BM25"
        ) from error
    return bm25s
