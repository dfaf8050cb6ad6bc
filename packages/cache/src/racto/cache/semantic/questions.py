"""Questions and their vectors: one call of the embedder a request, in both voices."""

from __future__ import annotations

import inspect
import threading
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeAlias

from racto.core import discovery, portals
from racto.core.errors import ConfigurationError, EmbeddingError
from racto.core.protocols.embedders import Embedder, QueryEmbedder
from racto.core.vectors import Vector

from .vectors import Floats, unit_row

EmbedFunction: TypeAlias = Callable[[str], Vector | Awaitable[Vector]]
"""Turns one text into a vector of shape (d,); may be async."""

DEFAULT_EMBEDDER = "local"
"""The entry point, in the group ``racto.embedders``, that is used when no embedder is given."""

LONGEST_QUESTION = 100_000
"""Characters of the longest question that is embedded; a longer one is a miss."""


class QuestionVectors:
    """Embeds questions, and holds the vector of a miss for the ``remember`` that follows it.

    Args:
        embed_fn: An embedder, or a function, sync or async, of one text; None takes the installed
            plug-in ``local``. An embedder that tells questions from documents embeds questions.
        held: Most vectors that are held; the oldest goes first.

    Raises:
        ConfigurationError: If ``embed_fn`` is neither.
        PluginNotFoundError: If none was given and none is installed.
    """

    def __init__(
        self, embed_fn: Embedder | EmbedFunction | None = None, *, held: int = 256
    ) -> None:
        if embed_fn is None:
            embed_fn = discovery.create("racto.embedders", DEFAULT_EMBEDDER)
        self._call, self._acall = _voices(embed_fn)
        self._held: OrderedDict[str, Floats] = OrderedDict()
        self._most = held
        self._lock = threading.Lock()

    def embed(self, question: str) -> Floats:
        """The vector of a question: shape (d,), float32, length 1.

        Raises:
            EmbeddingError: If the embedder returned what is no vector.
            InvalidEmbeddingError: If its vector is NaN, infinite or zero.
        """
        # Without the lock: one dictionary's ``get`` is atomic.
        held = self._held.get(question)
        return unit_row(self._call(question)) if held is None else held

    async def aembed(self, question: str) -> Floats:
        """Async twin of :meth:`embed`; a sync function runs in a worker thread."""
        held = self._held.get(question)
        return unit_row(await self._acall(question)) if held is None else held

    def hold(self, question: str, row: Floats) -> None:
        """Hold the vector of a question that was missed, until its reply comes."""
        with self._lock:
            # A copy, for the array may be the embedder's own.
            self._held[question] = row.copy()
            # Requests that fail are never remembered; their vectors must not pile up.
            while len(self._held) > self._most:
                self._held.popitem(last=False)

    def release(self, question: str) -> None:
        """Hold the vector of a question no longer; it has been stored."""
        with self._lock:
            self._held.pop(question, None)

    def clear(self) -> None:
        """Hold no vectors any longer."""
        with self._lock:
            self._held.clear()

    def __len__(self) -> int:
        """How many vectors are held."""
        return len(self._held)


def is_askable(question: str) -> bool:
    """Whether a question can be compared by meaning: neither empty nor beyond all measure."""
    return 0 < len(question) <= LONGEST_QUESTION


def _voices(
    given: Embedder | EmbedFunction,
) -> tuple[Callable[[str], Any], Callable[[str], Awaitable[Any]]]:
    # In this order: an embedder may be callable too.
    if isinstance(given, QueryEmbedder):
        return given.embed_query, given.aembed_query
    if isinstance(given, Embedder):
        return _batch_of_one(given)
    if callable(given):
        return _function(given)
    raise ConfigurationError(
        f"embed_fn must be an embedder or a function of one text, not {type(given).__name__}"
    )


def _batch_of_one(
    embedder: Embedder,
) -> tuple[Callable[[str], Any], Callable[[str], Awaitable[Any]]]:
    def call(question: str) -> Any:
        return _only(embedder.embed([question]))

    async def acall(question: str) -> Any:
        return _only(await embedder.aembed([question]))

    return call, acall


def _only(rows: Sequence[Any] | Any) -> Any:
    if len(rows) != 1:
        raise EmbeddingError(f"the embedder returned {len(rows)} vectors for one question")
    return rows[0]


def _function(
    function: EmbedFunction,
) -> tuple[Callable[[str], Any], Callable[[str], Awaitable[Any]]]:
    if inspect.iscoroutinefunction(function):
        return lambda question: portals.wait(lambda: function(question)), function

    def call(question: str) -> Any:
        made = function(question)
        # An object may be called like a function and still answer with something to await.
        return portals.wait(lambda: made) if inspect.isawaitable(made) else made

    async def acall(question: str) -> Any:
        import asyncio

        made = await asyncio.to_thread(function, question)
        return await made if inspect.isawaitable(made) else made

    return call, acall
