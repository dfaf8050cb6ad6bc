"""Machines that fail under real workers: nothing that was sent is lost, counted by runs and ids."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from uuid import uuid4

from racto.celery import Delivery, TaskStatus
from racto.celery.streams import StreamReader

from .harness.premises import Site, until
from .harness.redis_process import RedisProcess


def _unfinished(site: Site) -> int:
    """Messages that are in the queue, or with a worker and not acknowledged."""
    with site.server.client(db=0) as broker:
        return int(broker.llen("depot")) + int(broker.hlen("unacked"))


@contextmanager
def _supervised(site: Site) -> Iterator[Callable[[], bool]]:
    """A worker that is started again when it has ended, at the next question whether it is there.

    One that was about to acknowledge when its broker went may end with an error of kombu's.
    """
    with ExitStack() as workers:
        latest = workers.enter_context(site.worker())

        def is_there() -> bool:
            nonlocal latest
            if latest.status is not None:
                latest = workers.enter_context(site.worker())
            return True

        yield is_there


def test_killed_workers_and_doubled_messages(own_site: Site) -> None:
    site, words = own_site, f"once 60 {uuid4()}"
    task_id = site.depot.once.generate(words).id
    doubled = f"sleep 0.5 {uuid4()}"
    with site.worker() as first:
        until(lambda: site.runs(words) == 1)
        first.kill()
    # While nobody works: a message that the broker delivers twice.
    double_id = site.depot.once.generate(doubled).id
    with site.server.client(db=0) as broker:
        broker.lpush("depot", str(broker.lindex("depot", 0)))
    with site.worker():
        found = site.depot.once.wait(task_id, timeout_s=40)
        assert found.ok, found
        assert found.result is not None
        assert found.result["content"] == f"run 2 of {words}"
        assert site.depot.once.wait(double_id, timeout_s=20).ok
        # One process of the pool is killed, while its parent lives.
        again = f"once 60 {uuid4()}"
        sent = site.depot.once.generate(again)
        until(lambda: site.runs(again) == 1)
        os.kill(site.pid(again), signal.SIGKILL)
        assert site.depot.once.wait(sent.id, timeout_s=40).ok
        until(lambda: _unfinished(site) == 0)
    assert [site.runs(each) for each in (words, doubled, again)] == [2, 1, 2]


def test_broker_is_restarted_under_load(own_site: Site) -> None:
    site, marks = own_site, [f"sleep 0.1 {uuid4()}" for _ in range(30)]
    with _supervised(site) as is_there:
        ids = [site.depot.once.generate(words).id for words in marks]
        until(lambda: sum(site.runs(words) for words in marks) >= 5)
        site.server.kill()
        site.server.start()
        until(
            lambda: is_there() and all(site.depot.once.get_result(task).ok for task in ids),
            # The claims of a worker that died last until their lease is over.
            timeout_s=150,
        )
        found = [site.depot.once.get_result(task_id) for task_id in ids]
        assert [result.status for result in found] == [TaskStatus.SUCCESS] * 30
        assert {result.result["content"][-36:] for result in found if result.result} == {
            words[-36:] for words in marks
        }
        until(lambda: _unfinished(site) == 0)
    # Only what was in the hands of the two processes may have had to be done again.
    assert sum(site.runs(words) for words in marks) <= 32


def test_services_go_away_while_tasks_run(tmp_path: Path) -> None:
    with RedisProcess() as server, RedisProcess() as backend, RedisProcess() as layers:
        site = Site(tmp_path, server, backend=backend.url, layers=layers)
        with site.worker():
            words = f"sleep 1 {uuid4()}"
            task_id = site.depot.once.generate(words).id
            until(lambda: site.runs(words) == 1)
            # Begins while the back end is away, and could not even be noted as started.
            late_id = site.depot.once.generate(
                f"hello {words}", delivery=Delivery(countdown_s=0.6)
            ).id
            backend.kill()
            # Longer than the task, so that its result meets no back end.
            until(lambda: _now(layers) > 1.6)
            backend.start()
            for each in (task_id, late_id):
                found = site.depot.once.wait(each, timeout_s=40)
                assert found.ok, found
            # Redis delivers again what took longer than the visibility timeout: that runs no more.
            assert (site.runs(words), site.runs(f"hello {words}")) == (1, 1)
            # The layers' Redis: a stream is cut, and the reply is whole.
            words = f"sleep 1 {uuid4()}"
            task_id = site.depot.cut.generate(words).id
            until(lambda: site.pid(words) > 0)
            layers.kill()
            assert site.depot.cut.wait(task_id, timeout_s=40).ok
            # And a task that cannot be claimed waits for its return.
            task_id = site.depot.once.generate(f"hello {uuid4()}").id
            layers.start()
            assert site.depot.once.wait(task_id, timeout_s=40).ok
        site.close()


def _now(server: RedisProcess) -> float:
    """Seconds since the first question, by a clock of its own."""
    with server.client(db=5) as client:
        seconds, micros = client.time()
        now = seconds + micros / 1e6
        client.setnx("began", now)
        return float(now - float(client.get("began") or now))


def test_rabbitmq_gives_the_task_of_a_killed_process_to_another(
    address_of: Callable[[str], str], tmp_path: Path
) -> None:
    queue = f"racto-test-{uuid4().hex[:8]}"
    with RedisProcess() as server:
        rabbit = Site(tmp_path, server, broker=address_of("rabbitmq"), queue=queue)
        words = f"once 60 {uuid4()}"
        with rabbit.worker():
            task_id = rabbit.depot.once.generate(words).id
            until(lambda: rabbit.runs(words) == 1)
            os.kill(rabbit.pid(words), signal.SIGKILL)
            found = rabbit.depot.once.wait(task_id, timeout_s=40)
            assert found.ok, found
            reader = StreamReader(rabbit.layers, worker=rabbit.depot.streamed)
            task_id = rabbit.depot.streamed.generate("hello rabbit").id
            assert "".join(s.text for s in reader.read(task_id, timeout_s=20)).endswith("rabbit")
        assert rabbit.runs(words) == 2
        with rabbit.depot.app.connection_for_write() as connection:
            connection.default_channel.queue_delete(queue)
        rabbit.close()


def test_queued_and_running_tasks_are_cancelled(site: Site) -> None:
    words, queued = f"sleep 30 {uuid4()}", f"hello {uuid4()}"
    running = site.depot.once.generate(words)
    until(lambda: site.pid(words) > 0)
    later = site.depot.once.generate(queued, delivery=Delivery(countdown_s=1.5))
    site.depot.once.cancel(later.id)
    site.depot.once.cancel(running.id, terminate=True)
    assert site.depot.once.wait(running.id, timeout_s=30).status is TaskStatus.REVOKED
    assert site.depot.once.wait(later.id, timeout_s=30).status is TaskStatus.REVOKED
    assert (site.runs(words), site.runs(queued)) == (1, 0)


def test_progress_is_told_while_a_task_runs(site: Site) -> None:
    task_id = site.depot.told.generate(f"sleep 1 {uuid4()}").id
    until(lambda: site.depot.told.get_result(task_id).progress is not None)
    found = site.depot.told.get_result(task_id)
    assert (found.status, found.progress, found.note) == (TaskStatus.STARTED, 0.25, "asking")
    assert site.depot.told.wait(task_id, timeout_s=20).ok
