"""Worker processes: what the apps of racto's workers are prepared for, and others are not."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from celery import Celery  # type: ignore[import-untyped]
from celery.signals import (  # type: ignore[import-untyped]
    celeryd_init,
    worker_process_init,
    worker_ready,
)

from racto.celery import CeleryJobQueue, RactoCeleryWorker
from racto.celery.settings import CONNECT_S, PARENT_RETRIES, RESULT_RETRIES
from racto.core.testing import SAMPLE_JOBS, ScriptedKit


class _Consumer:
    """As much of a worker as the signal that it is ready says."""

    def __init__(self, app: Celery, pool: Any) -> None:
        self.app, self.pool = app, pool


def _started(app: Celery) -> tuple[Any, Any]:
    """What an app says about results once a worker process of it starts."""
    celeryd_init.send("w@h", instance=SimpleNamespace(app=app), conf=app.conf, options={})
    return app.conf.result_backend_always_retry, app.conf.result_backend_max_retries


@pytest.mark.parametrize("kind", ["worker", "queue"])
def test_results_are_kept_in_worker_processes_alone(app: Celery, kind: str) -> None:
    if kind == "worker":
        RactoCeleryWorker(app, kit=ScriptedKit())
    else:
        CeleryJobQueue(app, jobs=SAMPLE_JOBS)
    assert not app.conf.result_backend_always_retry
    assert _started(app) == (True, RESULT_RETRIES)


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"result_backend_always_retry": False}, (False, float("inf"))),
        ({"result_backend_always_retry": True}, (True, float("inf"))),
        ({"result_backend_max_retries": 7}, (True, 7)),
    ],
    ids=str,
)
def test_what_the_app_says_counts(app: Celery, settings: Any, expected: Any) -> None:
    app.conf.update(settings)
    RactoCeleryWorker(app, kit=ScriptedKit())
    assert _started(app) == expected


@pytest.mark.parametrize(
    ("module", "parents"),
    [("celery.concurrency.prefork", PARENT_RETRIES), ("celery.concurrency.thread", RESULT_RETRIES)],
)
def test_parent_of_a_forked_pool_goes_on_and_its_children_wait(
    app: Celery, module: str, parents: int
) -> None:
    RactoCeleryWorker(app, kit=ScriptedKit())
    _started(app)
    pool = type("TaskPool", (), {"__module__": module})()
    worker_ready.send(_Consumer(app=app, pool=pool))
    assert app.backend.max_retries == parents
    app.set_current()
    worker_process_init.send("w@h")
    assert app.backend.max_retries == RESULT_RETRIES


def test_connection_to_a_machine_that_is_gone_is_bounded(app: Celery) -> None:
    RactoCeleryWorker(app, kit=ScriptedKit())
    assert app.conf.redis_socket_connect_timeout == CONNECT_S
    other = Celery("other", broker="memory://", set_as_current=False)
    other.conf.redis_socket_connect_timeout = 77.0
    RactoCeleryWorker(other, kit=ScriptedKit())
    assert other.conf.redis_socket_connect_timeout == 77.0


def test_other_apps_are_left_alone(app: Celery) -> None:
    assert _started(app) == (False, float("inf"))
