"""RerankerEngine: any reranker as an engine that scores passages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from racto.core import Engine
from racto.core.documents import Chunk, RetrievalResult
from racto.core.errors import EngineError
from racto.core.flows import Flow, arun, gather, step
from racto.core.protocols import Reranker

from .plugins import part
from .settings import Settings

_KNOWN = ("reranker", "width")


class RerankerEngine(Engine):
    """Serves a reranker: its scores, in the order of the passages.

    Settings: ``reranker`` (the name of a plug-in, or an object of ``name`` and its options),
    ``width`` (how many queries may be under way at once, 8).

    Args:
        name: Name under which it is served.
        config: Its settings, or the path of a JSON file with them.
        reranker: The reranker, instead of the setting.
        **options: Settings that override those of ``config``.

    Raises:
        ConfigurationError: If a setting is wrong, or there is no reranker.
        PluginNotFoundError: If the plug-in is not installed.
    """

    def __init__(
        self,
        name: str = "",
        config: Mapping[str, Any] | str | Path | None = None,
        *,
        reranker: Reranker | None = None,
        **options: Any,
    ) -> None:
        super().__init__(name, config, **options)
        settings = Settings(self.name, self.config, known=_KNOWN)
        self._width = settings.count("width", 8, 1, 1024)
        self._reranker: Reranker = part(self.name, "rerankers", "reranker", reranker, self.config)

    async def score_batch(
        self,
        queries: Sequence[str],
        passages: Sequence[str],
        candidate_length: Sequence[int] | None = None,
        **kw: Any,
    ) -> list[list[float]]:
        """The reranker's score of each passage, in their order.

        Args:
            queries: n queries.
            passages: All passages, one after the other.
            candidate_length: How many belong to each query; None for all to a single one.
            **kw: Other options do not matter here.

        Raises:
            EngineError: If the reranker leaves a passage out.
        """
        flows = [
            self._scored(query, texts)
            for query, texts in zip(queries, split(passages, candidate_length), strict=True)
        ]
        return await arun(gather(flows, width=self._width))

    def _scored(self, query: str, texts: Sequence[str]) -> Flow[list[float]]:
        if not texts:
            return []
        # By their places: two passages may have the same words.
        candidates = [
            RetrievalResult(
                chunk=Chunk(content=text, chunk_id=str(place)), score=0.0, rank=place + 1
            )
            for place, text in enumerate(texts)
        ]
        found = yield from step(self._reranker.rerank, self._reranker.arerank, query, candidates)
        scores = {result.chunk.chunk_id: float(result.score) for result in found}
        missing = [place for place in range(len(texts)) if str(place) not in scores]
        if missing:
            raise EngineError(
                f"the reranker of engine {self.name!r} left out {len(missing)} of {len(texts)} "
                f"passages, the first being number {missing[0]}"
            )
        return [scores[str(place)] for place in range(len(texts))]


def split(
    passages: Sequence[str], candidate_length: Sequence[int] | None
) -> Iterator[Sequence[str]]:
    """The passages of each query.

    Args:
        passages: All passages, one after the other.
        candidate_length: How many belong to each query; None for all to a single one.

    Raises:
        EngineError: If the numbers do not add up to that of the passages.
    """
    lengths = [len(passages)] if candidate_length is None else candidate_length
    if sum(lengths) != len(passages):
        raise EngineError(f"{sum(lengths)} passages were announced, and {len(passages)} came")
    start = 0
    for length in lengths:
        yield passages[start : start + length]
        start += length
