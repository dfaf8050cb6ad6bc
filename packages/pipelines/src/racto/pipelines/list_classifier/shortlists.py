"""The options nearest to a text, when there are more than a model should read."""

from __future__ import annotations

import heapq
import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import Any

from racto.core.errors import EmbeddingError
from racto.core.flows import Flow
from racto.core.protocols.embedders import Embedder

from .voices import Voice, voice

_INDEXES_KEPT = 8
# Services that embed take so many texts a request, or fewer, and split them themselves.
_TEXTS_AT_ONCE = 1024


class Shortlister:
    """Ranks options by the cosine of their vectors with a text's.

    An option's vectors are those of its own words, with its description, and of each of its
    examples; the nearest of them counts. They are embedded once a set of options.

    Args:
        embedder: Turns texts into vectors.
        examples: Texts that belong to an option.
        size: How many options to keep.
    """

    def __init__(
        self, embedder: Embedder, *, examples: Mapping[str, Sequence[str]], size: int
    ) -> None:
        self.size = size
        self._examples = examples
        self._embed = voice(embedder, "embed", role="embedder")
        asked = hasattr(embedder, "embed_query") or hasattr(embedder, "aembed_query")
        self._ask: Voice | None = voice(embedder, "embed_query", role="embedder") if asked else None
        self._indexes: OrderedDict[Any, _Index] = OrderedDict()
        self._lock = threading.Lock()

    def nearest(
        self, text: str, options: tuple[str, ...], descriptions: Mapping[str, str]
    ) -> Flow[tuple[str, ...]]:
        """The options nearest to a text, in the order in which they were given.

        Args:
            text: What to classify.
            options: All options.
            descriptions: What they mean.
        """
        index = yield from self.index(options, descriptions)
        if self._ask is not None:
            vector = yield self._ask(text)
        else:
            rows = yield self._embed([text])
            vector = rows[0]
        best = set(index.best(vector, self.size))
        # A fixed order, or the nearest option would stand first and be chosen for its place.
        return tuple(option for option in options if option in best)

    def index(self, options: tuple[str, ...], descriptions: Mapping[str, str]) -> Flow[_Index]:
        """The vectors of a set of options, embedded at the first call.

        Args:
            options: All options.
            descriptions: What they mean.
        """
        key = (options, tuple(descriptions.get(option) for option in options))
        with self._lock:
            found = self._indexes.get(key)
        if found is not None:
            return found
        owners: list[str] = []
        texts: list[str] = []
        for option in options:
            for wording in self._wordings(option, descriptions.get(option)):
                owners.append(option)
                texts.append(wording)
        parts: list[Any] = []
        for start in range(0, len(texts), _TEXTS_AT_ONCE):
            part = yield self._embed(texts[start : start + _TEXTS_AT_ONCE])
            parts.append(part)
        made = _Index(owners, parts)
        with self._lock:
            self._indexes[key] = made
            while len(self._indexes) > _INDEXES_KEPT:
                self._indexes.popitem(last=False)
        return made

    def _wordings(self, option: str, description: str | None) -> list[str]:
        # Labels are often identifiers, whose words an embedder would not see.
        words = option.replace("_", " ")
        named = f"{words}: {description}" if description else words
        return [named, *self._examples.get(option, ())]


class _Index:
    """Vectors and the option that each belongs to."""

    def __init__(self, owners: list[str], parts: list[Any]) -> None:
        if sum(map(len, parts)) != len(owners):
            raise EmbeddingError(
                f"the embedder returned {sum(map(len, parts))} vectors for {len(owners)} texts"
            )
        self._owners = owners
        self._parts = [(part, _lengths(part)) for part in parts]

    def best(self, vector: Any, size: int) -> list[str]:
        """The options of the nearest vectors, nearest first."""
        cosines: list[float] = []
        for part, lengths in self._parts:
            dots = _products(part, vector)
            cosines += [
                dot / length if length else 0.0 for dot, length in zip(dots, lengths, strict=True)
            ]
        nearest: dict[str, float] = {}
        for owner, cosine in zip(self._owners, cosines, strict=True):
            # The best wording counts: a mean would punish options with many examples.
            if cosine > nearest.get(owner, -2.0):
                nearest[owner] = cosine
        return heapq.nlargest(size, nearest, key=nearest.__getitem__)


def _products(rows: Any, vector: Any) -> list[float]:
    """Dot products; an array does them all at once, and numpy need not be imported for it."""
    if hasattr(rows, "__matmul__") and hasattr(vector, "__matmul__"):
        found: list[float] = (rows @ vector).tolist()
        return found
    return [sum(float(a) * float(b) for a, b in zip(row, vector, strict=True)) for row in rows]


def _lengths(rows: Any) -> list[float]:
    if hasattr(rows, "__matmul__"):
        found: list[float] = ((rows * rows).sum(axis=1) ** 0.5).tolist()
        return found
    return [sum(float(value) ** 2 for value in row) ** 0.5 for row in rows]
