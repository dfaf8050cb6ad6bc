"""Routes: what each path answers, one request or many in one body."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from typing import Any, TypeAlias

from racto.core.errors import DeadlineExceededError, EngineError
from racto.retrieval.server.cache import canonical
from racto.retrieval.server.errors import DocumentNotFoundError, InvalidRequestError

from .payloads import check_options, item_of, text_of
from .replies import failure
from .services import Services

Handler: TypeAlias = Callable[[Services, Mapping[str, Any]], Coroutine[Any, Any, dict[str, Any]]]
"""Answers one request: takes the services and the request's fields."""

_MOST_SHARED = 32 * 1024 * 1024

PATHS = {
    "/search": "search",
    "/query": "search",
    "/score": "score",
    "/decompose_query": "decompose_query",
    "/fuse": "fuse",
    "/content": "content",
    "/pipeline": "pipeline",
}
"""What is done at each path of the wire contract that takes a body."""


class Routes:
    """Answers bodies by path.

    Args:
        max_requests: Most requests in one body of the batch form.
    """

    def __init__(self, *, max_requests: int = 256) -> None:
        self._most = max_requests
        special: dict[str, Handler] = {"content": _content, "pipeline": _pipeline}
        self._handlers = {
            path: special.get(role) or _by_service(role) for path, role in PATHS.items()
        }

    def __contains__(self, path: str) -> bool:
        return path in self._handlers

    async def __call__(
        self,
        path: str,
        services: Services,
        data: Mapping[str, Any],
        *,
        request_id: str,
        deadline: float | None = None,
    ) -> tuple[int, dict[str, Any]]:
        """Answer a body.

        Args:
            path: One of :data:`PATHS`.
            services: The services.
            data: The body; with a list ``requests`` it is the batch form, and its other fields
                are those of every request that does not have its own.
            request_id: Names the request in replies and logs.
            deadline: The loop's time after which nobody is interested any more.

        Returns:
            The status and the body. A batch with an error in it has 207, and not 200.
        """
        handler = self._handlers[path]
        if "requests" not in data:
            return 200, await _timed(handler(services, data), deadline)
        requests = self._requests(data)
        shared = {name: value for name, value in data.items() if name != "requests"}
        # Each request is checked and keyed with them: a small body must not become gigabytes.
        if len(canonical(shared)) * len(requests) > _MOST_SHARED:
            raise InvalidRequestError(
                "the fields outside requests count for each of them, and are too large for that"
            )
        # Each alone in its task, so that they share batches and none fails for another.
        outcomes = await asyncio.gather(
            *(
                _outcome(
                    _timed(handler(services, {**shared, **one}), deadline), f"{request_id}.{at}"
                )
                for at, one in enumerate(requests)
            )
        )
        status = 207 if any("error" in outcome for outcome in outcomes) else 200
        return status, {"responses": list(outcomes)}

    def _requests(self, data: Mapping[str, Any]) -> list[Mapping[str, Any]]:
        requests = data["requests"]
        if not isinstance(requests, list) or not 1 <= len(requests) <= self._most:
            raise InvalidRequestError(
                f"requests must be a list of 1 to {self._most} objects", field="requests"
            )
        for at, one in enumerate(requests):
            if not isinstance(one, Mapping) or "requests" in one:
                raise InvalidRequestError(
                    f"requests[{at}] must be an object with the fields of one request",
                    field=f"requests[{at}]",
                )
        return requests


async def _timed(
    work: Coroutine[Any, Any, dict[str, Any]], deadline: float | None
) -> dict[str, Any]:
    # One clock for whatever a request needs; its end is to a queue as if the caller hung up.
    try:
        async with asyncio.timeout_at(deadline) as clock:
            return await work
    except TimeoutError as error:
        if not clock.expired():
            raise
        raise DeadlineExceededError("the request's time was over") from error


async def _outcome(work: Awaitable[dict[str, Any]], request_id: str) -> dict[str, Any]:
    try:
        return await work
    except Exception as error:
        status, told = failure(error, request_id)
        return {**told, "status": status}


def _by_service(role: str) -> Handler:
    async def answered(services: Services, data: Mapping[str, Any]) -> dict[str, Any]:
        name = text_of(data, "service")
        processor = services.registry.find(name, role)
        # Checked here too: not every processor asks for it, and every response repeats it.
        if not isinstance(data.get("query"), str):
            raise InvalidRequestError("query must be a text, and is missing", field="query")
        response = await processor.submit(item_of(data))
        response["query"] = data["query"]
        response["service"] = name
        return response

    return answered


async def _content(services: Services, data: Mapping[str, Any]) -> dict[str, Any]:
    name = text_of(data, "collection")
    wanted = text_of(data, "id")
    processor = services.registry.find(name, "content")
    item: dict[str, Any] = {"id": wanted}
    if data.get("view") is not None:
        item["view"] = text_of(data, "view")
    response = await processor.submit(item)
    if "text" not in response:
        raise DocumentNotFoundError(f"collection {name!r} has no document {wanted!r}")
    if isinstance(response["text"], (bytes, bytearray, memoryview)):
        raise InvalidRequestError("this view holds bytes, which JSON cannot carry", field="view")
    # Importing servers read both.
    return {**response, "id": wanted, "collection": name}


async def _pipeline(services: Services, data: Mapping[str, Any]) -> dict[str, Any]:
    options = data.get("runtime_kwargs")
    if options is not None and not isinstance(options, Mapping):
        raise InvalidRequestError("runtime_kwargs must be an object", field="runtime_kwargs")
    for alias, given in (options or {}).items():
        if isinstance(given, Mapping):
            check_options(given, f"runtime_kwargs.{alias}.")
    collection = data.get("collection")
    if collection is not None:
        collection = text_of(data, "collection")
    if not isinstance(data.get("query"), str):
        raise InvalidRequestError("query must be a text, and is missing", field="query")
    text = text_of(data, "pipeline")
    try:
        return await services.pipelines.arun(
            text,
            data["query"],
            collection=collection,
            runtime_kwargs=options,
            explain=data.get("explain") is True,
        )
    except DocumentNotFoundError as error:
        # The client named no document: that index and collection differ is the server's fault.
        raise EngineError("the collection lacks a document that a search found") from error
