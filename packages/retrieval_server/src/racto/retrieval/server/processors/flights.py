"""Single flight: while a request is on its way, its like wait for the same answer."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Hashable
from typing import Any, TypeAlias

from racto.core.errors import DeadlineExceededError
from racto.retrieval.server.errors import QueueFullError, ServiceClosedError, own_error

_Flight: TypeAlias = tuple[asyncio.Task[Any], list[asyncio.Future[None]]]


class Flights:
    """Requests under way by key; the work ends when the last of those who wait has gone.

    Args:
        name: Name of the service in messages.
        most: How many different requests may be under way; further ones are refused.
    """

    def __init__(self, name: str, *, most: int = 1024) -> None:
        self._name = name
        self._most = most
        self._flying: dict[Hashable, _Flight] = {}
        self.joined = 0
        self.refused = 0

    def __len__(self) -> int:
        return len(self._flying)

    async def fly(
        self,
        key: Hashable,
        work: Callable[[], Coroutine[Any, Any, Any]],
        deadline: float | None = None,
    ) -> Any:
        """Start the work, or wait for the one that has been started for this key.

        Args:
            key: What makes requests the same.
            work: Starts it.
            deadline: The loop's time after which the caller is not interested any more.

        Raises:
            QueueFullError: If too many are under way.
            DeadlineExceededError: If the deadline passed.
        """
        task, waiting = self._flying.get(key) or self._start(key, work)
        # One future for each caller: who gives up must not take the others' answer along.
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        waiting.append(future)
        self.joined += len(waiting) > 1
        try:
            if deadline is None:
                await future
            else:
                async with asyncio.timeout_at(deadline):
                    await future
        except TimeoutError as error:
            raise DeadlineExceededError(
                f"{self._name!r} did not answer before the request's deadline"
            ) from error
        finally:
            waiting.remove(future)
            if not waiting and not task.done():
                self._flying.pop(key, None)
                task.cancel()
        return self._landing(task)

    async def aclose(self, timeout_s: float = 30.0) -> None:
        """Wait for what is under way, and cancel what takes longer than so many seconds."""
        tasks = [task for task, _ in self._flying.values()]
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=timeout_s)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    def _start(self, key: Hashable, work: Callable[[], Coroutine[Any, Any, Any]]) -> _Flight:
        if len(self._flying) >= self._most:
            self.refused += 1
            raise QueueFullError(
                f"{self._name!r} has {len(self._flying)} requests under way, its limit",
                retry_after=1.0,
            )
        task = asyncio.get_running_loop().create_task(work())
        entry: _Flight = (task, [])
        self._flying[key] = entry
        task.add_done_callback(lambda done: self._landed(key, done, entry[1]))
        return entry

    def _landing(self, task: asyncio.Task[Any]) -> Any:
        if task.cancelled():
            # Those who wait were not cancelled themselves, and their transport needs a reply.
            raise ServiceClosedError(f"{self._name!r} was stopped")
        error = task.exception()
        if error is not None:
            raise own_error(error, self._name)
        return task.result()

    def _landed(
        self, key: Hashable, task: asyncio.Task[Any], waiting: list[asyncio.Future[None]]
    ) -> None:
        for future in waiting:
            if not future.done():
                future.set_result(None)
        if key in self._flying and self._flying[key][0] is task:
            del self._flying[key]
        if not task.cancelled():
            # Marks an error as seen: those who waited may all have gone.
            task.exception()
