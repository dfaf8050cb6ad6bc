"""Whoever waits is told, let on, or sent off on his own; nobody waits for nobody."""

from __future__ import annotations

import asyncio
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from racto.cache.flights import Flight, Flights, Landing
from racto.core.flows import arun, run

LONG = 20.0


def board(flights: Flights[str], seconds: float = LONG) -> Landing[str] | Flight[str]:
    return run(flights.board("k", task=None, seconds=seconds))


async def aboard(flights: Flights[str], seconds: float = LONG) -> Landing[str] | Flight[str]:
    return await arun(flights.board("k", task=asyncio.current_task(), seconds=seconds))


def led(flights: Flights[str]) -> Flight[str]:
    flight = board(flights)
    assert isinstance(flight, Flight)
    return flight


def seated(flight: Flight[str], count: int) -> None:
    end = time.monotonic() + 10
    while len(flight.seats) < count and time.monotonic() < end:
        time.sleep(0.001)
    assert len(flight.seats) >= count


def next_after(flights: Flights[str], other: Flight[str]) -> Flight[str]:
    end = time.monotonic() + 10
    while time.monotonic() < end:
        flight = flights._flights.get("k")
        if flight is not None and flight is not other:
            return flight
        time.sleep(0.001)
    raise AssertionError("nobody took the lead")


async def test_threads_and_tasks_wait_for_one_leader() -> None:
    flights: Flights[str] = Flights(LONG)
    flight = await asyncio.to_thread(led, flights)
    with ThreadPoolExecutor(max_workers=4) as pool:
        threads = [pool.submit(board, flights) for _ in range(4)]
        tasks = [asyncio.create_task(aboard(flights)) for _ in range(4)]
        await asyncio.to_thread(seated, flight, 4)
        await asyncio.sleep(0)
        await asyncio.to_thread(seated, flight, 8)
        assert await asyncio.to_thread(flights.land, flight, Landing("v"))
        landed = [future.result() for future in threads] + list(await asyncio.gather(*tasks))
    assert [each.value for each in landed if isinstance(each, Landing)] == ["v"] * 8
    assert len(flights) == 0


def test_when_nothing_came_one_leads_and_the_rest_wait_on() -> None:
    flights: Flights[str] = Flights(LONG)
    first = led(flights)
    with ThreadPoolExecutor(max_workers=5) as pool:
        waiting = [pool.submit(board, flights) for _ in range(5)]
        seated(first, 5)
        flights.land(first, Landing())
        second = next_after(flights, first)
        seated(second, 4)
        flights.land(second, Landing("v"))
        landed = [future.result() for future in waiting]
    assert sum(isinstance(each, Flight) for each in landed) == 1
    assert [each.value for each in landed if isinstance(each, Landing)] == ["v"] * 4


def test_nobody_waits_for_a_third_leader() -> None:
    flights: Flights[str] = Flights(LONG)
    flight = led(flights)
    with ThreadPoolExecutor(max_workers=1) as pool:
        waiting = pool.submit(board, flights)
        for _ in range(2):
            seated(flight, 1)
            # The next leader takes off before the one who waits can.
            with flights._lock:
                following = Flight[str]("k")
                flights._flights["k"] = following
            flights.land(flight, Landing())
            flight = following
        alone = waiting.result(10)
    assert isinstance(alone, Flight)
    assert alone is not flight
    # He flies beside the other, and landing ends only his own.
    assert flights.land(alone, Landing("v"))
    assert len(flights) == 1


def test_time_is_up() -> None:
    flights: Flights[str] = Flights(LONG)
    first = led(flights)
    with ThreadPoolExecutor(max_workers=1) as pool, ThreadPoolExecutor(max_workers=1) as later:
        second = pool.submit(board, flights, 0.01).result(10)
        assert isinstance(second, Flight)
        # Those who come from now on wait for the second.
        third = later.submit(board, flights)
        seated(second, 1)
        assert flights.land(first, Landing("late"))
        flights.land(second, Landing("v"))
        landed = third.result(10)
    assert isinstance(landed, Landing)
    assert landed.value == "v"
    assert not flights.land(second, Landing("twice"))


def test_a_lost_flight_is_passed_by() -> None:
    flights: Flights[str] = Flights(0.0)
    lost = led(flights)
    time.sleep(0.001)
    assert flights.lead("k", task=None) is not lost
    assert isinstance(board(flights), Flight)


def test_a_leader_does_not_wait_for_himself() -> None:
    flights: Flights[str] = Flights(LONG)
    first, second = led(flights), led(flights)
    assert first is not second
    assert not first.seats or first.seats[0].cancelled()


async def test_a_thread_that_runs_the_leader_s_loop_does_not_wait_for_him() -> None:
    flights: Flights[str] = Flights(LONG)
    flight = await asyncio.create_task(aboard(flights))
    assert isinstance(flight, Flight)
    # A plain call inside of the loop: waiting would stop the very task that it waits for.
    assert isinstance(board(flights), Flight)
    # Another task of this loop may wait.
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await aboard(flights)
    flights.land(flight, Landing("v"))


async def test_who_is_cancelled_leaves_the_others_waiting() -> None:
    flights: Flights[str] = Flights(LONG)
    flight = await asyncio.to_thread(led, flights)
    tasks = [asyncio.create_task(aboard(flights)) for _ in range(3)]
    await asyncio.to_thread(seated, flight, 3)
    tasks[1].cancel()
    await asyncio.wait([tasks[1]])
    flights.land(flight, Landing("v"))
    assert tasks[1].cancelled()
    landed = [await tasks[0], await tasks[2]]
    assert [each.value for each in landed if isinstance(each, Landing)] == ["v", "v"]


def test_a_loop_that_was_closed_keeps_nobody() -> None:
    flights: Flights[str] = Flights(LONG)
    flight = led(flights)

    async def leave() -> None:
        task = asyncio.create_task(aboard(flights))
        await asyncio.to_thread(seated, flight, 1)
        task.cancel()

    thread = threading.Thread(target=lambda: asyncio.run(leave()))
    thread.start()
    thread.join(10)
    assert flights.land(flight, Landing("v"))


async def test_a_time_limit_in_a_task() -> None:
    flights: Flights[str] = Flights(LONG)
    await asyncio.to_thread(led, flights)
    assert isinstance(await aboard(flights, 0.01), Flight)
