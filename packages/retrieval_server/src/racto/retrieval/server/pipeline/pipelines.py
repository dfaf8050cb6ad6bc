"""The pipelines of a server: read once, checked once, their results kept if one likes."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

from racto.core.portals import wait
from racto.retrieval.server.cache import Cache, canonical, scope_of
from racto.retrieval.server.cache.copies import copied
from racto.retrieval.server.errors import InvalidRequestError
from racto.retrieval.server.processors.flights import Flights
from racto.retrieval.server.registry import Registry

from .aliases import Aliases
from .grammar import PipelineLimits
from .plans import Plan, plan
from .runs import PipelineRun

_PLANS = 1024


class Pipelines:
    """Runs pipelines over the services of a registry.

    Args:
        registry: The services there are.
        aliases: Names for whole pipelines, with their texts.
        limits: How much one pipeline may ask for.
        dynamic: Whether callers may write pipelines; if not, they name one of the aliases.
        cache: Keeps results by pipeline, query, collection and options; None keeps none.
        scope: What keeps the cached results of this server apart from those of others.

    Raises:
        PipelineError: If an alias cannot be read, clashes with a service, or goes in a circle.
    """

    def __init__(
        self,
        registry: Registry,
        *,
        aliases: Mapping[str, str] | None = None,
        limits: PipelineLimits | None = None,
        dynamic: bool = True,
        cache: Cache | None = None,
        scope: str = "",
    ) -> None:
        self.registry = registry
        self.limits = limits or PipelineLimits()
        self.dynamic = dynamic
        self.cache = cache
        services = registry.get_all_services()
        taken = {name for role, names in services.items() if role != "content" for name in names}
        self.aliases = Aliases(aliases, taken=taken, limits=self.limits)
        self._scope = scope_of("pipeline", scope)
        self._plans: OrderedDict[str, Plan] = OrderedDict()
        self._flights = Flights("pipeline")

    def plan(self, text: str) -> Plan:
        """Read and check a pipeline; the last thousand or so are remembered.

        Raises:
            PipelineError: If it cannot be run here.
        """
        known = self._plans.get(text)
        if known is not None:
            self._plans.move_to_end(text)
            return known
        made = plan(text, self.registry, self.aliases, self.limits, dynamic=self.dynamic)
        self._plans[text] = made
        if len(self._plans) > _PLANS:
            self._plans.popitem(last=False)
        return made

    def run(
        self,
        pipeline: str,
        query: str,
        *,
        collection: str | None = None,
        runtime_kwargs: Mapping[str, Mapping[str, Any]] | None = None,
        deadline: float | None = None,
        explain: bool = False,
    ) -> dict[str, Any]:
        """Blocking twin of :meth:`arun`, for scripts and notebooks.

        It runs on one loop that all such calls of the process share: a registry is used from
        there or from a loop of your own, and not from both.
        """
        return wait(
            lambda: self.arun(
                pipeline,
                query,
                collection=collection,
                runtime_kwargs=runtime_kwargs,
                deadline=deadline,
                explain=explain,
            )
        )

    async def arun(
        self,
        pipeline: str,
        query: str,
        *,
        collection: str | None = None,
        runtime_kwargs: Mapping[str, Mapping[str, Any]] | None = None,
        deadline: float | None = None,
        explain: bool = False,
    ) -> dict[str, Any]:
        """Run a pipeline for a query.

        Args:
            pipeline: The pipeline, or an alias.
            query: What to search for.
            collection: Where the documents' texts come from; needed where results are reordered.
            runtime_kwargs: Options by alias of the call that gets them.
            deadline: The loop's time after which nobody is interested any more.
            explain: Whether the response tells each stage's time and size; such a run is not
                taken from the cache.

        Returns:
            The last stage's response: ``scores`` from best to worst, ``query``, ``cached``, and
            where they apply ``expanded_queries`` and ``explain``.

        Raises:
            PipelineError: If the pipeline cannot be run here.
            InvalidRequestError: If the query is no text, or options or collection are wrong.
            ServiceNotFound: If there is no such collection.
            EngineError: If a service failed.
            DeadlineExceededError: If the deadline passed.
        """
        if not isinstance(query, str):
            raise InvalidRequestError(
                f"query must be a text, not a {type(query).__name__}", field="query"
            )
        ready = self.plan(pipeline)
        alone = explain or self.cache is None
        run = PipelineRun(
            ready,
            self.registry,
            collection=collection,
            options=runtime_kwargs,
            # Others may join a shared run: the time of the first is not theirs.
            deadline=deadline if alone else None,
            explain=explain,
        )
        if explain or self.cache is None:
            # A trace of a cached answer would tell of work that was not done.
            response = await run.results(query)
            return self._said(response, run, query, explain=explain)
        key = self._scope + canonical([str(ready.chain), query, collection, runtime_kwargs])
        hit = await self.cache.get(key)
        if isinstance(hit, dict):
            return {**hit, "cached": True}
        # A hundred users who press return at once on one hot query are one run.
        found = await self._flights.fly(key, lambda: run.results(query), deadline)
        # Who changes an answer must not change that of others, nor what is kept.
        response = copied(found)
        said = self._said(response, run, query, explain=False)
        await self.cache.put(key, said)
        return said

    def _said(
        self, response: dict[str, Any], run: PipelineRun, query: str, *, explain: bool
    ) -> dict[str, Any]:
        response["query"] = query
        response["cached"] = False
        if explain:
            response["explain"] = run.trace
        return response
