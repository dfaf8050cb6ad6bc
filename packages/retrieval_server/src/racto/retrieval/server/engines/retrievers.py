"""RetrieverEngine: any retriever as an engine that searches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from racto.core import Engine
from racto.core.documents import RetrievalResult
from racto.core.errors import EngineError
from racto.core.flows import Flow, arun, gather, step
from racto.core.protocols import BatchRetriever, Retriever

from .plugins import part
from .rankings import BY, each_limit, filter_of, grouped, ranking
from .settings import Settings

_KNOWN = ("retriever", "by", "subset_field", "width")


class RetrieverEngine(Engine):
    """Serves a retriever: of meaning, of words, of both, or of anything behind the protocol.

    Settings: ``retriever`` (the name of a plug-in, or an object of ``name`` and its options),
    ``by``, ``subset_field`` and ``width`` as in :class:`DenseEngine`.

    Args:
        name: Name under which it is served.
        config: Its settings, or the path of a JSON file with them.
        retriever: The retriever, instead of the setting.
        **options: Settings that override those of ``config``.

    Raises:
        ConfigurationError: If a setting is wrong, or there is no retriever.
        PluginNotFoundError: If the plug-in is not installed.
    """

    def __init__(
        self,
        name: str = "",
        config: Mapping[str, Any] | str | Path | None = None,
        *,
        retriever: Retriever | None = None,
        **options: Any,
    ) -> None:
        super().__init__(name, config, **options)
        settings = Settings(self.name, self.config, known=_KNOWN)
        self._by = settings.choice("by", BY)
        self._field = settings.text("subset_field") if settings.has("subset_field") else ""
        self._width = settings.count("width", 8, 1, 1024)
        self._retriever: Retriever = part(
            self.name, "retrievers", "retriever", retriever, self.config
        )

    async def search_batch(
        self,
        queries: Sequence[str],
        limit: int | Sequence[int] = 20,
        subsets: Sequence[str | None] | None = None,
        **kw: Any,
    ) -> list[dict[str, float]]:
        """The best chunks, or their documents, for each query, best first.

        Args:
            queries: n queries.
            limit: Most ids, for all or one each.
            subsets: The part of the collection to search in, one each.
            **kw: ``filters``, a metadata filter for all of them.

        Raises:
            ConfigurationError: If a subset is wanted, and there is no ``subset_field``.
            FilterError: If the filter is malformed.
            EngineError: If the retriever gives another number of answers.
        """
        answers: list[dict[str, float]] = [{}] * len(queries)
        groups = grouped(each_limit(limit, len(queries)), subsets)
        flows = [
            self._group(
                [queries[at] for at in places],
                most,
                filter_of(self.name, self._field, subset, kw.get("filters")),
            )
            for (most, subset), places in groups.items()
        ]
        found = await arun(gather(flows, width=self._width))
        for places, rankings in zip(groups.values(), found, strict=True):
            for place, scores in zip(places, rankings, strict=True):
                answers[place] = scores
        return answers

    def _group(
        self, queries: list[str], most: int, filters: Mapping[str, Any] | None
    ) -> Flow[list[dict[str, float]]]:
        # Several chunks may belong to one document.
        depth = most if self._by == "chunk" else most * 4
        way = self._retriever
        found: list[list[RetrievalResult]]
        if isinstance(way, BatchRetriever) and len(queries) > 1:
            found = yield from step(
                way.retrieve_batch, way.aretrieve_batch, queries, depth, filters
            )
        else:
            flows = [step(way.retrieve, way.aretrieve, query, depth, filters) for query in queries]
            found = yield from gather(flows, width=self._width)
        if len(found) != len(queries):
            raise EngineError(
                f"the retriever of engine {self.name!r} gave {len(found)} answers for "
                f"{len(queries)} queries"
            )
        return [ranking(results, most, self._by) for results in found]
