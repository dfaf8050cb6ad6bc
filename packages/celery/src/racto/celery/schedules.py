"""Folders that are watched: entries of Celery's beat, each a sweep of one folder now and then."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from celery import Task  # type: ignore[import-untyped]

from racto.core.errors import ConfigurationError, RactoGatewayError

from .failures import portable
from .folders import EVERYTHING
from .ingestion import FolderIngestion
from .worker import RactoCeleryWorker


@dataclass(frozen=True, kw_only=True, slots=True)
class WatchedFolder:
    """A folder that beat has looked through again and again.

    Attributes:
        folder: The folder, as workers see it.
        ledger: File of the ledger, as workers see it; on a disk that all of them share.
        every_s: Seconds between two looks.
        include: Patterns of the files to take.
        metadata: Facts kept in every chunk, as pairs.
        in_flight: Most files that are with the workers at a time.
        settle_s: Seconds for which a file must not have changed.
        queue: Queue of the ingestion tasks.

    Raises:
        ConfigurationError: If ``every_s`` is not positive.
    """

    folder: str | Path
    ledger: str | Path
    every_s: float = 60.0
    include: Sequence[str] = EVERYTHING
    metadata: tuple[tuple[str, Any], ...] = ()
    in_flight: int = 100
    settle_s: float = 2.0
    queue: str | None = None

    def __post_init__(self) -> None:
        if not self.every_s > 0:
            raise ConfigurationError(f"every_s must be above 0, not {self.every_s!r}")

    def ingestion(self, worker: RactoCeleryWorker) -> FolderIngestion:
        """The ingestion that a look is a sweep of.

        Raises:
            ConfigurationError: If it cannot be one.
        """
        return FolderIngestion(
            worker,
            self.ledger,
            include=self.include,
            metadata=dict(self.metadata),
            in_flight=self.in_flight,
            settle_s=self.settle_s,
            queue=self.queue,
        )


class WatchTask(Task):  # type: ignore[misc]
    """Sweeps one watched folder, by its number."""

    abstract = True
    serializer = "json"
    ignore_result = True
    # A look that is lost is made up for by the next one.
    acks_late = False
    worker: RactoCeleryWorker
    folders: Sequence[WatchedFolder]

    def run(self, name: str) -> dict[str, int]:
        """Look through the folder, send what is new, and say how far it is.

        Raises:
            RactoGatewayError: What the sweep raises; the next look goes on.
        """
        watched = {str(folder.folder): folder for folder in self.folders}
        if name not in watched:
            problem: Exception = ConfigurationError(
                f"this worker watches no folder {name!r}; restart workers and beat together"
            )
        else:
            try:
                found = watched[name].ingestion(self.worker).sweep(name)
            except RactoGatewayError as error:
                problem = portable(error)
            else:
                return {
                    "files": found.files,
                    "waiting": found.waiting,
                    "running": found.running,
                    "done": found.done,
                    "failed": found.failed,
                }
        raise problem


def watch(worker: RactoCeleryWorker, *, folders: Sequence[WatchedFolder]) -> None:
    """Put folders on the schedule of the worker's app.

    Call it where the worker is made, then run one ``celery -A that_module beat`` beside the
    workers. A look that is still in the queue when the next one is due is dropped.

    Args:
        worker: Whose pipeline ingests the files.
        folders: The folders; each may be named once.

    Raises:
        ConfigurationError: If a folder is named twice.
    """
    names = [str(folder.folder) for folder in folders]
    if len(set(names)) < len(names):
        raise ConfigurationError("watch: each folder may be named once")
    app, task_name = worker.app, f"{worker.name}.watch"
    facts = {
        "name": task_name,
        "worker": worker,
        "folders": tuple(folders),
        "__module__": __name__,
    }
    app.tasks.pop(task_name, None)
    app.register_task(type("WorkerWatchTask", (WatchTask,), facts)())
    entries = {
        f"{task_name}:{name}": {
            "task": task_name,
            "schedule": folder.every_s,
            "args": (name,),
            "options": {"expires": folder.every_s},
        }
        for name, folder in zip(names, folders, strict=True)
    }
    app.conf.beat_schedule = {**(app.conf.beat_schedule or {}), **entries}
