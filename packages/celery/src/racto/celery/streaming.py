"""Replies as they are written: a layer that streams them into Redis while the task runs."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from racto.core.errors import ConfigurationError, RactoGatewayError, StreamTruncatedError

from .connections import RedisConnection
from .partials import EntryKind, entry
from .payloads import GeneratePayload
from .tasks import Call, Kind, TaskRun, answered
from .trimming import trimmed_response

PREFIX = "racto:celery:stream"
"""What the keys of streams begin with, unless told otherwise."""

_log = logging.getLogger("racto.celery")


class StreamLayer:
    """Lets callers read replies while workers receive them.

    Generation tasks ask the kit to stream. What comes is written to a Redis stream, a few times a
    second, where :class:`~racto.celery.streams.StreamReader` reads it. The task's result is the
    same as without. Must be the last of a worker's layers, as it does the call itself.

    The stream is a convenience: when Redis fails, the reply still becomes the task's result.

    Args:
        url: The Redis.
        prefix: What its keys begin with.
        every_s: Seconds between two entries at least, the first excepted.
        most_characters: Most characters of one run that are streamed.
        keep_s: Seconds that a stream is kept after its last entry.

    Raises:
        ConfigurationError: If a number is out of range, or the URL is none of Redis.
    """

    def __init__(
        self,
        url: str,
        *,
        prefix: str = PREFIX,
        every_s: float = 0.05,
        most_characters: int = 1_000_000,
        keep_s: float = 3600.0,
    ) -> None:
        if not (every_s >= 0 and most_characters > 0 and keep_s > 0):
            raise ConfigurationError(
                "every_s must be 0 or more, most_characters and keep_s above 0, not "
                f"{every_s!r}, {most_characters!r} and {keep_s!r}"
            )
        # A piece that was sent twice would be read twice.
        self._redis = RedisConnection(url, is_patient=False)
        self.prefix, self.every_s = prefix, every_s
        self.most_characters, self.keep_s = most_characters, keep_s

    def outgoing(self, kind: Kind, task_id: str) -> Mapping[str, str]:
        """No headers: a reader finds the stream by the task's id."""
        return {}

    def around(self, run: TaskRun, call: Call) -> Any:
        """Stream the reply and return it; other tasks run as they are.

        Raises:
            ConfigurationError: If another layer comes after this one.
            RactoGatewayError: What the kit raises.
        """
        if not isinstance(run.payload, GeneratePayload):
            return call()
        if getattr(call, "func", None) is not answered:
            raise ConfigurationError(
                "StreamLayer must be the last in RactoCeleryWorker(layers=...): it does the call"
            )
        writer = _Writer(self._redis, self, run.task_id)
        try:
            result = _streamed(run, run.payload, writer)
        except BaseException:
            writer.end("failed")
            raise
        writer.end("end")
        return result


class _Writer:
    """Writes one run's output; a Redis that fails is told of once and left alone after that."""

    def __init__(self, redis: RedisConnection, layer: StreamLayer, task_id: str) -> None:
        self._redis, self._layer, self._task_id = redis, layer, task_id
        # Of this run alone: a second delivery must not mix its words with these.
        self._run = uuid4().hex[:12]
        self._kind: EntryKind = "text"
        self._pieces: list[str] = []
        self._room = layer.most_characters
        self._is_cut = self._is_broken = False
        self._next = 0.0
        self._add([("begin", "")])

    def write(self, kind: EntryKind, text: str) -> None:
        if not text or self._is_broken:
            return
        if len(text) > self._room:
            self._is_cut, text = True, text[: self._room]
        self._room -= len(text)
        if kind != self._kind:
            self._flush()
            self._kind = kind
        self._pieces.append(text)
        now = time.monotonic()
        if now >= self._next:
            self._next = now + self._layer.every_s
            self._flush()

    def end(self, kind: EntryKind) -> None:
        self._add([*self._pending(), (kind, "cut" if self._is_cut else "")])

    def _flush(self) -> None:
        self._add(self._pending())

    def _pending(self) -> list[tuple[EntryKind, str]]:
        text, self._pieces = "".join(self._pieces), []
        return [(self._kind, text)] if text else []

    def _add(self, entries: list[tuple[EntryKind, str]]) -> None:
        if self._is_broken or not entries:
            return
        key = f"{self._layer.prefix}:{self._task_id}"

        def work(redis: Any) -> None:
            pipe = redis.pipeline(transaction=False)
            for kind, text in entries:
                pipe.xadd(key, entry(kind, self._run, text))
            pipe.pexpire(key, max(1, int(self._layer.keep_s * 1000)))
            pipe.execute()

        try:
            self._redis.call(f"streaming task {self._task_id}", work)
        except RactoGatewayError as error:
            self._is_broken = True
            _log.warning("task %s is not streamed any further: %s", self._task_id, error)


def _streamed(run: TaskRun, payload: GeneratePayload, writer: _Writer) -> dict[str, Any]:
    shop = run.workshop
    config = payload.request(tools=shop.tools, trusted=shop.trusted)
    kit, response = shop.kit.get(), None
    if not callable(getattr(kit, "stream", None)):
        raise ConfigurationError(f"the kit {shop.kit.label} has no method stream()")
    for chunk in kit.stream(config):
        writer.write("thinking", chunk.delta.thinking)
        writer.write("text", chunk.delta.text)
        response = chunk.response or response
    if response is None:
        raise StreamTruncatedError(f"the stream of {shop.kit.label} ended without a final chunk")
    return trimmed_response(response, shop.limits.result_bytes)
