"""Sending: ids of keys, options, sizes, and what is left when the broker goes."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from celery import Celery  # type: ignore[import-untyped]

from racto.celery import Delivery, RactoCeleryWorker, TaskLimits
from racto.core.errors import APIConnectionError, ConfigurationError
from racto.core.testing import ScriptedKit


@pytest.fixture
def worker(app: Celery) -> RactoCeleryWorker:
    """A worker whose tasks stay in the queue."""
    app.conf.task_always_eager = False
    return RactoCeleryWorker(app, kit=ScriptedKit(), rag="shop:make_pipeline")


def test_key_gives_the_id(worker: RactoCeleryWorker) -> None:
    key = Delivery(idempotency_key="order-7")
    one, two = worker.generate("a", delivery=key), worker.generate("a", delivery=key)
    assert one.id == two.id
    assert UUID(one.id)
    others = [
        worker.generate("a").id,
        worker.generate("a", delivery=Delivery(idempotency_key="order-8")).id,
        worker.submit_document("a.txt", delivery=key).id,
    ]
    assert len({one.id, *others}) == 4


def test_key_of_a_batch_gives_each_item_its_own(worker: RactoCeleryWorker) -> None:
    key = Delivery(idempotency_key="batch-7")
    ids = [[r.id for r in worker.parallel_batch(["a", "b"], delivery=key)] for _ in range(2)]
    assert ids[0] == ids[1]
    assert len(set(ids[0])) == 2


def test_delivery_reaches_the_message(app: Celery, worker: RactoCeleryWorker) -> None:
    worker.generate("a", delivery=Delivery(queue="slow", priority=3, countdown_s=5, expires_s=60))
    with app.connection_for_read() as connection:
        message = connection.SimpleQueue("slow").get(timeout=5)
    assert message.headers["eta"]
    assert message.headers["expires"]
    assert message.properties["priority"] == 3
    assert message.content_type == "application/json"
    assert message.headers["task"] == "racto.generate"
    assert message.headers["argsrepr"].startswith("('generate payload, ")


def test_payload_has_a_limit_before_anything_is_sent(app: Celery) -> None:
    limits = TaskLimits(payload_bytes=1000)
    worker = RactoCeleryWorker(app, kit=ScriptedKit(["never"]), limits=limits, name="small")
    with pytest.raises(ConfigurationError, match="the limit is 1000"):
        worker.generate("x" * 1000)
    with pytest.raises(ConfigurationError, match="the limit is 1000"):
        worker.parallel_batch(["fine", "x" * 1000])


def test_broker_that_is_away_is_an_error_of_the_connection() -> None:
    app = Celery("away", broker="redis://127.0.0.1:1/0", backend="cache+memory://")
    app.conf.update(broker_transport_options={"max_retries": 0}, task_publish_retry=False)
    worker = RactoCeleryWorker(app, kit=ScriptedKit())
    with pytest.raises(
        APIConnectionError, match=r"sending racto\.generate: the broker at 127\.0\.0\.1:1 f"
    ):
        worker.generate("a")


def test_batch_that_breaks_off_tells_what_was_sent(
    app: Celery, worker: RactoCeleryWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    task = app.tasks["racto.generate"]
    send = task.apply_async
    sent: list[Any] = []

    def flaky(*args: Any, **options: Any) -> Any:
        if len(sent) == 3:
            raise ConnectionResetError("gone")
        sent.append(send(*args, **options))
        return sent[-1]

    monkeypatch.setattr(task, "apply_async", flaky)
    with pytest.raises(APIConnectionError, match="gone") as caught:
        worker.parallel_batch(["a", "b", "c", "d", "e"])
    assert [result.id for result in caught.value.partial.results] == [result.id for result in sent]
    assert "3 of 5 items were sent" in caught.value.__notes__
