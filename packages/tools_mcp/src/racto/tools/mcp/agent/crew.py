"""Runs the tool calls of one turn at once and tells of each as it starts and ends."""

from __future__ import annotations

import asyncio
import concurrent.futures
import queue
import threading
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeAlias

from racto.core.content import ToolCallResult, ToolResultPart
from racto.core.deadlines import NO_DEADLINE, Deadline
from racto.core.portals import wait
from racto.tools.mcp.loops import blocking_context

from .answers import failed
from .events import ToolFinished, ToolStarted
from .execution import ToolExecution
from .results import ToolRun
from .threads import begin

CANCELLING_SECONDS = 1.0
"""How long a cancelled tool may take to clean up before nobody waits for it any more."""

News: TypeAlias = ToolStarted | ToolFinished
"""What happened."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A call that is to be run.

    Attributes:
        position: Place of the call in its turn.
        call: The call as it is run.
        approved: Whether it was approved; None when nobody was asked.
    """

    position: int
    call: ToolCallResult
    approved: bool | None = None


class _Work:
    """A job at work."""

    def __init__(self, job: Job, deadline: Deadline) -> None:
        self.job = job
        self.deadline = deadline
        self.started = time.perf_counter()
        self.task: asyncio.Task[ToolResultPart] | None = None
        self._lock = threading.Lock()
        self._is_left = False
        self._on_loop: tuple[asyncio.AbstractEventLoop, asyncio.Task[Any] | None] | None = None

    def leave(self) -> None:
        """Wait no longer for a call in a thread, and cancel it there where that can be done."""
        with self._lock:
            self._is_left, found = True, self._on_loop
        if found is not None and found[1] is not None and not found[0].is_closed():
            found[0].call_soon_threadsafe(found[1].cancel)

    async def cancellable(self, execution: ToolExecution) -> ToolResultPart:
        """The call on the private loop of blocking code, where :meth:`leave` finds it."""
        with self._lock:
            if self._is_left:
                raise asyncio.CancelledError
            self._on_loop = (asyncio.get_running_loop(), asyncio.current_task())
        return await execution.acall(self.job.call)


class Crew:
    """The calls of one turn, at most so many at a time.

    A sync caller gets a thread for each call, which is a daemon: a tool that hangs holds neither
    the run beyond its time nor the program at its end. An async caller gets a task for each call.
    One call alone that may take any time runs in the caller's own thread or task.

    Args:
        jobs: What to run, in order.
        execution: Runs each of them.
        turn: Number of the turn.
        width: How many at a time.
        timeout: Seconds for each; None for any time.
        deadline: When the run must be over; what has not begun by then is not begun.
        tells: Whether anybody wants to hear that a call starts.

    Attributes:
        runs: What has ended, by position.
    """

    def __init__(
        self,
        jobs: Sequence[Job],
        execution: ToolExecution,
        *,
        turn: int,
        width: int,
        timeout: float | None,
        deadline: Deadline,
        tells: bool = True,
    ) -> None:
        self.runs: dict[int, ToolRun] = {}
        self._execution = execution
        self._turn = turn
        self._width = width
        self._tells = tells
        self._timeout = timeout
        self._deadline = deadline
        self._waiting = deque(jobs)
        self._at_work: dict[int, _Work] = {}
        self._ended: queue.SimpleQueue[tuple[int, ToolResultPart | BaseException]]
        self._ended = queue.SimpleQueue()
        # In the order in which they ended, which a set of tasks does not tell.
        self._over: deque[_Work] = deque()
        self._is_timed = timeout is not None or deadline.timeout() is not None
        self._is_inline = len(jobs) == 1 and not self._is_timed

    @property
    def is_done(self) -> bool:
        """Whether nothing is at work any more and nothing more may begin."""
        return not self._at_work and not self._may_begin()

    def next(self) -> News:
        """What happens next: a call that starts, or one that ends; not for a crew that is done.

        Raises:
            BaseException: What a tool raised that is no answer, such as an interrupt.
        """
        if self._may_begin():
            work = self._begun()
            if not self._is_inline:
                begin(partial(blocking_context().run, self._work, work))
            if self._tells or not self._is_inline:
                return self._started(work)
        if self._is_inline:
            (work,) = self._at_work.values()
            return self._finished(work, self._execution.call(work.job.call))
        return self._finished(*self._awaited())

    async def anext(self) -> News:
        """Async twin of :meth:`next`."""
        if self._may_begin():
            work = self._begun()
            if not self._is_inline:
                work.task = asyncio.ensure_future(self._execution.acall(work.job.call))
                work.task.add_done_callback(lambda _task: self._over.append(work))
            if self._tells or not self._is_inline:
                return self._started(work)
        if self._is_inline:
            (work,) = self._at_work.values()
            return self._finished(work, await self._own(work.job.call))
        return self._finished(*await self._aawaited())

    def leave(self) -> None:
        """Begin nothing more, and wait for nothing more; for the end, whichever it is."""
        self._waiting.clear()
        for work in self._at_work.values():
            work.leave()

    async def aleave(self) -> None:
        """Async twin of :meth:`leave`: cancels what runs and waits for it a moment."""
        self._waiting.clear()
        await _cancelled(list(self._at_work.values()))

    def _may_begin(self) -> bool:
        has_seat = bool(self._waiting) and len(self._at_work) < self._width
        return has_seat and not (self._is_timed and self._deadline.expired)

    def _begun(self) -> _Work:
        job = self._waiting.popleft()
        deadline = self._deadline.child(self._timeout) if self._is_timed else NO_DEADLINE
        work = self._at_work[job.position] = _Work(job, deadline)
        return work

    def _started(self, work: _Work) -> ToolStarted:
        return ToolStarted(turn=self._turn, call=work.job.call)

    def _finished(self, work: _Work, outcome: ToolResultPart | BaseException) -> ToolFinished:
        job = work.job
        del self._at_work[job.position]
        if isinstance(outcome, BaseException):
            raise outcome
        run = ToolRun(
            turn=self._turn,
            call=job.call,
            result=outcome,
            seconds=time.perf_counter() - work.started,
            approved=job.approved,
        )
        self.runs[job.position] = run
        return ToolFinished(turn=self._turn, run=run)

    async def _own(self, call: ToolCallResult) -> ToolResultPart:
        """A call in the caller's own task."""
        try:
            return await self._execution.acall(call)
        except asyncio.CancelledError:
            task = asyncio.current_task()
            # Only a cancellation of the run may end it; this one came from within the tool.
            if task is not None and task.cancelling():
                raise
            return _cut_short(call)

    def _work(self, work: _Work) -> None:
        job, execution = work.job, self._execution
        outcome: ToolResultPart | BaseException
        try:
            if execution.is_async(job.call.name):
                outcome = wait(lambda: work.cancellable(execution))
            else:
                outcome = execution.call(job.call)
        except concurrent.futures.CancelledError:
            outcome = _cut_short(job.call)
        # Raised again by whoever waits; here it would only be printed.
        except BaseException as error:
            outcome = error
        self._ended.put((job.position, outcome))

    def _awaited(self) -> tuple[_Work, ToolResultPart | BaseException]:
        while True:
            hurried = self._hurried()
            try:
                position, outcome = self._ended.get(timeout=hurried.deadline.timeout())
            except queue.Empty:
                hurried.leave()
                return hurried, self._late(hurried)
            # Of a call that was given up nobody wants to hear any more.
            if position in self._at_work:
                return self._at_work[position], outcome

    async def _aawaited(self) -> tuple[_Work, ToolResultPart | BaseException]:
        while True:
            while self._over:
                work = self._over.popleft()
                if self._at_work.get(work.job.position) is work and work.task is not None:
                    return work, _outcome(work.job.call, work.task)
            hurried = self._hurried()
            tasks = [work.task for work in self._at_work.values() if work.task is not None]
            left = hurried.deadline.timeout()
            await asyncio.wait(tasks, timeout=left, return_when=asyncio.FIRST_COMPLETED)
            if not self._over:
                await _cancelled([hurried])
                return hurried, self._late(hurried)

    def _hurried(self) -> _Work:
        return min(self._at_work.values(), key=lambda work: work.deadline.at)

    def _late(self, work: _Work) -> ToolResultPart:
        call, spent = work.job.call, time.perf_counter() - work.started
        whose = "the run's" if self._deadline.expired else "its"
        return failed(
            call, f"Tool {call.name!r} was given up after {spent:.3g} s, when {whose} time was up."
        )


def _outcome(
    call: ToolCallResult, task: asyncio.Task[ToolResultPart]
) -> ToolResultPart | BaseException:
    # Not by the run, which would wait for nothing any more: the tool gave up by itself.
    if task.cancelled():
        return _cut_short(call)
    return task.exception() or task.result()


def _cut_short(call: ToolCallResult) -> ToolResultPart:
    return failed(call, f"Tool {call.name!r} was cancelled.")


async def _cancelled(works: Sequence[_Work]) -> None:
    tasks = [work.task for work in works if work.task is not None]
    for task in tasks:
        task.cancel()
    if not tasks:
        return
    done, _ = await asyncio.wait(tasks, timeout=CANCELLING_SECONDS)
    for task in done:
        # Looked at, or asyncio complains of an error that nobody saw.
        if not task.cancelled():
            task.exception()
