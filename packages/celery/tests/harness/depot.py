"""The app of the tests of layers and faults, imported alike by tests and worker processes.

Set by the environment: DEPOT_BROKER, DEPOT_BACKEND (URLs), DEPOT_REDIS (URL of the layers and of
the list ``runs``, in which each run of a task is noted) and DEPOT_WATCHED (a folder with a ledger
beside it).
"""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import redis
from celery import Celery  # type: ignore[import-untyped]

from racto.celery import CeleryJobQueue, RactoCeleryWorker, RetryConfig, TaskLimits
from racto.celery.chords import MapReduce
from racto.celery.idempotency import IdempotencyLayer
from racto.celery.rates import RateLayer
from racto.celery.schedules import WatchedFolder, watch
from racto.celery.streaming import StreamLayer
from racto.celery.telemetry import TelemetryLayer
from racto.core.chat import ChatConfig
from racto.core.documents import Chunk, ChunkMetadata
from racto.core.errors import BadRequestError, ServerError
from racto.core.telemetry import RecordingTracer
from racto.core.testing import SAMPLE_JOBS, ScriptedKit, WindowLimiter

LEASE_S = 1.5
VISIBILITY_S = 2.0


class DepotKit(ScriptedKit):
    """Does what the words say, and notes each run in Redis."""

    def __init__(self, url: str) -> None:
        super().__init__(self.reply, model="depot-1")
        self.redis = redis.Redis.from_url(url, decode_responses=True)

    def reply(self, config: ChatConfig) -> Any:
        """Note the run, then do what the words say."""
        words = config.user_message
        number = self.redis.hincrby("runs", words, 1)
        self.redis.hset("pids", words, os.getpid())
        verb, *rest = words.split()
        if verb == "sleep":
            time.sleep(float(rest[0]))
        elif verb == "once":
            # Slow in the first run only, in which it is going to be killed.
            time.sleep(float(rest[0]) if number == 1 else 0)
        elif verb == "refuse":
            raise BadRequestError("400: no such field", status_code=400)
        elif verb == "flaky" and number == 1:
            raise ServerError("503: down", status_code=503)
        elif verb.startswith("Question") and "broken" in words:
            raise BadRequestError("400: cannot read this", status_code=400)
        elif verb.startswith("Question"):
            return f"answer to {rest[-1]}"
        elif verb.startswith("Summary"):
            return f"{words.count('answer to')} answers, {words.count('[')} parts"
        return f"run {number} of {words}"


class DepotPipeline:
    """Cuts a file into lines and notes each ingestion."""

    def __init__(self, url: str) -> None:
        self.redis = redis.Redis.from_url(url, decode_responses=True)

    def ingest(self, path: str, **metadata: Any) -> list[Chunk]:
        """The lines of a file."""
        text = Path(path).read_text()
        self.redis.hincrby("ingested", path, 1)
        if "broken" in text:
            raise BadRequestError("400: cannot read this", status_code=400)
        if "slow" in text:
            time.sleep(0.3)
        return [
            Chunk(
                content=line,
                chunk_id=f"{path}:{at}",
                metadata=ChunkMetadata(source=path, extra=metadata),
            )
            for at, line in enumerate(text.splitlines())
        ]


class TellingLayer:
    """Tells how far a task is before it asks the kit."""

    def outgoing(self, kind: str, task_id: str) -> dict[str, str]:
        """No headers."""
        return {}

    def around(self, run: Any, call: Any) -> Any:
        """Tell, then run."""
        run.report(1, 4, note="asking")
        return call()


class Depot:
    """An app with workers of several kinds.

    Args:
        broker: URL of the broker.
        backend: URL of the result back end.
        layers: URL of the Redis of the layers.
        watched: A folder to watch; its ledger lies beside it.
        queue: Name of the queue.
    """

    def __init__(
        self, broker: str, backend: str, layers: str, watched: str = "", queue: str = "depot"
    ) -> None:
        self.app = Celery("depot", broker=broker, backend=backend)
        self.app.conf.update(
            broker_transport_options={
                "visibility_timeout": VISIBILITY_S,
                "unacked_restore_interval": 0.5,
                "unacked_restore_throttle": 1,
            }
            if broker.startswith("redis")
            else {},
            worker_prefetch_multiplier=1,
            broker_connection_retry_on_startup=True,
            broker_connection_timeout=2,
            worker_cancel_long_running_tasks_on_connection_loss=False,
            task_default_queue=queue,
        )
        self.url = layers
        retry = RetryConfig(max_retries=3, initial_delay_s=0.05, max_delay_s=0.1)
        once = self.idempotency = IdempotencyLayer(layers, lease_s=LEASE_S)

        def make(name: str, *around: Any) -> RactoCeleryWorker:
            return RactoCeleryWorker(
                self.app,
                kit=self.kit,
                rag=self.pipeline,
                name=name,
                retry_config=retry,
                layers=around,
            )

        self.plain = make("plain")
        self.once = make("once", TelemetryLayer(RecordingTracer()), once)
        self.streamed = make("streamed", once, StreamLayer(layers, every_s=0.0))
        self.cut = make("cut", StreamLayer(layers, every_s=0.0))
        self.told = make("told", TellingLayer())
        # A budget in memory: prefork children have one each, and the tests use one.
        limiter = WindowLimiter(budget=2, window_seconds=1.0)
        self.limited = make("limited", once, RateLayer(limiter, key="all", patience_s=30.0))
        self.chords = MapReduce(self.once, question="Question:", summary="Summary:", fan_in=3)
        self.tolerant = MapReduce(
            self.once, question="Question:", summary="Summary:", fan_in=3, is_tolerant=True
        )
        self.jobs = CeleryJobQueue(
            self.app,
            jobs={**SAMPLE_JOBS, "work": self.job, "path": "depot:job_by_path"},
            retry_config=retry,
            limits=TaskLimits(result_bytes=1000),
        )
        self.watched = watched
        if watched:
            folder = WatchedFolder(
                folder=watched, ledger=f"{watched}.ledger", every_s=0.5, settle_s=0.0
            )
            watch(self.once, folders=[folder])

    def kit(self) -> DepotKit:
        """The kit of one process."""
        return DepotKit(self.url)

    def job(self, payload: dict[str, Any]) -> Any:
        """What the words of a payload say to the kit, as a job."""
        return self.kit().reply(ChatConfig(user_message=payload["words"]))

    def pipeline(self) -> DepotPipeline:
        """The pipeline of one process."""
        return DepotPipeline(self.url)


def job_by_path(payload: dict[str, Any]) -> Any:
    """A job that is found by its path."""
    return payload.get("make") == "large" and "x" * 2000


if "DEPOT_BROKER" in os.environ:
    app = Depot(
        os.environ["DEPOT_BROKER"],
        os.environ["DEPOT_BACKEND"],
        os.environ["DEPOT_REDIS"],
        os.environ.get("DEPOT_WATCHED", ""),
        os.environ.get("DEPOT_QUEUE", "depot"),
    ).app
