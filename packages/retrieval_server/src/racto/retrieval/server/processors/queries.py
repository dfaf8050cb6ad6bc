"""Processors that search and split queries."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any
from uuid import uuid4

from racto.retrieval.server.cache import canonical, scope_of
from racto.retrieval.server.engines import host_of
from racto.retrieval.server.errors import InvalidRequestError

from .batches import BatchProcessor
from .processor import Processor
from .requests import limit_of, options_of, query_of, subset_of
from .results import queries_from, ranking_from


def answer(item: Mapping[str, Any], name: str, **found: Any) -> dict[str, Any]:
    """Make a response in the shape of the wire.

    Args:
        item: The request; its query is repeated to the letter.
        name: The service's name.
        **found: What the engine found.
    """
    return {
        "query": item["query"],
        **found,
        "service": name,
        "processed": True,
        "timestamp": time.time(),
    }


def scope_for(engine: Any, scope: str) -> str:
    """What keeps the cached answers of an engine apart: its name and its configuration."""
    host = host_of(engine)
    config = getattr(host.engine, "config", None)
    try:
        written = scope_of(host.name, type(host.engine).__qualname__, config)
    except InvalidRequestError:
        # Settings that are no data: only this very object can be told from others, and on a
        # Redis server that processes share, an address in memory is nobody's own.
        written = scope_of(host.name, uuid4().hex)
    return scope + "/" + written.hex() if scope else host.name + "/" + written.hex()


class _Searching:
    """What both processors of searches ask of a request."""

    def checked(self, item: Mapping[str, Any]) -> dict[str, Any]:
        """Return the request with its query, limit and subset checked."""
        request = dict(item)
        request["query"] = query_of(item)
        request["limit"] = limit_of(item)
        request["subset"] = subset_of(item)
        return request


class AsyncQueryProcessor(_Searching, Processor):
    """Searches for each query by itself; for engines that only wait for others.

    Args:
        engine: An engine that can search.
        cache_size: Most cached responses; -1 or 0 for no cache.
        cache_ttl: Seconds for which a response is kept.
        cache_key: Makes the cache's key of a request instead of the whole request.
        **kwargs: Further parameters of :class:`Processor`.

    Raises:
        UnsupportedFeatureError: If the engine cannot search.
    """

    def __init__(
        self,
        engine: Any,
        cache_size: int = 1024,
        cache_ttl: float = 600,
        cache_key: Callable[[dict[str, Any]], Hashable] | None = None,
        **kwargs: Any,
    ) -> None:
        kwargs["scope"] = scope_for(engine, kwargs.get("scope", ""))
        super().__init__(cache_size, cache_ttl, cache_key, **kwargs)
        self.host = host_of(engine)
        self.engine = self.host.engine
        self._search = self.host.method("search")

    async def _submit(self, item: dict[str, Any]) -> dict[str, Any]:
        rankings = await self._search(
            [item["query"]], limit=[item["limit"]], subsets=[item["subset"]], **options_of(item)
        )
        scores = ranking_from(rankings[0], item["limit"], self.host.name)
        return answer(item, self.host.name, scores=scores)


class BatchQueryProcessor(_Searching, BatchProcessor):
    """Searches for the queries of a batch in one call of the engine.

    Requests with different options never share a call: the engine takes one set a batch.

    Args:
        engine: An engine that can search.
        **kwargs: Parameters of :class:`BatchProcessor`.

    Raises:
        UnsupportedFeatureError: If the engine cannot search.
    """

    def __init__(self, engine: Any, **kwargs: Any) -> None:
        kwargs["scope"] = scope_for(engine, kwargs.get("scope", ""))
        super().__init__(**kwargs)
        self.host = host_of(engine)
        self.engine = self.host.engine
        self.batcher.name = self.host.name
        self._search = self.host.method("search")

    def group_of(self, item: Mapping[str, Any]) -> Hashable:
        """The engine's options, in the one form that equal options have."""
        options = options_of(item)
        return canonical(options) if options else None

    async def _process_batch(self, batch: list[dict[str, Any]]) -> Sequence[Any]:
        rankings = await self._search(
            [item["query"] for item in batch],
            limit=[item["limit"] for item in batch],
            subsets=[item["subset"] for item in batch],
            **options_of(batch[0]),
        )
        name = self.host.name
        return each(
            batch,
            rankings,
            lambda item, found: answer(item, name, scores=ranking_from(found, item["limit"], name)),
        )


class BatchDecomposeQueryProcessor(BatchProcessor):
    """Splits the queries of a batch in one call of the engine.

    Args:
        engine: An engine that can decompose queries.
        **kwargs: Parameters of :class:`BatchProcessor`.

    Raises:
        UnsupportedFeatureError: If the engine cannot decompose queries.
    """

    def __init__(self, engine: Any, **kwargs: Any) -> None:
        # One engine may search and split: the same query has an answer of each kind.
        kwargs["scope"] = scope_for(engine, kwargs.get("scope", "")) + "/decompose"
        super().__init__(**kwargs)
        self.host = host_of(engine)
        self.engine = self.host.engine
        self.batcher.name = self.host.name
        self._decompose = self.host.method("decompose_query")

    def checked(self, item: Mapping[str, Any]) -> dict[str, Any]:
        """Return the request with its query and limit checked."""
        request = dict(item)
        request["query"] = query_of(item)
        request["limit"] = limit_of(item)
        return request

    def group_of(self, item: Mapping[str, Any]) -> Hashable:
        """The engine's options, such as a prompt: each tenant's own are used for its queries."""
        options = options_of(item)
        return canonical(options) if options else None

    async def _process_batch(self, batch: list[dict[str, Any]]) -> Sequence[Any]:
        split = await self._decompose(
            [item["query"] for item in batch],
            limit=[item["limit"] for item in batch],
            **options_of(batch[0]),
        )
        name = self.host.name
        return each(
            batch,
            split,
            lambda item, found: answer(
                item, name, queries=queries_from(found, item["limit"], name)
            ),
        )


def each(
    batch: Sequence[dict[str, Any]],
    found: Sequence[Any],
    make: Callable[[dict[str, Any], Any], dict[str, Any]],
) -> list[Any]:
    """Make each item's response; what is wrong with one becomes that one's error.

    Args:
        batch: The requests.
        found: What the engine returned for them; a number other than theirs is left to the
            batcher, which divides the batch.
        make: Makes one response.
    """
    if len(found) != len(batch):
        return list(found)
    responses: list[Any] = []
    for item, result in zip(batch, found, strict=True):
        try:
            responses.append(result if isinstance(result, Exception) else make(item, result))
        except Exception as error:
            # Raised at its own caller by the batcher; its neighbours' answers are good.
            responses.append(error)
    return responses
