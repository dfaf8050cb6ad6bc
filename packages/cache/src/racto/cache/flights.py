"""One call for many callers: the first makes it, and the others wait for what it brings.

Where it brings nothing, those who wait are let on: one of them leads the next call, and the rest
wait for that one. Nobody waits for more than :data:`MOST_LEADERS` calls, nor longer than his time;
then he makes his own.
"""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from racto.core.flows import Flow, step

if TYPE_CHECKING:
    from asyncio import Task
    from concurrent.futures import Future

T = TypeVar("T")

MOST_LEADERS = 2
"""Calls of others that a caller waits for before it makes its own."""


class Landing(Generic[T]):
    """What a flight brought: a value, or an error for all, or neither.

    Args:
        value: What was fetched; None when nothing came.
        error: What all who wait should raise; None when each may try for himself.
    """

    __slots__ = ("error", "value")

    def __init__(self, value: T | None = None, error: Exception | None = None) -> None:
        self.value = value
        self.error = error


class Flight(Generic[T]):
    """One call under way, led by the thread that makes this object, or by a task in it.

    Args:
        key: What it fetches.
        task: The task that leads it; None when the whole thread does.
    """

    __slots__ = ("_task", "_thread", "is_landed", "key", "seats", "since")

    def __init__(self, key: str, task: Task[Any] | None = None) -> None:
        self.key = key
        self.since = time.monotonic()
        self.seats: list[Future[Landing[T]]] = []
        self.is_landed = False
        self.adopt(task)

    def adopt(self, task: Task[Any] | None = None) -> None:
        """Lead it from here on.

        Args:
            task: As in the class.
        """
        self._thread = threading.get_ident()
        self._task = task

    def waits_for(self, task: Task[Any] | None) -> bool:
        """Whether its leader cannot go on while the caller waits for it.

        Args:
            task: The caller's task; None when its whole thread would wait.
        """
        if threading.get_ident() != self._thread:
            return False
        # In one event loop tasks wait for each other; all else here keeps the leader from running.
        return task is None or self._task is None or task is self._task


class Flights(Generic[T]):
    """The calls under way, by key. Safe to share between threads, tasks and event loops.

    Args:
        longest: Seconds after which a flight counts as lost, and nobody waits for it.
    """

    def __init__(self, longest: float) -> None:
        self._longest = longest
        self._lock = threading.Lock()
        self._flights: dict[str, Flight[T]] = {}

    def __len__(self) -> int:
        """Calls under way."""
        return len(self._flights)

    def board(
        self, key: str, *, task: Task[Any] | None, seconds: float
    ) -> Flow[Landing[T] | Flight[T]]:
        """Wait for the flight of a key, or lead one.

        Args:
            key: What is wanted.
            task: The caller's task; None outside of one.
            seconds: Most seconds to wait for others, all together.

        Returns:
            What another's flight brought, or the flight that the caller leads and must land.
        """
        end = time.monotonic() + seconds
        for _ in range(MOST_LEADERS):
            flight, seat = self._enter(key, task)
            if seat is None:
                return flight
            if flight.waits_for(task):
                seat.cancel()
                break
            left = max(0.0, end - time.monotonic())
            landing = yield from step(_wait, _await, seat, left)
            if landing is None:
                # Whoever comes from now on waits for this one, not for one that may never land.
                return self.lead(key, task=task, instead_of=flight) or Flight(key, task)
            if landing.value is not None or landing.error is not None:
                return landing
        return self.lead(key, task=task) or Flight(key, task)

    def lead(
        self, key: str, *, task: Task[Any] | None, instead_of: Flight[T] | None = None
    ) -> Flight[T] | None:
        """Lead the flight of a key; None when another is under way.

        Args:
            key: What is wanted.
            task: The caller's task; None outside of one.
            instead_of: A flight to pass by.
        """
        with self._lock:
            under_way = self._under_way(key)
            if under_way is not None and under_way is not instead_of:
                return None
            flight = self._flights[key] = Flight(key, task)
            return flight

    def land(self, flight: Flight[T], landing: Landing[T]) -> bool:
        """End a flight, and tell those who wait; whether it was under way.

        Args:
            flight: What the caller leads.
            landing: What it brought.
        """
        with self._lock:
            if flight.is_landed:
                return False
            flight.is_landed = True
            if self._flights.get(flight.key) is flight:
                del self._flights[flight.key]
            seats, flight.seats = flight.seats, []
        for seat in seats:
            # Who gave up waiting has cancelled his seat.
            if seat.set_running_or_notify_cancel():
                seat.set_result(landing)
        return True

    def _enter(
        self, key: str, task: Task[Any] | None
    ) -> tuple[Flight[T], Future[Landing[T]] | None]:
        from concurrent.futures import Future

        with self._lock:
            flight = self._under_way(key)
            if flight is None:
                flight = self._flights[key] = Flight(key, task)
                return flight, None
            seat: Future[Landing[T]] = Future()
            flight.seats.append(seat)
            return flight, seat

    def _under_way(self, key: str) -> Flight[T] | None:
        flight = self._flights.get(key)
        # Its leader forgot it, or its event loop was closed under it.
        if flight is not None and time.monotonic() - flight.since > self._longest:
            return None
        return flight


def _wait(seat: Future[Landing[T]], seconds: float) -> Landing[T] | None:
    try:
        return seat.result(seconds)
    except TimeoutError:
        # It may have come between the two.
        return None if seat.cancel() else seat.result()
    finally:
        seat.cancel()


async def _await(seat: Future[Landing[T]], seconds: float) -> Landing[T] | None:
    import asyncio

    try:
        async with asyncio.timeout(seconds):
            return await asyncio.wrap_future(seat)
    except TimeoutError:
        return None
    finally:
        seat.cancel()
