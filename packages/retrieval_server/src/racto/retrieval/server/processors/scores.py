"""Processors that score passages against queries."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from itertools import chain
from typing import Any

from racto.retrieval.server.cache import canonical
from racto.retrieval.server.engines import host_of

from .batches import BatchProcessor
from .processor import Processor
from .queries import answer, each, scope_for
from .requests import options_of, passages_of, query_of
from .results import scores_from


class _Scoring:
    """What both processors of scores ask of a request."""

    engine: Any

    def checked(self, item: Mapping[str, Any]) -> dict[str, Any]:
        """Return the request with its query and passages checked."""
        request = dict(item)
        request["query"] = query_of(item)
        kind = getattr(self.engine, "accepts_view_kind", "text")
        request["passages"] = passages_of(item, kind)
        # A limit shortens a ranking, and passages have no ranking here.
        request.pop("limit", None)
        return request


class AsyncPairwiseScoreProcessor(_Scoring, Processor):
    """Scores the passages of each request by itself; for engines that only wait for others.

    Args:
        engine: An engine that can score.
        cache_size: Most cached responses; -1 or 0 for no cache.
        cache_ttl: Seconds for which a response is kept.
        cache_key: Makes the cache's key of a request instead of the whole request.
        **kwargs: Further parameters of :class:`Processor`.

    Raises:
        UnsupportedFeatureError: If the engine cannot score.
    """

    def __init__(
        self,
        engine: Any,
        cache_size: int = 1024,
        cache_ttl: float = 600,
        cache_key: Callable[[dict[str, Any]], Hashable] | None = None,
        **kwargs: Any,
    ) -> None:
        kwargs["scope"] = scope_for(engine, kwargs.get("scope", "")) + "/score"
        super().__init__(cache_size, cache_ttl, cache_key, **kwargs)
        self.host = host_of(engine)
        self.engine = self.host.engine
        self._score = self.host.method("score")

    async def _submit(self, item: dict[str, Any]) -> dict[str, Any]:
        passages = item["passages"]
        scores: list[float] = []
        # An engine need not know what to do with nothing at all.
        if passages:
            found = await self._score(
                [item["query"]], passages, [len(passages)], **options_of(item)
            )
            scores = scores_from(found[0], len(passages), self.host.name)
        return _scored(item, scores, self.host.name)


class BatchPairwiseScoreProcessor(_Scoring, BatchProcessor):
    """Scores the passages of a whole batch in one call of the engine.

    ``max_work`` counts passages here: 32 requests of 1,000 passages are no batch of 32.

    Args:
        engine: An engine that can score.
        **kwargs: Parameters of :class:`BatchProcessor`.

    Raises:
        UnsupportedFeatureError: If the engine cannot score.
    """

    def __init__(self, engine: Any, **kwargs: Any) -> None:
        kwargs["scope"] = scope_for(engine, kwargs.get("scope", "")) + "/score"
        super().__init__(**kwargs)
        self.host = host_of(engine)
        self.engine = self.host.engine
        self.batcher.name = self.host.name
        self._score = self.host.method("score")

    def group_of(self, item: Mapping[str, Any]) -> Hashable:
        """The engine's options, in the one form that equal options have."""
        options = options_of(item)
        return canonical(options) if options else None

    def work_of(self, item: Mapping[str, Any]) -> float:
        """How many passages the request has."""
        return float(len(item["passages"]))

    async def _process_batch(self, batch: list[dict[str, Any]]) -> Sequence[Any]:
        # Engines are not asked what nothing is worth: many fail on an empty list.
        wanted = [item for item in batch if item["passages"]]
        found: list[Any] = []
        if wanted:
            lengths = [len(item["passages"]) for item in wanted]
            passages = list(chain.from_iterable(item["passages"] for item in wanted))
            found = list(
                await self._score(
                    [item["query"] for item in wanted], passages, lengths, **options_of(batch[0])
                )
            )
        if len(found) != len(wanted):
            return found
        scores = iter(found)
        name = self.host.name
        return each(
            batch,
            [next(scores) if item["passages"] else [] for item in batch],
            lambda item, result: _scored(
                item, scores_from(result, len(item["passages"]), name), name
            ),
        )


def _scored(item: Mapping[str, Any], scores: list[float], name: str) -> dict[str, Any]:
    return answer(item, name, scores=scores, meta={"n_passages": len(scores)})
