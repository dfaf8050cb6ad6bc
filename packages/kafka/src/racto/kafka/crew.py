"""Workers that handle portions beside the loop that polls: threads, or tasks."""

from __future__ import annotations

import asyncio
import threading
from contextvars import copy_context

from racto.core.flows import Flow, arun, run, step

from .bells import Bell
from .lanes import Lanes, Portion
from .messages import KafkaMessage, Place
from .offsets import Claim
from .treatment import Treatment


class Crew:
    """A fixed number of workers at one set of lanes.

    Args:
        treatment: What they do with a portion.
        lanes: Where messages wait for them.
        bell: Guards the lanes, and wakes the workers.
        workers: How many.
        portion: Most messages a worker takes at once.
    """

    def __init__(
        self, *, treatment: Treatment, lanes: Lanes, bell: Bell, workers: int, portion: int
    ) -> None:
        self._treatment = treatment
        self._lanes = lanes
        self._bell = bell
        self._workers = workers
        self._portion = portion
        self._closing = False
        self._running = 0
        self._occupied = 0
        self._tasks: list[asyncio.Task[None]] = []
        self.failure: BaseException | None = None

    @property
    def is_idle(self) -> bool:
        """Whether nothing waits and nothing is being handled."""
        return not len(self._lanes) and not self._occupied

    def start(self) -> None:
        """Let the workers begin, each in a thread."""
        for number in range(self._workers):
            # Daemons: a handler that hangs must not outlive the second signal.
            thread = threading.Thread(
                target=copy_context().run,
                args=(run, self._work()),
                name=f"racto-kafka-{number}",
                daemon=True,
            )
            with self._bell.lock:
                thread.start()
                # Under the lock, so that it is counted before it can end; and not before it is
                # there, for nobody may wait for a thread that the system refused.
                self._running += 1

    async def astart(self) -> None:
        """Async twin of :meth:`start`: each worker is a task."""
        self._running = self._workers
        self._tasks = [asyncio.ensure_future(arun(self._work())) for _ in range(self._workers)]

    def put(self, messages: list[KafkaMessage]) -> None:
        """Queue messages for the workers."""
        with self._bell.lock:
            self._lanes.put(messages)
            self._bell.ring()

    def purge(self, places: set[Place] | None = None) -> None:
        """Drop what waits, of some partitions or of all."""
        with self._bell.lock:
            self._lanes.purge(places)

    def close(self, timeout: float) -> bool:
        """Let the workers end what they are at; whether they all did within ``timeout`` seconds."""
        self._dismiss()
        return self._bell.until(self._is_gone, timeout)

    async def aclose(self, timeout: float) -> bool:
        """Async twin of :meth:`close`; a worker that does not end is cancelled."""
        self._dismiss()
        gone = await self._bell.auntil(self._is_gone, timeout)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        return gone

    def abandon(self) -> None:
        """Let nobody begin another portion, cancel tasks, and wait for no one."""
        self._closing = True
        for task in self._tasks:
            task.cancel()

    def _dismiss(self) -> None:
        with self._bell.lock:
            self._closing = True
            self._lanes.purge()
            self._bell.ring()

    def _is_gone(self) -> bool:
        return self._running == 0

    def _work(self) -> Flow[None]:
        try:
            while True:
                yield from step(self._bell.until, self._bell.auntil, self._is_called)
                portion, claims = self._take()
                if portion is not None:
                    yield from self._settle(portion, claims)
                elif self._closing:
                    return
        finally:
            # Counted under the lock: who closes the crew waits for this number.
            with self._bell.lock:
                self._running -= 1
                self._bell.ring()

    def _settle(self, portion: Portion, claims: tuple[Claim, ...]) -> Flow[None]:
        try:
            yield from self._treatment.settle(portion.messages, claims)
        except asyncio.CancelledError as error:
            # No failure when it is this crew that cancels, of who does not end in time.
            self.failure = self.failure or (None if self._closing else error)
            self._closing = True
            raise
        except BaseException as error:
            # Kept for the loop that polls: it ends the stream and raises it.
            self.failure = self.failure or error
            self._closing = True
        finally:
            with self._bell.lock:
                self._occupied -= 1
                self._lanes.release(portion)
                self._bell.ring()

    def _is_called(self) -> bool:
        return self._closing or self._lanes.is_open

    def _take(self) -> tuple[Portion | None, tuple[Claim, ...]]:
        with self._bell.lock:
            if self._closing:
                return None, ()
            # A fair share, so that one worker does not take what all could handle at once.
            share = -(-len(self._lanes) // self._workers)
            portion = self._lanes.take(min(self._portion, max(1, share)))
            if portion is None:
                return None, ()
            self._occupied += 1
            # In the same breath: who gives a partition back waits for what is claimed.
            return portion, self._treatment.claim(portion.messages)
