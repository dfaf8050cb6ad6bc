"""The streaming layer on a real Redis: limits kept, failures told, and Redis never in the way."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from celery import Celery  # type: ignore[import-untyped]

from racto.celery import RactoCeleryWorker
from racto.celery.streaming import StreamLayer
from racto.core.errors import BadRequestError, ConfigurationError
from racto.core.responses import LLMResponse
from racto.core.testing import ScriptedKit

from .harness.redis_process import RedisProcess


@pytest.fixture(scope="module")
def server() -> Iterator[RedisProcess]:
    """A Redis for this file."""
    with RedisProcess() as made:
        yield made


def _send(layers: list[Any], reply: Any) -> Any:
    app = Celery("stream", broker="memory://", backend="cache+memory://", set_as_current=False)
    app.conf.task_always_eager = True
    worker = RactoCeleryWorker(app, kit=ScriptedKit([reply]), layers=layers)
    return worker.generate("hello")


def _entries(server: RedisProcess, task_id: str) -> list[tuple[str, str]]:
    with server.client() as client:
        assert 0 < client.pttl(f"s:{task_id}") <= 60_000
        found: Any = client.xrange(f"s:{task_id}")
        return [(fields["k"], fields["d"]) for _, fields in found]


def test_thinking_and_text_are_kept_apart_and_in_order(server: RedisProcess) -> None:
    layer = StreamLayer(server.url, prefix="s", every_s=3600.0, keep_s=60)
    reply = LLMResponse(content="one two three", thinking="well then")
    sent = _send([layer], reply)
    assert sent.get()["content"] == "one two three"
    # The first piece at once, the rest together, as the pause is long.
    assert _entries(server, sent.id) == [
        ("begin", ""),
        ("thinking", "well "),
        ("thinking", "then"),
        ("text", "one two three"),
        ("end", ""),
    ]


def test_long_reply_is_cut_in_the_stream_alone(server: RedisProcess) -> None:
    layer = StreamLayer(server.url, prefix="s", every_s=0, most_characters=9, keep_s=60)
    sent = _send([layer], "one two three four")
    assert sent.get()["content"] == "one two three four"
    entries = _entries(server, sent.id)
    assert "".join(text for kind, text in entries if kind == "text") == "one two t"
    assert entries[-1] == ("end", "cut")


def test_failure_is_told(server: RedisProcess) -> None:
    layer = StreamLayer(server.url, prefix="s", keep_s=60)
    sent = _send([layer], BadRequestError("400", status_code=400))
    assert sent.state == "FAILURE"
    assert _entries(server, sent.id) == [("begin", ""), ("failed", "")]


def test_redis_that_is_away_is_told_of_once(caplog: pytest.LogCaptureFixture) -> None:
    with RedisProcess() as server:
        server.kill()
        sent = _send([StreamLayer(server.url, every_s=0)], "one two three")
        assert sent.get()["content"] == "one two three"
    assert caplog.text.count("is not streamed any further") == 1


def test_layer_before_another_one_refuses(server: RedisProcess) -> None:
    layer = StreamLayer(server.url)
    sent = _send([layer, StreamLayer(server.url)], "hi")
    with pytest.raises(ConfigurationError, match="must be the last"):
        sent.get()


@pytest.mark.parametrize("given", [{"every_s": -1}, {"most_characters": 0}, {"keep_s": 0}])
def test_numbers_out_of_range_are_refused(given: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError, match="every_s must be"):
        StreamLayer("redis://localhost", **given)
