"""Celery: generation and ingestion as tasks that survive killed workers."""

from typing import TYPE_CHECKING

from racto.core.lazy import lazily

if TYPE_CHECKING:
    from .chords import MapReduce as MapReduce
    from .idempotency import IdempotencyLayer as IdempotencyLayer
    from .ingestion import FolderIngestion as FolderIngestion, FolderReport as FolderReport
    from .jobs import CeleryJobQueue as CeleryJobQueue
    from .partials import PartialOutput as PartialOutput
    from .rates import RateLayer as RateLayer
    from .results import TaskResult as TaskResult, TaskStatus as TaskStatus
    from .retry import RetryConfig as RetryConfig
    from .schedules import WatchedFolder as WatchedFolder, watch as watch
    from .settings import Delivery as Delivery, TaskLimits as TaskLimits
    from .streaming import StreamLayer as StreamLayer
    from .streams import StreamReader as StreamReader
    from .tasks import TaskLayer as TaskLayer, TaskRun as TaskRun
    from .telemetry import ContextCarrier as ContextCarrier, TelemetryLayer as TelemetryLayer
    from .worker import RactoCeleryWorker as RactoCeleryWorker

__getattr__, __dir__, __all__ = lazily(
    __name__,
    {
        "chords": "MapReduce",
        "idempotency": "IdempotencyLayer",
        "ingestion": "FolderIngestion FolderReport",
        "jobs": "CeleryJobQueue",
        "partials": "PartialOutput",
        "rates": "RateLayer",
        "results": "TaskResult TaskStatus",
        "retry": "RetryConfig",
        "schedules": "WatchedFolder watch",
        "settings": "Delivery TaskLimits",
        "streaming": "StreamLayer",
        "streams": "StreamReader",
        "tasks": "TaskLayer TaskRun",
        "telemetry": "ContextCarrier TelemetryLayer",
        "worker": "RactoCeleryWorker",
    },
)
