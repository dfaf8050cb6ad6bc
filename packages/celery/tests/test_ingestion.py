"""Ingestion of folders over real workers: every file once, resumed, and watched by beat."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from celery import Celery  # type: ignore[import-untyped]

from racto.celery import RactoCeleryWorker
from racto.celery.ingestion import FolderIngestion, FolderReport
from racto.core.errors import APIConnectionError, ConfigurationError
from racto.core.testing import ScriptedKit

from .harness.premises import Site
from .harness.redis_process import RedisProcess


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of twelve files, two of them below."""
    made = tmp_path / "docs"
    (made / "deep").mkdir(parents=True)
    for n in range(10):
        (made / f"{tmp_path.name}-{n}.txt").write_text("one\ntwo\n")
    for n in range(2):
        (made / "deep" / f"{tmp_path.name}-deep-{n}.txt").write_text("one\n")
    (made / ".hidden.txt").write_text("no")
    return made


def _ingestion(site: Site, folder: Path, **more: object) -> FolderIngestion:
    settings: dict[str, object] = {"settle_s": 0.0, **more}
    return FolderIngestion(site.depot.once, folder.parent / "ledger", **settings)  # type: ignore[arg-type]


def _counts(site: Site, folder: Path) -> list[int]:
    names = {path.name for path in folder.rglob("*.txt")}
    return sorted(n for name, n in site.ingested().items() if name in names)


def test_folder_is_ingested_once_and_again_only_where_it_changed(site: Site, folder: Path) -> None:
    seen: list[FolderReport] = []
    ingestion = _ingestion(site, folder, in_flight=4)
    found = ingestion.ingest(folder, timeout_s=40, progress=seen.append)
    assert (found.files, found.done, found.failed, found.chunks) == (12, 12, 0, 22)
    assert max(report.running for report in seen) <= 4
    changed = folder / "deep" / f"{folder.parent.name}-deep-0.txt"
    changed.write_text("one\ntwo\nthree\n")
    again = asyncio.run(_ingestion(site, folder).aingest(folder, timeout_s=40))
    assert (again.done, again.chunks) == (12, 24)
    assert _counts(site, folder) == [1] * 11 + [2]


def test_another_process_goes_on_where_the_first_one_stopped(site: Site, folder: Path) -> None:
    first = _ingestion(site, folder, in_flight=3).sweep(folder)
    assert first.waiting == 9
    assert first.running == 3
    # Nothing of the first one is left but its ledger.
    found = _ingestion(site, folder).ingest(folder, timeout_s=40)
    assert found.done == 12
    assert _counts(site, folder) == [1] * 12


def test_broken_file_is_told_and_tried_again_when_asked(site: Site, folder: Path) -> None:
    broken = folder / f"{folder.parent.name}-broken.txt"
    broken.write_text("broken")
    found = _ingestion(site, folder).ingest(folder, timeout_s=40)
    assert (found.done, found.failed) == (12, 1)
    ((path, reason),) = found.failures
    assert path == str(broken)
    assert "cannot read this" in reason
    assert _ingestion(site, folder).ingest(folder, timeout_s=40).failed == 1
    assert site.ingested()[broken.name] == 1
    assert _ingestion(site, folder).ingest(folder, timeout_s=40, retry_failed=True).failed == 1
    assert site.ingested()[broken.name] == 2


def test_file_that_is_gone_is_told_and_comes_back(site: Site, folder: Path) -> None:
    path = folder / f"{folder.parent.name}-3.txt"
    assert _ingestion(site, folder).ingest(folder, timeout_s=40).gone == ()
    text, times = path.read_text(), path.stat()
    path.unlink()
    found = _ingestion(site, folder).ingest(folder, timeout_s=40)
    assert (found.files, found.gone) == (11, (str(path),))
    path.write_text(text)
    import os

    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    found = _ingestion(site, folder).ingest(folder, timeout_s=40)
    assert (found.done, found.gone) == (12, ())
    # Its chunks may have been taken out of the store meanwhile.
    assert site.ingested()[path.name] == 2


def test_time_is_up_while_the_tasks_go_on(site: Site, folder: Path) -> None:
    for n in range(6):
        (folder / f"{folder.parent.name}-slow-{n}.txt").write_text("slow")
    found = _ingestion(site, folder, in_flight=2).ingest(folder, timeout_s=0.1)
    assert found.timed_out
    assert not found.is_over
    assert _ingestion(site, folder).ingest(folder, timeout_s=40).done == 18


def test_mistakes_are_told_before_anything_is_sent(site: Site, folder: Path) -> None:
    with pytest.raises(ConfigurationError, match="is no folder"):
        _ingestion(site, folder).sweep(folder / "nowhere")
    with pytest.raises(ConfigurationError, match="in_flight"):
        _ingestion(site, folder, in_flight=0)
    with pytest.raises(ConfigurationError, match="several patterns"):
        _ingestion(site, folder, include="*.pdf")
    app = Celery("none", broker="memory://", backend="cache+memory://", set_as_current=False)
    bare = RactoCeleryWorker(app, kit=ScriptedKit())
    with pytest.raises(ConfigurationError, match="needs a pipeline"):
        FolderIngestion(bare, folder.parent / "ledger")


def test_broker_that_is_away_leaves_the_ledger_right(site: Site, folder: Path) -> None:
    with RedisProcess() as server:
        own = Site(folder.parent, server, backend=site.backend)
        ingestion = FolderIngestion(own.depot.once, folder.parent / "ledger", settle_s=0.0)
        server.kill()
        own.depot.app.conf.task_publish_retry = False
        with pytest.raises(APIConnectionError):
            ingestion.sweep(folder)
        own.close()
    # The same ledger, and a broker that works.
    found = _ingestion(site, folder).ingest(folder, timeout_s=40)
    assert (found.done, found.failed) == (12, 0)
    assert _counts(site, folder) == [1] * 12
