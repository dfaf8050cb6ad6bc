"""RAGStreamChunk: an answer from documents piece by piece."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from racto.core.answers import RAGResponse
from racto.core.documents import RetrievalResult


@dataclass(frozen=True, slots=True, kw_only=True)
class RAGStreamChunk:
    """One piece of a streamed answer.

    The first piece holds the sources, so that they can be shown while the model writes; then
    comes text; the last piece holds the whole response. Citations can be checked only when the
    answer is complete, so they are in the response.

    Attributes:
        text: New text.
        sources: Retrieved chunks, best first; in the first piece only.
        response: The whole answer with its checked citations; in the last piece only.
    """

    text: str = ""
    sources: Sequence[RetrievalResult] = ()
    response: RAGResponse | None = None

    @property
    def is_final(self) -> bool:
        """Whether this is the last piece."""
        return self.response is not None
