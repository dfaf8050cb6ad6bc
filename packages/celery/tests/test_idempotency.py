"""Tasks that are delivered twice: none runs twice at a time, and all deliveries have one result."""

from __future__ import annotations

from uuid import uuid4

from racto.celery import Delivery, TaskStatus

from .harness.premises import Site, until


def test_two_sends_under_one_key_run_once(site: Site) -> None:
    words, key = f"sleep 0.6 {uuid4()}", Delivery(idempotency_key=str(uuid4()))
    first = site.depot.once.generate(words, delivery=key)
    second = site.depot.once.generate(words, delivery=key)
    assert first.id == second.id
    found = site.depot.once.wait(first.id, timeout_s=20)
    assert found.ok, found
    third = site.depot.once.generate(words, delivery=key)
    assert site.depot.once.wait(third.id, timeout_s=20).result == found.result
    assert site.runs(words) == 1


def test_task_longer_than_the_visibility_timeout_runs_once(site: Site) -> None:
    """Both workers on one app, so that the plain one shows that the broker does deliver twice."""
    # The control is slow in its first run alone, or each run would bring about another one.
    words, control = f"sleep 3.5 {uuid4()}", f"once 3.5 {uuid4()}"
    sent, plain = site.depot.once.generate(words), site.depot.plain.generate(control)
    found = site.depot.once.wait(sent.id, timeout_s=30)
    assert found.status is TaskStatus.SUCCESS
    assert found.result["content"] == f"run 1 of {words}"
    assert site.depot.plain.wait(plain.id, timeout_s=30).ok
    until(lambda: site.runs(control) > 1)
    assert site.runs(words) == 1


def test_failed_task_is_free_to_run_again(site: Site) -> None:
    words = f"flaky {uuid4()}"
    found = site.depot.once.wait(site.depot.once.generate(words).id, timeout_s=20)
    assert found.ok, found
    assert site.runs(words) == 2


def test_refused_task_runs_once_and_fails(site: Site) -> None:
    words = f"refuse {uuid4()}"
    found = site.depot.once.wait(site.depot.once.generate(words).id, timeout_s=20)
    assert found.status is TaskStatus.FAILURE
    assert found.error_type == "BadRequestError"
    assert site.runs(words) == 1


def test_forgotten_task_runs_again(site: Site) -> None:
    words, key = f"hello {uuid4()}", Delivery(idempotency_key=str(uuid4()))
    task_id = site.depot.once.generate(words, delivery=key).id
    assert site.depot.once.wait(task_id, timeout_s=20).ok
    site.depot.idempotency.forget(task_id)
    # The back end's own record would be taken for the second run's.
    site.depot.app.AsyncResult(task_id).forget()
    site.depot.once.generate(words, delivery=key)
    assert site.depot.once.wait(task_id, timeout_s=20).result["content"] == f"run 2 of {words}"
