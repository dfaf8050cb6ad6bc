"""The worker's public methods, with real processes on Redis and on RabbitMQ."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from celery import Celery  # type: ignore[import-untyped]

from racto.celery import RactoCeleryWorker, TaskResult, TaskStatus
from racto.core.chat import ChatConfig
from racto.core.errors import ConfigurationError
from racto.core.files import RactoFile
from racto.core.prompts import RactoPrompt
from racto.core.responses import LLMResponse
from racto.core.testing import ScriptedKit
from racto.core.usage import Usage

from .conftest import Live

PATIENCE_S = 30.0


def done(live: Live, words: str, **more: Any) -> TaskResult:
    """What came of a request."""
    return live.worker.wait(live.worker.generate(words, **more).id, timeout_s=PATIENCE_S)


def test_reply_is_the_reply_of_the_kit(live: Live) -> None:
    found = done(live, "hello")
    assert found.ok
    assert found.status is TaskStatus.SUCCESS
    assert found.error is None
    response = LLMResponse.model_validate(found.result)
    assert response.content == "shop-1: hello"
    assert response.raw is None


def test_celery_result_is_usable_as_it_is(live: Live) -> None:
    result = live.worker.generate("hello")
    assert result.get(timeout=PATIENCE_S)["content"] == "shop-1: hello"
    assert live.worker.get_result(result.id).ok


def test_each_worker_of_an_app_has_its_own_kit(live: Live) -> None:
    found = live.second.wait(live.second.generate("hello").id, timeout_s=PATIENCE_S)
    assert (live.worker.name, live.second.name) == ("racto", "racto-2")
    assert found.result["content"] == "shop-2: hello"


def test_request_travels_whole(live: Live) -> None:
    prompt = RactoPrompt(
        role="clerk", aim="help", constraints=["be kind"], tone="dry", output_format="text"
    )
    found = done(
        live,
        "fields Grüße",
        temperature=None,
        max_tokens=7,
        history=[{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}],
        extra={"top": [1, {"__type__": "datetime", "__value__": "none"}]},
        prompt=prompt,
        tools=["get_price"],
        response_model=Usage,
        attachments=[RactoFile(b"\x00\xff", "image/png", "a.png")],
        options={"stop": ("END",), "tool_choice": "get_price"},
    )
    text, tools, model = found.result["content"].rsplit("|", 2)
    fields = json.loads(text)
    assert fields["user_message"] == "fields Grüße"
    assert fields["temperature"] is None
    assert fields["max_tokens"] == 7
    assert [turn["content"] for turn in fields["history"]] == ["a", "b"]
    assert fields["extra"] == {"top": [1, {"__type__": "datetime", "__value__": "none"}]}
    assert RactoPrompt(**fields["prompt"]) == prompt
    assert fields["attachments"][0]["data"] == "AP8="
    assert fields["stop"] == ["END"]
    assert fields["tool_choice"] == "get_price"
    assert (tools, model) == ("['get_price']", "Usage")


def test_bad_request_is_tried_once(live: Live) -> None:
    found = done(live, "refuse once")
    assert found.status is TaskStatus.FAILURE
    assert not found.ok
    assert found.error_type == "BadRequestError"
    assert found.error == "400: no such field; api_key=***"
    assert len(live.lines("refuse once")) == 1


def test_retry_after_is_waited_for(live: Live) -> None:
    found = done(live, "limit a")
    assert found.result["content"] == "after 3"
    times = [float(line.split()[-1]) for line in live.lines("limit a")]
    assert len(times) == 3
    assert all(later - earlier >= 0.3 for earlier, later in pairwise(times))


def test_retries_come_to_an_end(live: Live) -> None:
    found = done(live, "break b")
    assert found.status is TaskStatus.FAILURE
    assert found.error_type == "ServerError"
    # The first run and two retries.
    assert len(live.lines("break b")) == 3


def test_foreign_error_is_a_failure_without_its_secrets(live: Live) -> None:
    result = live.worker.generate("crash")
    found = live.worker.wait(result.id, timeout_s=PATIENCE_S)
    assert found.error_type == "JobError"
    assert found.error == "RuntimeError: boom with password=***"
    record = live.app.backend.get_task_meta(result.id)
    assert "hunter2" not in str(record)
    assert "hunter2" not in live.process.words
    assert "RuntimeError: boom" in live.process.words


def test_soft_limit_ends_a_task_for_good(live: Live) -> None:
    found = done(live, "wrap 20")
    assert found.error_type == "DeadlineExceededError"
    assert "soft time limit" in (found.error or "")
    # A kit that made a retryable error of it does not bring it back.
    assert len(live.lines("wrap")) == 1


def test_hard_limit_kills(live: Live) -> None:
    found = done(live, "hang 20")
    assert found.status is TaskStatus.FAILURE
    assert "hard time limit" in (found.error or "")
    assert live.lines("ignored SoftTimeLimitExceeded")


def test_wait_that_ends_early_is_no_failure(live: Live) -> None:
    result = live.worker.generate("sleep 0.5")
    found = live.worker.wait(result.id, timeout_s=0.02)
    assert found.timed_out
    assert found.status in (TaskStatus.PENDING, TaskStatus.STARTED)
    assert found.error is None
    again = live.worker.wait(result.id, timeout_s=PATIENCE_S)
    assert again.ok
    assert not again.timed_out


def test_batch_keeps_order_and_the_items_own_values(live: Live) -> None:
    items: list[Any] = [
        "fields",
        {"user_message": "fields", "temperature": 0.0},
        {"user_message": "fields", "temperature": None, "max_tokens": 5},
        ChatConfig(user_message="fields", top_p=0.5),
        "refuse in a batch",
        *(f"number {n}" for n in range(20)),
    ]
    group = live.worker.parallel_batch(items, temperature=0.9, max_tokens=99)
    found = live.worker.wait_parallel(group, timeout_s=PATIENCE_S)
    assert [one.task_id for one in found] == [result.id for result in group.results]
    said = [json.loads(one.result["content"].split("|")[0]) for one in found[:4]]
    assert [(one["temperature"], one["max_tokens"]) for one in said[:3]] == [
        (0.9, 99),
        (0.0, 99),
        (None, 5),
    ]
    # A whole request has said everything: it takes no defaults.
    assert {"temperature", "max_tokens"}.isdisjoint(said[3])
    assert said[3]["top_p"] == 0.5
    assert found[4].error_type == "BadRequestError"
    assert [one.result["content"] for one in found[5:]] == [
        f"shop-1: number {n}" for n in range(20)
    ]


def test_waiting_for_a_batch_can_end_early(live: Live) -> None:
    group = live.worker.parallel_batch(["quick", "sleep 0.8"])
    found = live.worker.wait_parallel(group, timeout_s=0.4)
    assert found[1].timed_out
    assert not found[1].status.is_final
    assert live.worker.wait_parallel(group, timeout_s=PATIENCE_S)[1].ok
    assert live.worker.wait_parallel(live.worker.parallel_batch([])) == []


def test_chunks_come_without_vectors(live: Live, tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("one\ntwo\n")
    result = live.worker.ingest_document(path, team="x", since=(1, 2))
    found = live.worker.wait(result.id, timeout_s=PATIENCE_S)
    assert [chunk["content"] for chunk in found.result] == ["one", "two"]
    assert found.result[0]["metadata"]["source"] == str(path)
    assert found.result[0]["metadata"]["extra"] == {"team": "x", "since": [1, 2]}
    assert "embedding" not in json.dumps(found.result)
    assert "0.25" not in str(live.app.backend.get_task_meta(result.id))


def test_large_documents_fit_the_back_end(live: Live, tmp_path: Path) -> None:
    path = tmp_path / "large.txt"
    path.write_text("\n".join(f"line {n}" for n in range(3000)))
    result = live.worker.ingest_document(path)
    found = live.worker.wait(result.id, timeout_s=PATIENCE_S)
    assert found.result[0] == {"chunk_id": "c0"}
    end = found.result[-1]
    assert len(found.result) - 1 + end["omitted"] == 3000
    assert len(json.dumps(found.result)) < 25_000


def test_unreadable_document_is_a_failure(live: Live, tmp_path: Path) -> None:
    (tmp_path / "empty.txt").touch()
    result = live.worker.ingest_document(tmp_path / "empty.txt")
    found = live.worker.wait(result.id, timeout_s=PATIENCE_S)
    assert found.error_type == "EmptyDocumentError"


def test_large_reply_is_trimmed_or_refused(live: Live) -> None:
    found = done(live, "large 9500")
    assert len(found.result["content"]) == 9500
    assert found.result["trimmed"] == ["logprobs", "parts"]
    assert "limit is 20000" in (done(live, "large 30000").error or "")


def test_reply_cannot_pose_as_an_object(live: Live) -> None:
    assert done(live, "marked").result["parsed"] == {
        "__type__": "datetime",
        "__value__": "no date",
    }


def test_kit_is_made_after_the_fork(live: Live) -> None:
    pids = {done(live, "pid").result["content"] for _ in range(8)}
    assert all(len(set(pair.split())) == 1 for pair in pids)
    made = [line.split()[1] for line in live.lines("kit")]
    assert str(live.process.pid) not in made


def test_cancelled_task_does_not_run(live: Live) -> None:
    busy = live.worker.parallel_batch(["sleep 0.4"] * 6)
    result = live.worker.generate("refuse cancelled")
    live.worker.cancel(result.id)
    found = live.worker.wait(result.id, timeout_s=PATIENCE_S)
    live.worker.wait_parallel(busy, timeout_s=PATIENCE_S)
    assert found.status is TaskStatus.REVOKED
    assert not live.lines("refuse cancelled")


def test_running_task_can_be_ended(live: Live) -> None:
    result = live.second.generate("sleep 30")
    while live.second.get_result(result.id).status is not TaskStatus.STARTED:
        time.sleep(0.02)
    live.second.cancel(result.id, terminate=True)
    assert live.second.wait(result.id, timeout_s=PATIENCE_S).status is TaskStatus.REVOKED
    assert done(live, "hello").ok


async def test_async_twins_do_not_block_the_loop(live: Live, tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("one")
    beats = 0

    async def beat() -> None:
        nonlocal beats
        while True:
            await asyncio.sleep(0.01)
            beats += 1

    heart = asyncio.create_task(beat())
    slow = await live.worker.agenerate("sleep 0.5")
    document = await live.worker.aingest_document(path, team="y")
    group = await live.worker.aparallel_batch(["a", "b"])
    found, chunks, batch = await asyncio.gather(
        live.worker.ajoin(slow.id, timeout_s=PATIENCE_S),
        live.worker.ajoin(document.id, timeout_s=PATIENCE_S),
        live.worker.await_parallel(group, timeout_s=PATIENCE_S),
    )
    early = await live.worker.ajoin("never-sent", timeout_s=0.02)
    await live.worker.acancel(slow.id)
    heart.cancel()
    assert found.ok
    assert len(chunks.result) == 1
    assert [one.result["content"] for one in batch] == ["shop-1: a", "shop-1: b"]
    assert early.timed_out
    assert (await live.worker.aget_result(slow.id)).ok
    assert beats >= 10


def test_the_same_on_rabbitmq_until_the_end(
    make_live: Callable[..., Live], rabbitmq_url: str, redis_url: str
) -> None:
    live = make_live(rabbitmq_url, redis_url, "-P", "prefork", "-c", "1")
    assert done(live, "hello").result["content"] == "shop-1: hello"
    assert done(live, "limit r").result["content"] == "after 3"
    assert done(live, "refuse r").error_type == "BadRequestError"
    group = live.worker.parallel_batch([f"{n}" for n in range(10)])
    found = live.worker.wait_parallel(group, timeout_s=PATIENCE_S)
    assert [one.result["content"] for one in found] == [f"shop-1: {n}" for n in range(10)]
    pid = done(live, "pid").result["content"].split()[0]
    assert live.process.stop() == 0
    # The kit was made in the child, and is closed there.
    assert live.lines("closed") == [f"closed {pid} {pid}"]


def test_ingestion_without_pipeline_queues_nothing(app: Celery, tmp_path: Path) -> None:
    worker = RactoCeleryWorker(app, kit=ScriptedKit())
    # Queues in memory belong to the process: others leave tasks in the usual one.
    app.conf.update(task_always_eager=False, task_default_queue="untouched")
    with pytest.raises(ConfigurationError, match="nothing was queued"):
        worker.ingest_document(tmp_path / "a.txt")
    with app.connection_for_read() as connection:
        queue = connection.SimpleQueue("untouched")
        assert queue.qsize() == 0
        queue.close()


@pytest.mark.parametrize(
    ("item", "words"),
    [
        ({"user_message": "x", "temprature": 1}, r"items\[1\]: temprature"),
        ({"user_message": "x", "temperature": 9}, r"items\[1\]: temperature"),
        ({}, r"items\[1\]"),
        (7, r"items\[1\]: an item is a text"),
    ],
)
def test_malformed_item_is_named(app: Celery, item: Any, words: str) -> None:
    worker = RactoCeleryWorker(app, kit=ScriptedKit(["never"]))
    with pytest.raises(ConfigurationError, match=words):
        worker.parallel_batch(["fine", item])


def test_option_that_would_be_overridden_is_refused(app: Celery) -> None:
    worker = RactoCeleryWorker(app, kit=ScriptedKit(["never"]))
    with pytest.raises(ConfigurationError, match="options: prompt, temperature would be"):
        worker.generate("x", options={"temperature": 0.7, "prompt": "p", "seed": 1})


def test_metadata_that_cannot_travel_is_refused(app: Celery) -> None:
    worker = RactoCeleryWorker(app, kit=ScriptedKit(), rag="shop:make_pipeline")
    with pytest.raises(Exception, match="object"):
        worker.ingest_document("a.txt", when=object())


def test_dates_in_metadata_travel(app: Celery) -> None:
    from datetime import date

    seen: list[dict[str, Any]] = []

    class Pipeline:
        def ingest(self, path: str, **metadata: Any) -> list[Any]:
            seen.append(metadata)
            return []

    worker = RactoCeleryWorker(app, kit=ScriptedKit(), rag=Pipeline())
    assert worker.ingest_document("a.txt", when=date(2026, 1, 2), pair=(1, 2)).get() == []
    assert seen == [{"when": date(2026, 1, 2), "pair": (1, 2)}]
