"""Requests become batches: at once when the engine is idle, and what comes meanwhile is the next.

A batcher belongs to one event loop. It has no worker task: each arrival and each end of a batch
looks whether a batch can start, so that an idle one costs nothing and leaks nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Sequence
from typing import Any, TypeAlias

from racto.core.errors import DeadlineExceededError, EngineError, RactoGatewayError
from racto.retrieval.server.errors import QueueFullError, ServiceClosedError

from .queues import GroupedQueue
from .settings import BatchSettings
from .stats import BatcherStats, Counts
from .tickets import Ticket

Runner: TypeAlias = Callable[[Sequence[Any], Any], Awaitable[Sequence[Any]]]
"""Runs a batch of equal group: takes the items and the group, returns a result for each; an
exception in a result's place is raised for that item alone."""


class Batcher:
    """Collects requests into batches and hands each caller its own result or its own error.

    - Identical requests (equal ``key``) that are on their way share one place in one batch.
    - A request whose callers have all gone is taken out of the queue.
    - A failed batch is divided until the faulty requests stand alone.

    Args:
        run: Runs one batch.
        settings: Sizes, waiting time and limits; the defaults suit a GPU model.
        name: Name of the engine in messages.
    """

    def __init__(
        self, run: Runner, settings: BatchSettings | None = None, *, name: str = "engine"
    ) -> None:
        self.settings = settings or BatchSettings()
        self.name = name
        self._run = run
        self._queue = GroupedQueue(self.settings)
        self._known: dict[Hashable, Ticket] = {}
        self._counts = Counts()
        self._tasks: set[asyncio.Task[None]] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._timer: asyncio.Handle | None = None
        self._closing = False
        self._idle: asyncio.Future[None] | None = None

    @property
    def stats(self) -> BatcherStats:
        """What has happened so far, and what waits and runs now."""
        return self._counts.seen(waiting=len(self._queue), running=len(self._tasks))

    async def submit(
        self,
        item: Any,
        *,
        group: Hashable = None,
        key: Hashable | None = None,
        work: float = 1.0,
        deadline: float | None = None,
    ) -> Any:
        """Wait for the result of one request.

        Args:
            item: The request; handed to the runner as it is.
            group: What all requests of a batch must share, such as options; it reaches the runner.
            key: Requests of equal key are the same: while one is on its way, others join it and
                get the same object. None never joins.
            work: Its share of ``max_work``.
            deadline: The loop's time after which nobody is interested any more.

        Returns:
            What the runner returned for it.

        Raises:
            QueueFullError: If too many wait; ``retry_after`` is an estimate in seconds.
            DeadlineExceededError: If the deadline passed; a request still in the queue is dropped.
            ServiceClosedError: If the batcher is closing.
            EngineError: If the engine failed on this request.
        """
        loop = self._of_this_loop()
        ticket = self._known.get(key) if key is not None else None
        if ticket is None:
            ticket = self._enter(item, group, work=work, key=key, now=loop.time())
        else:
            self._counts.joined += 1
        # One future for each caller: cancelling a shared one would cancel it for all of them.
        future: asyncio.Future[Any] = loop.create_future()
        ticket.waiters.append(future)
        if deadline is None:
            return await self._wait(ticket, future)
        try:
            async with asyncio.timeout_at(deadline):
                return await self._wait(ticket, future)
        except TimeoutError as error:
            raise DeadlineExceededError(
                f"{self.name!r} did not answer before the request's deadline"
            ) from error

    async def aclose(self, timeout_s: float = 30.0) -> None:
        """Take nothing new, finish what waits and runs, and fail what is left after the time.

        Args:
            timeout_s: How long to wait, in seconds.
        """
        self._closing = True
        loop = self._of_this_loop()
        if len(self._queue) or self._tasks:
            self._pump()
            self._idle = self._idle or loop.create_future()
            await asyncio.wait([self._idle], timeout=timeout_s)
        for ticket in self._queue.drain():
            self._fail(ticket, ServiceClosedError(f"{self.name!r} was closed before its turn"))
        # Only those that ran past the time are left here.
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _wait(self, ticket: Ticket, future: asyncio.Future[Any]) -> Any:
        try:
            return await future
        finally:
            ticket.waiters.remove(future)
            # Nobody is left and no batch has begun: the work is not done at all.
            if not ticket.waiters and self._queue.remove(ticket):
                self._counts.abandoned += 1
                self._leave(ticket)

    def _of_this_loop(self) -> asyncio.AbstractEventLoop:
        loop = asyncio.get_running_loop()
        if self._loop is None:
            self._loop = loop
        elif self._loop is not loop:
            raise RactoGatewayError(
                f"the batcher of {self.name!r} belongs to another event loop; make one for each"
            )
        return loop

    def _enter(
        self, item: Any, group: Hashable, *, work: float, key: Hashable | None, now: float
    ) -> Ticket:
        if self._closing:
            raise ServiceClosedError(f"{self.name!r} is closing and takes no more requests")
        if len(self._queue) >= self.settings.max_queue:
            self._counts.refused += 1
            raise QueueFullError(
                f"{self.name!r} has {len(self._queue)} requests waiting, its limit; come again "
                "after retry_after seconds",
                retry_after=self._counts.patience(len(self._queue)),
            )
        ticket = Ticket(item, group, work=work, key=key, since=now)
        if key is not None:
            self._known[key] = ticket
        self._queue.add(ticket)
        self._counts.submitted += 1
        self._wake()
        return ticket

    def _wake(self, due: float = 0.0) -> None:
        loop = asyncio.get_running_loop()
        if self._timer is not None:
            self._timer.cancel()
        # Not at once: what arrives in the same turn of the loop belongs into the same batch.
        self._timer = loop.call_at(due, self._pump) if due else loop.call_soon(self._pump)

    def _pump(self) -> None:
        loop = asyncio.get_running_loop()
        self._timer = None
        while len(self._queue) and len(self._tasks) < self.settings.in_flight:
            batch, due = self._queue.take(loop.time(), hurry=self._closing)
            if not batch:
                self._wake(due)
                break
            task = loop.create_task(self._batch(batch))
            self._tasks.add(task)
            task.add_done_callback(self._ended)
        if self._idle is not None and not self._tasks and not self._idle.done():
            self._idle.set_result(None)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._pump()

    async def _batch(self, batch: list[Ticket]) -> None:
        loop = asyncio.get_running_loop()
        started = loop.time()
        self._counts.begin(batch, started)
        try:
            await self._settle(batch, until=started + self.settings.isolation_s)
        finally:
            self._counts.busy_s += loop.time() - started
            for ticket in batch:
                # Only a cancelled batch leaves anybody waiting here.
                self._fail(ticket, ServiceClosedError(f"{self.name!r} was stopped"))

    async def _settle(self, batch: list[Ticket], until: float) -> None:
        try:
            results = await self._run([ticket.item for ticket in batch], batch[0].group)
            self._check(results, batch)
        except Exception as error:
            if len(batch) == 1 or not _may_be_one(error) or _now() > until:
                self._counts.failed += len(batch)
                for ticket in batch:
                    self._fail(ticket, error)
                return
            middle = len(batch) // 2
            for half in (batch[:middle], batch[middle:]):
                if wanted := self._still_wanted(half):
                    await self._settle(wanted, until)
            return
        for ticket, result in zip(batch, results, strict=True):
            if isinstance(result, BaseException):
                self._counts.failed += 1
                self._fail(ticket, result)
            else:
                self._leave(ticket)
                ticket.finish(result)

    def _still_wanted(self, batch: list[Ticket]) -> list[Ticket]:
        # Those whose callers went meanwhile need no second run, and nobody may join them now.
        for ticket in batch:
            if not ticket.waiters:
                self._leave(ticket)
        return [ticket for ticket in batch if ticket.waiters]

    def _fail(self, ticket: Ticket, error: BaseException) -> None:
        self._leave(ticket)
        ticket.fail(error, self.name)

    def _check(self, results: Sequence[Any], batch: list[Ticket]) -> None:
        if len(results) != len(batch):
            raise EngineError(
                f"engine {self.name!r} returned {len(results)} results for {len(batch)} requests"
            )

    def _leave(self, ticket: Ticket) -> None:
        # Before its result is handed out: whoever joined afterwards would wait for ever.
        if ticket.key is not None and self._known.get(ticket.key) is ticket:
            del self._known[ticket.key]


def _now() -> float:
    return asyncio.get_running_loop().time()


def _may_be_one(error: Exception) -> bool:
    """Whether one request may be to blame; a back end that is down fails all of them alike."""
    if isinstance(error, RactoGatewayError):
        return not error.retryable
    return not isinstance(error, (MemoryError, ConnectionError, TimeoutError))
