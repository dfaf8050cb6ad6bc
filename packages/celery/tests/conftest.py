"""Real workers on real brokers, a few processes for all tests of the package."""

from __future__ import annotations

import gc
import os
import socket
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from celery import Celery  # type: ignore[import-untyped]

from racto.celery import RactoCeleryWorker

from .harness.premises import own_site as own_site, site as site
from .harness.process import HERE, NURSERY, WorkerProcess


@dataclass(frozen=True, kw_only=True)
class Live:
    """An app whose tasks a worker process runs.

    Attributes:
        app: The Celery app, on this side.
        worker: Its first worker, which sends.
        second: Its second, with another kit.
        process: The process that runs the tasks.
        log: File to which the tasks write what they do.
    """

    app: Any
    worker: RactoCeleryWorker
    second: RactoCeleryWorker
    process: WorkerProcess
    log: Path

    def lines(self, beginning: str) -> list[str]:
        """What the tasks wrote that begins so."""
        return [line for line in self.log.read_text().splitlines() if line.startswith(beginning)]


def _reached(url: str, name: str) -> str:
    """The URL, if somebody listens there; otherwise the tests are skipped, or fail where required."""
    parts = urlsplit(url)
    try:
        socket.create_connection((parts.hostname or "127.0.0.1", parts.port or 0), 2).close()
    except OSError as error:
        refuse = pytest.fail if os.environ.get("RACTO_REQUIRE_SERVICES") == "1" else pytest.skip
        refuse(f"{name} does not answer at {parts.hostname}:{parts.port}: {error}")
    return url


@pytest.fixture(scope="session", autouse=True)
def _nursery() -> Iterator[None]:
    """Ends whoever brings up workers, after all of them."""
    yield
    NURSERY.close()


@pytest.fixture(scope="session")
def redis_url() -> str:
    """URL of a Redis that tests share; they keep apart by prefixes."""
    return _reached(os.environ.get("RACTO_TEST_REDIS") or "redis://127.0.0.1:6379/0", "Redis")


@pytest.fixture(scope="session")
def rabbitmq_url() -> str:
    """URL of a RabbitMQ that tests share; they keep apart by queues."""
    url = os.environ.get("RACTO_TEST_RABBITMQ") or "amqp://guest:guest@127.0.0.1:5672//"
    return _reached(url, "RabbitMQ")


@pytest.fixture(scope="session")
def make_live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Live]]:
    """A function that starts a worker process on a broker and a back end."""
    # As the processes import it: tasks name factories and models by their modules.
    sys.path.insert(0, str(HERE))
    shop = import_module("shop")
    made: list[tuple[Live, str]] = []

    def make(broker: str, backend: str, *options: str) -> Live:
        log = tmp_path_factory.mktemp("shop") / "events.log"
        log.touch()
        prefix = f"racto-test-{os.urandom(4).hex()}"
        environment = {"SHOP_BROKER": broker, "SHOP_BACKEND": backend, "SHOP_PREFIX": prefix}
        app = shop.make_app(broker, backend, prefix)
        worker, second = shop.make_workers(app)
        process = WorkerProcess("shop", {**environment, "SHOP_LOG": str(log)}, *options)
        live = Live(app=app, worker=worker, second=second, process=process.start(), log=log)
        made.append((live, prefix))
        return live

    yield make
    sys.path.remove(str(HERE))
    for live, prefix in made:
        live.process.kill()
        _swept(live.app, prefix)


@pytest.fixture(scope="session")
def live(make_live: Callable[..., Live], redis_url: str) -> Live:
    """Two processes on Redis, with events for monitors."""
    return make_live(redis_url, redis_url, "-P", "prefork", "-c", "2", "-E")


@pytest.fixture
def app() -> Iterator[Celery]:
    """An app in memory, which runs tasks where they are sent."""
    app = Celery("local", broker="memory://", backend="cache+memory://")
    app.conf.update(task_always_eager=True, task_store_eager_result=True)
    yield app
    app.close()


def _swept(app: Any, prefix: str) -> None:
    """Leave nothing behind, neither in the services nor for the collector at the end."""
    gc.collect()
    with app.connection_for_write() as connection:
        if connection.transport.driver_type == "amqp":
            connection.default_channel.queue_delete(f"{prefix}.tasks")
    client = app.backend.client
    for key in client.scan_iter(match=f"{prefix}*", count=1000):
        client.delete(key)
    app.backend.result_consumer.stop()
    app.close()
    # Celery leaves these to the collector, which warns of them.
    app.backend.client.connection_pool.disconnect()
    gc.collect()
