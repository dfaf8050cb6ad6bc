"""Runs of pipelines: each score stays with its own document, each sub-query is really searched."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Coroutine, Mapping, Sequence
from typing import Any

from racto.core.errors import EngineError
from racto.retrieval.server.errors import DocumentNotFoundError, InvalidRequestError
from racto.retrieval.server.processors import Processor
from racto.retrieval.server.registry import Registry

from .nodes import Call, Chain, Fork, Stage
from .plans import Plan

# What a run's options must not replace: the pipeline itself decides about these.
_FIXED = ("query", "passages", "scores", "service", "view")

_READERS = 32


class PipelineRun:
    """One run of one plan for one query.

    Args:
        plan: What to run.
        registry: The services that the plan was made for.
        collection: Where the documents' texts come from; needed where results are reordered.
        options: Options by alias of the call that gets them.
        deadline: The loop's time after which nobody is interested any more.
        explain: Whether to write down what each stage did.

    Raises:
        InvalidRequestError: If a collection is missing, or options have no call or would replace
            what the pipeline decides.
        ServiceNotFound: If there is no such collection.
    """

    def __init__(
        self,
        plan: Plan,
        registry: Registry,
        *,
        collection: str | None = None,
        options: Mapping[str, Mapping[str, Any]] | None = None,
        deadline: float | None = None,
        explain: bool = False,
    ) -> None:
        self._plan = plan
        self._registry = registry
        self._options = _checked(options or {}, plan)
        self._deadline = deadline
        self._explain = explain
        self._content: Processor | None = None
        if plan.reranks:
            if not collection:
                raise InvalidRequestError(
                    "this pipeline reorders results by their texts: name the collection that has "
                    "them in the field 'collection'",
                    field="collection",
                )
            self._content = registry.find(collection, "content")
        self._texts: dict[tuple[str, str], Any] = {}
        self.trace: list[dict[str, Any]] = []
        self.subqueries: dict[str, list[str]] = {}

    async def results(self, query: str) -> dict[str, Any]:
        """Run it and return the last stage's response.

        Args:
            query: What to search for.

        Returns:
            The last stage's response with ``scores`` from best to worst, and
            ``expanded_queries`` by alias where queries were split.

        Raises:
            EngineError: If a service failed, or returned what its role does not.
            DocumentNotFoundError: If a found document is not in the collection.
        """
        response = await self._chain(self._plan.chain, query, None)
        if self.subqueries:
            response["expanded_queries"] = dict(self.subqueries)
        return response

    async def _chain(
        self, chain: Chain, query: str, found: Mapping[str, float] | None
    ) -> dict[str, Any]:
        response: dict[str, Any] = {}
        for stage in chain.stages:
            response = await self._stage(stage, query, found)
            found = response["scores"]
        return response

    def _stage(
        self, stage: Stage, query: str, found: Mapping[str, float] | None
    ) -> Coroutine[Any, Any, dict[str, Any]]:
        if isinstance(stage, Fork):
            return self._fork(stage, query, found)
        if found is None:
            return self._search(stage, query)
        return self._rerank(stage, query, found)

    async def _search(self, call: Call, query: str) -> dict[str, Any]:
        response = await self._asked(call, "search", query, {})
        scores = response.get("scores")
        if not isinstance(scores, dict):
            raise _misshaped(call, "search", "an object of scores")
        response["scores"] = _ordered(scores, call.limit)
        return response

    async def _rerank(self, call: Call, query: str, found: Mapping[str, float]) -> dict[str, Any]:
        ids = list(found)
        passages = await self._read(ids, call.view)
        response = await self._asked(call, "score", query, {"passages": passages})
        scores = response.get("scores")
        if not isinstance(scores, list) or len(scores) != len(ids):
            raise _misshaped(call, "score", f"{len(ids)} scores, one a passage")
        # In the very order in which the passages were handed over: score i is passage i's.
        response["scores"] = _ordered(dict(zip(ids, scores, strict=True)), call.limit)
        return response

    async def _fork(
        self, fork: Fork, query: str, found: Mapping[str, float] | None
    ) -> dict[str, Any]:
        queries = [query]
        if fork.expander is not None:
            queries = await self._expand(fork.expander, query)
        # Each sub-query goes through each branch as the query, and all rankings to the merger.
        responses = await _together(
            [self._chain(branch, asked, found) for asked in queries for branch in fork.branches]
        )
        rankings = [response["scores"] for response in responses]
        response = await self._asked(fork.merger, "fuse", query, {"scores": rankings})
        scores = response.get("scores")
        if not isinstance(scores, dict):
            raise _misshaped(fork.merger, "fuse", "an object of scores")
        response["scores"] = _ordered(scores, fork.merger.limit)
        return response

    async def _expand(self, call: Call, query: str) -> list[str]:
        response = await self._asked(call, "decompose_query", query, {})
        queries = response.get("queries")
        if not isinstance(queries, list) or not all(isinstance(q, str) for q in queries):
            raise _misshaped(call, "decompose_query", "a list of queries")
        # A query that cannot be split is its own only part; nothing would be searched otherwise.
        # The plan's count of calls holds whatever an option or the service has for a limit.
        most = self._plan.subqueries if call.limit is None else call.limit
        queries = queries[:most] or [query]
        self.subqueries[call.key] = queries
        return queries

    async def _asked(
        self, call: Call, role: str, query: str, given: Mapping[str, Any]
    ) -> dict[str, Any]:
        # Options come last but one: what the pipeline itself says about a limit counts.
        payload: dict[str, Any] = {"query": query, **given, **self._options.get(call.key, {})}
        if call.limit is not None and role != "score":
            payload["limit"] = call.limit
        processor = self._registry.find(call.name, role)
        if not self._explain:
            return await processor.submit(payload, deadline=self._deadline)
        started = time.perf_counter()
        response = await processor.submit(payload, deadline=self._deadline)
        self._noted(call, role, query, response, time.perf_counter() - started)
        return response

    def _noted(
        self, call: Call, role: str, query: str, response: Mapping[str, Any], seconds: float
    ) -> None:
        results = response.get("queries" if role == "decompose_query" else "scores") or ()
        self.trace.append(
            {
                "stage": str(call),
                "role": role,
                "query": query,
                "ms": round(seconds * 1000, 3),
                "results": len(results),
                "cached": bool(response.get("cached")),
            }
        )

    async def _read(self, ids: Sequence[str], view: str) -> list[Any]:
        """The documents' contents, in the order of the ids; each is read once a run."""
        texts = self._texts
        missing = [key for key in ids if (view, key) not in texts]
        if missing:
            for key, text in zip(missing, await self._fetched(missing, view), strict=True):
                texts[view, key] = text
        return [texts[view, key] for key in ids]

    async def _fetched(self, ids: Sequence[str], view: str) -> Sequence[Any]:
        content = self._content
        if content is None:
            raise InvalidRequestError("no collection was named", field="collection")
        # Whole batches where the collection can: a hundred documents are one read.
        fetch = getattr(content, "fetch", None)
        if fetch is not None:
            many: Sequence[Any] = await fetch(ids, view or None)
            return many
        texts: dict[str, Any] = {}
        left = iter(ids)

        async def read() -> dict[str, Any]:
            for key in left:
                item = {"id": key, "view": view} if view else {"id": key}
                response = await content.submit(item, deadline=self._deadline)
                if "text" not in response:
                    raise DocumentNotFoundError(f"the collection has no document {key!r}")
                texts[key] = response["text"]
            return texts

        # A few readers side by side: a task for each document is slower, and a thousand at once
        # are more than a collection lets in.
        await _together([read() for _ in range(min(_READERS, len(ids)))])
        return [texts[key] for key in ids]


def _checked(options: Mapping[str, Mapping[str, Any]], plan: Plan) -> dict[str, Mapping[str, Any]]:
    for key, given in options.items():
        field = f"runtime_kwargs.{key}"
        if key not in plan.keys:
            raise InvalidRequestError(
                f"{field}: the pipeline has no call of that name; it has: "
                f"{', '.join(sorted(plan.keys))}",
                field=field,
            )
        if not isinstance(given, Mapping):
            raise InvalidRequestError(f"{field} must be an object", field=field)
        if fixed := [name for name in _FIXED if name in given]:
            raise InvalidRequestError(
                f"{field} must not set {', '.join(fixed)}: the pipeline decides about that"
                + (" (write name@view)" if "view" in fixed else ""),
                field=field,
            )
    return dict(options)


def _ordered(scores: dict[str, float], limit: int | None) -> dict[str, float]:
    """Best first, and no more than asked for; what is in order already is not sorted again."""
    values = list(scores.values())
    if values != sorted(values, reverse=True):
        scores = dict(sorted(scores.items(), key=lambda pair: pair[1], reverse=True))
    if limit is not None and len(scores) > limit:
        scores = dict(list(scores.items())[:limit])
    return scores


def _misshaped(call: Call, role: str, wanted: str) -> EngineError:
    return EngineError(f"service {call.name!r} ({role}) did not return {wanted}")


async def _together(work: Sequence[Coroutine[Any, Any, dict[str, Any]]]) -> list[dict[str, Any]]:
    """Await all at once; the first failure ends the others and is raised as it is."""
    if len(work) == 1:
        return [await work[0]]
    tasks = [asyncio.ensure_future(part) for part in work]
    try:
        return list(await asyncio.gather(*tasks))
    except BaseException:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        raise
