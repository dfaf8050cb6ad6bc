"""Real Redis servers: one that the tests of this package share, and ones of a test's own."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from itertools import count

import pytest

from .redis.redis_server import RedisServer, find_vector_redis

_numbers = count()


@pytest.fixture(scope="session")
def shared_redis() -> Iterator[RedisServer]:
    """One Redis for all tests that do it no harm; tell them apart by ``prefix``."""
    with RedisServer() as server:
        yield server


@pytest.fixture(scope="session")
def redis_url(shared_redis: RedisServer) -> str:
    """URL of the shared Redis."""
    return shared_redis.url


@pytest.fixture(scope="session")
def vector_redis_url() -> Iterator[str]:
    """URL of a Redis with vector sets: that of RACTO_TEST_REDIS_STACK, or one of our own."""
    given = os.environ.get("RACTO_TEST_REDIS_STACK", "")
    if given:
        yield given
        return
    with RedisServer(program=find_vector_redis()) as server:
        yield server.url


@pytest.fixture
def prefix() -> str:
    """A key prefix that no other test has."""
    return f"racto:test{next(_numbers)}"


@pytest.fixture
def redis_server() -> Iterator[RedisServer]:
    """A Redis of the test's own, to be stopped, stalled, filled or locked."""
    with RedisServer() as server:
        yield server


@pytest.fixture
def make_redis() -> Iterator[Callable[..., RedisServer]]:
    """A function that starts Redis servers with options of their own."""
    made: list[RedisServer] = []

    def make(*options: str) -> RedisServer:
        made.append(RedisServer(*options))
        return made[-1].start()

    yield make
    for server in made:
        server.kill()
