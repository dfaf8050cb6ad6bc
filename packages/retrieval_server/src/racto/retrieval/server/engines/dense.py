"""DenseEngine: search by meaning over any vector store, with any embedder."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from racto.core import Engine
from racto.core.errors import EmbeddingError, EngineError
from racto.core.flows import Flow, arun, gather, step
from racto.core.protocols import BatchSearch, Embedder, QueryEmbedder, VectorStore

from .plugins import part
from .rankings import BY, each_limit, filter_of, grouped, ranking
from .settings import Settings

_KNOWN = ("store", "embedder", "by", "subset_field", "width")


class DenseEngine(Engine):
    """Finds the chunks of a store that are nearest to each query.

    Queries of a batch are embedded in one call, unless the embedder has a way of its own for
    questions, and searched in one pass where the store can. Settings: ``store`` and
    ``embedder`` (the name of a plug-in, or an object of ``name`` and its options), ``by``
    (``"chunk"``, or ``"document"`` for the best chunk of each document), ``subset_field`` (the
    metadata field that holds a chunk's part of the collection), ``width`` (how many calls may run
    at once, 8).

    Args:
        name: Name under which it is served.
        config: Its settings, or the path of a JSON file with them.
        store: The store, instead of the setting; whoever made it closes it.
        embedder: The embedder of its vectors, instead of the setting.
        **options: Settings that override those of ``config``.

    Raises:
        ConfigurationError: If a setting is wrong, or a part is missing.
        PluginNotFoundError: If a plug-in is not installed.
    """

    def __init__(
        self,
        name: str = "",
        config: Mapping[str, Any] | str | Path | None = None,
        *,
        store: VectorStore | None = None,
        embedder: Embedder | None = None,
        **options: Any,
    ) -> None:
        super().__init__(name, config, **options)
        settings = Settings(self.name, self.config, known=_KNOWN)
        self._by = settings.choice("by", BY)
        self._field = settings.text("subset_field") if settings.has("subset_field") else ""
        self._width = settings.count("width", 8, 1, 1024)
        self._embedder: Embedder = part(self.name, "embedders", "embedder", embedder, self.config)
        self._store: VectorStore = part(self.name, "vector_stores", "store", store, self.config)

    async def search_batch(
        self,
        queries: Sequence[str],
        limit: int | Sequence[int] = 20,
        subsets: Sequence[str | None] | None = None,
        **kw: Any,
    ) -> list[dict[str, float]]:
        """The nearest chunks, or their documents, for each query, best first.

        Args:
            queries: n queries.
            limit: Most ids, for all or one each.
            subsets: The part of the collection to search in, one each.
            **kw: ``filters``, a metadata filter for all of them.

        Raises:
            ConfigurationError: If a subset is wanted, and there is no ``subset_field``.
            FilterError: If the filter is malformed.
            EmbeddingError: If there is not one vector a query.
        """
        if not queries:
            return []
        limits = each_limit(limit, len(queries))
        groups = grouped(limits, subsets)
        # A wrong filter is told before anything is paid for.
        asked = [
            (most, filter_of(self.name, self._field, subset, kw.get("filters")), places)
            for (most, subset), places in groups.items()
        ]
        vectors = await arun(self._vectors(list(queries)))
        found = await arun(
            gather(
                [self._group(_rows(vectors, places), most, filters)
                 for most, filters, places in asked],
                width=self._width,
            )
        )  # fmt: skip
        answers: list[dict[str, float]] = [{}] * len(queries)
        for (_, _, places), rankings in zip(asked, found, strict=True):
            for place, scores in zip(places, rankings, strict=True):
                answers[place] = scores
        return answers

    def _vectors(self, queries: list[str]) -> Flow[Any]:
        # Models that tell questions from documents find little by a document's vector.
        if isinstance(self._embedder, QueryEmbedder):
            way = self._embedder
            flows = [step(way.embed_query, way.aembed_query, query) for query in queries]
            return (yield from gather(flows, width=self._width))
        vectors = yield from step(self._embedder.embed, self._embedder.aembed, queries)
        if len(vectors) != len(queries):
            raise EmbeddingError(
                f"the embedder of engine {self.name!r} gave {len(vectors)} vectors for "
                f"{len(queries)} queries"
            )
        return vectors

    def _group(
        self, vectors: Any, most: int, filters: Mapping[str, Any] | None
    ) -> Flow[list[dict[str, float]]]:
        depth = _depth(most, self._by)
        store = self._store
        if isinstance(store, BatchSearch) and len(vectors) > 1:
            found = yield from step(
                store.search_batch, store.asearch_batch, vectors, depth, filters
            )
        else:
            flows = [step(store.search, store.asearch, each, depth, filters) for each in vectors]
            found = yield from gather(flows, width=self._width)
        if len(found) != len(vectors):
            raise EngineError(
                f"the store of engine {self.name!r} gave {len(found)} results for "
                f"{len(vectors)} queries"
            )
        return [ranking(results, most, self._by) for results in found]


def _depth(most: int, by: str) -> int:
    """How many chunks to ask for; several may belong to one document."""
    return most if by == "chunk" else most * 4


def _rows(vectors: Any, places: list[int]) -> Any:
    """The vectors of some queries; those of all as they are, without a copy."""
    return vectors if len(places) == len(vectors) else [vectors[place] for place in places]
