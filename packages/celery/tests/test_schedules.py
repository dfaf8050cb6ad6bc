"""Watched folders: beat's entries, and sweeps by real workers."""

from __future__ import annotations

from pathlib import Path

import pytest
from celery import Celery  # type: ignore[import-untyped]

from racto.celery import RactoCeleryWorker
from racto.celery.schedules import WatchedFolder, watch
from racto.core.errors import ConfigurationError
from racto.core.testing import ScriptedKit

from .harness.depot import DepotPipeline
from .harness.premises import Site, until


def _worker() -> RactoCeleryWorker:
    app = Celery("watch", broker="memory://", backend="cache+memory://", set_as_current=False)
    app.conf.beat_schedule = {"mine": {"task": "mine", "schedule": 5.0}}
    return RactoCeleryWorker(app, kit=ScriptedKit(), rag=lambda: DepotPipeline("redis://localhost"))


def test_watched_folder_is_ingested_by_beat(site: Site) -> None:
    for n in range(3):
        Path(site.watched, f"watched-{n}.txt").write_text("one\n")
    until(lambda: sum(name.startswith("watched-") for name in site.ingested()) == 3)
    Path(site.watched, "watched-0.txt").write_text("one\ntwo\n")
    until(lambda: site.ingested().get("watched-0.txt") == 2)
    assert site.ingested()["watched-1.txt"] == 1


def test_entries_stand_beside_those_of_the_app(tmp_path: Path) -> None:
    worker = _worker()
    folder = WatchedFolder(folder=tmp_path, ledger=tmp_path / "ledger", every_s=7.5)
    watch(worker, folders=[folder])
    schedule = worker.app.conf.beat_schedule
    assert set(schedule) == {"mine", f"racto.watch:{tmp_path}"}
    entry = schedule[f"racto.watch:{tmp_path}"]
    assert (entry["task"], entry["schedule"], entry["options"]) == (
        "racto.watch",
        7.5,
        {"expires": 7.5},
    )
    assert entry["task"] in worker.app.tasks


def test_unknown_and_missing_folders_are_told(tmp_path: Path) -> None:
    worker = _worker()
    gone = WatchedFolder(folder=tmp_path / "gone", ledger=tmp_path / "ledger")
    watch(worker, folders=[gone])
    task = worker.app.tasks["racto.watch"]
    with pytest.raises(ConfigurationError, match="watches no folder '/other'"):
        task.run("/other")
    with pytest.raises(ConfigurationError, match="is no folder"):
        task.run(str(tmp_path / "gone"))


def test_mistakes_are_told(tmp_path: Path) -> None:
    folder = WatchedFolder(folder=tmp_path, ledger=tmp_path / "ledger")
    with pytest.raises(ConfigurationError, match="named once"):
        watch(_worker(), folders=[folder, folder])
    with pytest.raises(ConfigurationError, match="every_s"):
        WatchedFolder(folder=tmp_path, ledger="x", every_s=0)
