"""Jobs on Celery: keys, retries, results, cancelling, and what is refused before anything is sent."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from celery import Celery  # type: ignore[import-untyped]

from racto.celery import CeleryJobQueue, RactoCeleryWorker
from racto.core import discovery
from racto.core.errors import APIConnectionError, ConfigurationError, JobError
from racto.core.protocols.jobs import JobState
from racto.core.testing import SAMPLE_JOBS, ScriptedKit

from .harness.premises import Site, until

# Celery's own way of writing to the newest Redis client.
pytestmark = pytest.mark.filterwarnings("ignore:Call to deprecated setex:DeprecationWarning")


def test_job_that_fails_for_a_while_runs_again(site: Site) -> None:
    words = f"flaky {uuid4()}"
    done = site.depot.jobs.join(site.depot.jobs.submit("work", {"words": words}), timeout=20)
    assert (done.state, done.result) == (JobState.SUCCEEDED, f"run 2 of {words}")
    assert done.progress == 1.0


def test_job_that_has_succeeded_is_delivered_once_more_and_does_not_run(site: Site) -> None:
    queue, words = site.depot.jobs, f"hello {uuid4()}"
    job_id = queue.submit("work", {"words": words})
    done = queue.join(job_id, timeout=20)
    # What a broker does that believes a worker dead.
    task = site.depot.app.tasks["jobs.work"]
    task.apply_async((json.dumps({"payload": {"words": words}}),), task_id=job_id)
    # Both processes are kept busy by what comes after it.
    for later in [queue.submit("work", {"words": f"sleep 0.1 {uuid4()}"}) for _ in range(2)]:
        queue.join(later, timeout=20)
    assert queue.status(job_id) == done
    assert site.runs(words) == 1


def test_job_is_seen_running_and_waiting_ends_in_time(site: Site) -> None:
    queue, words = site.depot.jobs, f"sleep 0.6 {uuid4()}"
    job_id = queue.submit("work", {"words": words})
    until(lambda: queue.status(job_id).state is JobState.RUNNING)
    assert queue.join(job_id, timeout=0.05).state is JobState.RUNNING
    assert queue.join(job_id, timeout=20).state is JobState.SUCCEEDED


def test_cancelled_job_does_not_run(site: Site) -> None:
    queue, words = site.depot.jobs, f"hello {uuid4()}"
    busy = [queue.submit("work", {"words": f"sleep 0.4 {uuid4()}"}) for _ in range(4)]
    job_id = queue.submit("work", {"words": words})
    queue.cancel(job_id)
    done = queue.join(job_id, timeout=20)
    assert done.state is JobState.CANCELLED
    assert done.error == "the task was cancelled"
    for each in busy:
        queue.join(each, timeout=20)
    assert site.runs(words) == 0


def test_job_by_its_path_and_results_have_a_limit(site: Site) -> None:
    queue = site.depot.jobs
    assert queue.join(queue.submit("path", {}), timeout=20).result is False
    large = queue.join(queue.submit("path", {"make": "large"}), timeout=20)
    assert large.state is JobState.FAILED
    assert "the limit is 1000" in (large.error or "")


def test_queue_is_found_by_its_name() -> None:
    facts = tomllib.loads(Path(__file__).parents[1].joinpath("pyproject.toml").read_text())
    entry = facts["project"]["entry-points"]["racto.job_queues"]
    assert entry == {"celery": f"{CeleryJobQueue.__module__.rpartition('.')[0]}:CeleryJobQueue"}
    assert "celery" in discovery.names("racto.job_queues")


def test_unknown_names_payloads_and_keys_are_refused(app: Celery) -> None:
    queue = CeleryJobQueue(app, jobs=SAMPLE_JOBS)
    with pytest.raises(JobError, match="no job 'nothing'; known are: echo, fail"):
        queue.submit("nothing", {})
    with pytest.raises(ConfigurationError, match="is a mapping"):
        queue.submit("echo", {1: 2})  # type: ignore[dict-item]
    with pytest.raises(ConfigurationError, match="no JSON"):
        queue.submit("echo", {"a": object()})
    with pytest.raises(ConfigurationError, match="idempotency_key is empty"):
        queue.submit("echo", {}, idempotency_key="")
    for call in (queue.status, queue.join, queue.cancel):
        with pytest.raises(JobError, match="no job with the id 'never'"):
            call("never")


@pytest.mark.parametrize(
    ("jobs", "words"),
    [
        ({"a/b": len}, "use letters"),
        ({"": len}, "use letters"),
        ({"a": 5}, "must be a function"),
        ({"a": "no_path"}, "must be a function"),
    ],
)
def test_jobs_that_are_none_are_refused(app: Celery, jobs: Any, words: str) -> None:
    with pytest.raises(ConfigurationError, match=words):
        CeleryJobQueue(app, jobs=jobs)


def test_names_are_shared_with_workers(app: Celery) -> None:
    CeleryJobQueue(app, jobs={"a": len})
    # The same jobs once more are no clash.
    CeleryJobQueue(app, jobs={"a": len})
    with pytest.raises(ConfigurationError, match="already"):
        CeleryJobQueue(app, jobs={"a": repr})
    with pytest.raises(ConfigurationError, match="already"):
        RactoCeleryWorker(app, kit=ScriptedKit(), name="jobs")


@pytest.mark.parametrize("backend", [None, "rpc://"])
def test_back_end_that_cannot_tell_is_refused_before_sending(backend: str | None) -> None:
    app = Celery("bare", broker="memory://", backend=backend, set_as_current=False)
    queue = CeleryJobQueue(app, jobs=SAMPLE_JOBS)
    with pytest.raises(ConfigurationError, match="result back"):
        queue.submit("echo", {})


def test_back_end_that_goes_after_sending_says_so(
    app: Celery, monkeypatch: pytest.MonkeyPatch
) -> None:
    app.conf.task_always_eager = False
    queue = CeleryJobQueue(app, jobs=SAMPLE_JOBS)

    def gone(key: str) -> Any:
        raise ConnectionResetError("gone")

    monkeypatch.setattr(app.backend, "get", gone)
    with pytest.raises(APIConnectionError, match="noting the job") as caught:
        queue.submit("echo", {})
    assert "was sent" in caught.value.__notes__[0]
