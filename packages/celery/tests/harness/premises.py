"""A Redis, an app on it, and worker processes that run its tasks: what a fault happens to."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import redis

from .process import HERE, WorkerProcess
from .redis_process import RedisProcess

sys.path.insert(0, str(HERE))
from depot import Depot  # type: ignore[import-not-found]


class Site:
    """One broker, one back end and one Redis of the layers, all in one server unless told apart.

    Args:
        folder: Folder for logs.
        server: The Redis.
        broker: URL of another broker.
        backend: URL of another result back end.
        layers: Another Redis for the layers and the notes of the tests.
        queue: Name of the queue.
        watched: A folder to watch.
    """

    def __init__(
        self,
        folder: Path,
        server: RedisProcess,
        *,
        broker: str = "",
        backend: str = "",
        layers: RedisProcess | None = None,
        queue: str = "depot",
        watched: str = "",
    ) -> None:
        self.server, self.folder = server, folder
        base = server.url.rpartition("/")[0]
        self.broker, self.backend = broker or f"{base}/0", backend or f"{base}/1"
        self.layers = f"{(layers or server).url.rpartition('/')[0]}/2"
        self.queue = queue
        self.watched = watched
        self.depot = Depot(self.broker, self.backend, self.layers, watched, queue)
        self.redis: redis.Redis = (layers or server).client(db=2)

    @contextmanager
    def worker(self, *options: str) -> Iterator[WorkerProcess]:
        """A worker process, killed at the end: a warm end takes seconds, and others test it."""
        environment = {
            "SHOP_LOG": str(self.folder / "log"),
            "DEPOT_BROKER": self.broker,
            "DEPOT_BACKEND": self.backend,
            "DEPOT_REDIS": self.layers,
            "DEPOT_WATCHED": self.watched,
            "DEPOT_QUEUE": self.queue,
        }
        made = WorkerProcess("depot", environment, *(options or ("-P", "prefork", "-c", "2")))
        made.start()
        try:
            yield made
        finally:
            made.kill()

    def runs(self, words: str) -> int:
        """How often the kit was asked these words."""
        return int(self.redis.hget("runs", words) or 0)

    def pid(self, words: str) -> int:
        """The process in which the kit was asked these words last."""
        return int(self.redis.hget("pids", words) or 0)

    def ingested(self) -> dict[str, int]:
        """How often each file was ingested, by its name."""
        found: Any = self.redis.hgetall("ingested")
        return {Path(path).name: int(count) for path, count in found.items()}

    def close(self) -> None:
        """Give the connections back."""
        self.redis.close()
        self.depot.app.close()


def until(condition: Callable[[], bool], *, timeout_s: float = 30.0) -> None:
    """Wait until something is so."""
    end = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < end, "it never came to that"
        time.sleep(0.02)


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site with a worker of two processes and a beat, for all tests that do it no harm."""
    folder = tmp_path_factory.mktemp("site")
    watched = folder / "watched"
    watched.mkdir()
    with RedisProcess() as server:
        made = Site(folder, server, watched=str(watched))
        with made.worker("-P", "prefork", "-c", "2", "-B", "-s", str(folder / "beat")):
            yield made
        made.close()


@pytest.fixture
def own_site(tmp_path: Path) -> Iterator[Site]:
    """A site of the test's own, with no worker yet, to be harmed."""
    with RedisProcess() as server:
        made = Site(tmp_path, server)
        yield made
        made.close()
