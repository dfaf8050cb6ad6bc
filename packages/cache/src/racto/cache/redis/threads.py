"""The async voice of a client that has none: each of its calls in a worker thread."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Iterator
from itertools import islice
from typing import Any

_BATCH = 500


class ThreadedClient:
    """Answers as an async client of redis-py does, by a sync one.

    Args:
        client: The sync client; safe to share by threads, as redis-py's are.
    """

    def __init__(self, client: Any) -> None:
        self._client = client

    def __getattr__(self, name: str) -> Any:
        return _threaded(getattr(self._client, name))

    def scan_iter(self, *args: Any, **kwargs: Any) -> AsyncIterator[Any]:
        """The keys that the sync client finds, fetched in batches."""
        return self._found(*args, **kwargs)

    async def _found(self, *args: Any, **kwargs: Any) -> AsyncIterator[Any]:
        found: Iterator[Any] = iter(self._client.scan_iter(*args, **kwargs))
        while batch := await asyncio.to_thread(lambda: list(islice(found, _BATCH))):
            for key in batch:
                yield key

    def pipeline(self, *args: Any, **kwargs: Any) -> ThreadedPipeline:
        """A pipeline whose ``execute`` is awaited."""
        return ThreadedPipeline(self._client.pipeline(*args, **kwargs))

    def aclose(self) -> Awaitable[None]:
        """Nothing to do: the client belongs to whoever made it."""
        return asyncio.sleep(0)


class ThreadedPipeline:
    """A pipeline that is filled at once and sent in a worker thread.

    Args:
        pipeline: The sync client's.
    """

    def __init__(self, pipeline: Any) -> None:
        self._pipeline = pipeline

    async def __aenter__(self) -> ThreadedPipeline:
        return self

    async def __aexit__(self, *_: object) -> None:
        await asyncio.to_thread(self._pipeline.reset)

    def __getattr__(self, name: str) -> Any:
        # Commands are only noted down until execute(); a watched key is read at once.
        found = getattr(self._pipeline, name)
        waits = name in ("execute", "watch", "unwatch", "reset")
        return _threaded(found) if waits else found


def _threaded(found: Any) -> Any:
    if not callable(found):
        return found

    async def called(*args: Any, **kwargs: Any) -> Any:
        return await asyncio.to_thread(found, *args, **kwargs)

    return called
