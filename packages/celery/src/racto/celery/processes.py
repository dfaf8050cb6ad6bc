"""What happens where a worker process starts and ends: results are kept, whatever was made is closed."""

from __future__ import annotations

from typing import Any, TypeVar
from weakref import WeakSet

from celery import current_app  # type: ignore[import-untyped]
from celery.signals import (  # type: ignore[import-untyped]
    celeryd_init,
    worker_process_init,
    worker_process_shutdown,
    worker_ready,
    worker_shutdown,
)

from .factories import close_all
from .settings import PARENT_RETRIES, bound_connecting, keep_results

A = TypeVar("A")

_APPS: WeakSet[Any] = WeakSet()
_PATIENT: WeakSet[Any] = WeakSet()


def attended(app: A) -> A:
    """The app, whose worker processes are prepared when they start."""
    bound_connecting(app)
    _APPS.add(app)
    return app


def _prepared(instance: Any, **_: Any) -> None:
    if instance.app in _APPS and keep_results(instance.app):
        _PATIENT.add(instance.app)


def _hurried(sender: Any, **_: Any) -> None:
    """Keep the parent of a forked pool from sleeping for minutes over a task that was revoked."""
    is_forked = type(sender.pool).__module__ == "celery.concurrency.prefork"
    if is_forked and sender.app in _PATIENT:
        backend = sender.app.backend
        backend.max_retries = min(backend.max_retries, PARENT_RETRIES)


def _patient(**_: Any) -> None:
    # A child that is forked later has its parent's back end, and with it the parent's hurry.
    app = current_app._get_current_object()
    if app in _PATIENT:
        app.backend.max_retries = app.conf.result_backend_max_retries


# In worker processes alone: whoever sends and asks must not be held up.
celeryd_init.connect(_prepared, dispatch_uid="racto.celery.results", weak=False)
worker_ready.connect(_hurried, dispatch_uid="racto.celery.parent", weak=False)
worker_process_init.connect(_patient, dispatch_uid="racto.celery.child", weak=False)
# Forked pools say the first, threads and solo pools the second.
worker_process_shutdown.connect(
    lambda **_: close_all(), dispatch_uid="racto.celery.process", weak=False
)
worker_shutdown.connect(lambda **_: close_all(), dispatch_uid="racto.celery.worker", weak=False)
