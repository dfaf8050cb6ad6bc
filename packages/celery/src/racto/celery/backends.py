"""Result back ends: found, asked for a sign of life, and asked without Celery's patience."""

from __future__ import annotations

import math
import time
from functools import partial
from typing import Any

from celery import states  # type: ignore[import-untyped]
from celery._state import task_join_will_block  # type: ignore[import-untyped]
from celery.backends.base import (  # type: ignore[import-untyped]
    BaseKeyValueStoreBackend,
    DisabledBackend,
)

from racto.core.errors import ConfigurationError

from .addresses import result_host_of
from .failures import translated

FRESH_S = 1.0
"""Seconds for which a sign of life is believed."""
_REDIS = "celery.backends.redis"
_FAILED = (states.FAILURE, states.REVOKED)
_SEEN = "_racto_seen"
_TWIN = "_racto_impatient"


def backend_of(app: Any) -> Any:
    """The result back end of an app.

    Raises:
        ConfigurationError: If it has none, or its library is missing.
    """
    with translated("opening the result back end", service="result back end"):
        backend = app.backend
    if isinstance(backend, DisabledBackend):
        raise ConfigurationError(
            f"the Celery app {app.main!r} has no result back end, so nothing can be read or waited "
            "for; set result_backend"
        )
    return backend


def impatient(backend: Any) -> Any:
    """The same back end over the same connections, which gives up at the first failure.

    With ``result_backend_always_retry`` Celery repeats whatever fails for minutes. That is right
    for results, and wrong for a question and for progress, which hold somebody up.
    """
    if not getattr(backend, "always_retry", False):
        return backend
    twin = vars(backend).get(_TWIN)
    if twin is None:
        # Kept on the back end: clients that it makes later are made once.
        twin = object.__new__(type(backend))
        vars(twin).update(vars(backend), always_retry=False)
        vars(backend)[_TWIN] = twin
    return twin


def check_reachable(app: Any, what: str) -> None:
    """Ask a result back end for a sign of life where sending a task would need one.

    On Redis Celery subscribes to the result before it sends the task, and tries so for 20 seconds.
    That long it still takes when Redis goes in the second after a sign of life.

    Args:
        app: The Celery app.
        what: What is going to be done, for the error.

    Raises:
        APIConnectionError: If it does not answer; nothing was sent.
    """
    # Worker processes subscribe to nothing, and eager apps send nothing.
    if task_join_will_block() or app.conf.task_always_eager:
        return
    service = "result back end"
    with translated(what, service=service, at=partial(result_host_of, app)):
        backend = app.backend
        # By name: the module of another back end's client need not be there.
        is_redis = any(kind.__module__ == _REDIS for kind in type(backend).__mro__)
        now = time.monotonic()
        # A sign of life costs a sixth of sending, and whoever sends much needs few of them.
        if is_redis and now - vars(backend).get(_SEEN, -math.inf) > FRESH_S:
            backend.client.ping()
            vars(backend)[_SEEN] = now


def forget_failure(app: Any, task_id: str) -> None:
    """Forget that a task failed or was cancelled, before it is sent again under its key.

    Whoever waits for it would be told of that failure at once, while it runs anew.

    Raises:
        APIConnectionError: If the back end cannot be reached.
        JobError: If what it holds of the task is unreadable.
    """
    backend = impatient(app.backend)
    if app.conf.task_always_eager or not isinstance(backend, BaseKeyValueStoreBackend):
        return
    where = partial(result_host_of, app)
    with translated(f"looking up task {task_id}", service="result back end", at=where):
        if backend.get_task_meta(task_id, cache=False)["status"] in _FAILED:
            backend.forget(task_id)
