"""Readers share, writers are alone, and a waiting writer is not overtaken for ever."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event
from time import sleep

import pytest

from racto.stores.faiss.turns import Turns


def test_readers_are_in_at_the_same_time() -> None:
    turns, meeting = Turns(), Barrier(3, timeout=10)

    def read() -> int:
        with turns.reading():
            return meeting.wait()

    with ThreadPoolExecutor(3) as pool:
        assert sorted(future.result() for future in [pool.submit(read) for _ in range(3)]) == [
            0,
            1,
            2,
        ]


def test_writers_are_alone() -> None:
    turns = Turns()
    inside: list[int] = []
    most: list[int] = []

    def write(number: int) -> None:
        with turns.writing():
            inside.append(number)
            most.append(len(inside))
            inside.remove(number)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, range(200)))
    assert set(most) == {1}


def test_a_writer_that_waits_comes_before_new_readers() -> None:
    turns = Turns()
    order: list[str] = []
    started, leave = Event(), Event()

    def first() -> None:
        with turns.reading():
            started.set()
            leave.wait(10)

    def write() -> None:
        with turns.writing():
            order.append("writer")

    def late() -> None:
        with turns.reading():
            order.append("reader")

    with ThreadPoolExecutor(3) as pool:
        futures = [pool.submit(first)]
        started.wait(10)
        futures.append(pool.submit(write))
        while not turns._waiting:
            sleep(0.001)
        futures.append(pool.submit(late))
        leave.set()
        for future in futures:
            future.result(10)
    assert order == ["writer", "reader"]


def test_an_error_gives_the_turn_back() -> None:
    turns = Turns()
    for turn in (turns.reading, turns.writing):
        with pytest.raises(KeyError), turn():
            raise KeyError
    with turns.writing():
        assert turns._readers == 0
