"""Limits, deliveries, and the apps that are refused."""

from __future__ import annotations

from typing import Any

import pytest
from celery import Celery  # type: ignore[import-untyped]

from racto.celery import Delivery, RactoCeleryWorker, TaskLimits
from racto.celery.settings import check_app
from racto.core.errors import ConfigurationError
from racto.core.testing import ScriptedKit


@pytest.mark.parametrize(
    "settings",
    [
        {"task_serializer": "pickle"},
        {"result_serializer": "pickle"},
        {"accept_content": ["json", "pickle"]},
        {"accept_content": ["application/x-python-serialize", "json"]},
        {"result_accept_content": ["json", "pickle"]},
        {"event_serializer": "pickle"},
    ],
)
def test_pickle_is_refused_wherever_it_is_set(settings: dict[str, Any]) -> None:
    app = Celery("unsafe", broker="memory://", backend="cache+memory://")
    app.conf.update(settings)
    with pytest.raises(ConfigurationError, match=f"pickle in {next(iter(settings))}"):
        RactoCeleryWorker(app, kit=ScriptedKit())


@pytest.mark.parametrize("settings", [{"accept_content": ["yaml"]}, {"result_serializer": "yaml"}])
def test_app_that_does_not_speak_json_is_refused(settings: dict[str, Any]) -> None:
    app = Celery("other", broker="memory://", backend="cache+memory://")
    app.conf.update(settings)
    with pytest.raises(ConfigurationError, match="JSON"):
        check_app(app)


def test_app_that_becomes_unsafe_later_sends_nothing(app: Celery) -> None:
    worker = RactoCeleryWorker(app, kit=ScriptedKit(["never"]))
    app.conf.accept_content = ["json", "pickle"]
    with pytest.raises(ConfigurationError, match="pickle"):
        worker.generate("hello")
    with pytest.raises(ConfigurationError, match="pickle"):
        worker.parallel_batch(["hello"])


def test_other_serializers_beside_json_are_fine() -> None:
    app = Celery("wide", broker="memory://", backend="cache+memory://")
    app.conf.update(task_serializer="yaml", accept_content=["json", "yaml"])
    check_app(app)


@pytest.mark.parametrize(
    "wrong",
    [{"soft_time_s": 0}, {"hard_time_s": -1}, {"result_bytes": 0}, {"payload_bytes": -5}],
)
def test_limits_are_positive(wrong: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError, match=next(iter(wrong))):
        TaskLimits(**wrong)


def test_soft_limit_comes_first() -> None:
    with pytest.raises(ConfigurationError, match="comes after hard_time_s"):
        TaskLimits(soft_time_s=3, hard_time_s=2)
    assert TaskLimits(soft_time_s=2, hard_time_s=2).soft_time_s == 2


def test_empty_key_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="idempotency_key is empty"):
        Delivery(idempotency_key="")


def test_delivery_says_only_what_was_given() -> None:
    assert Delivery().options() == {}
    assert Delivery(queue="slow", priority=0, countdown_s=1.5, idempotency_key="k").options() == {
        "queue": "slow",
        "priority": 0,
        "countdown": 1.5,
    }
