"""Where the vectors of questions are searched: on the server, or here in a mirror kept in step."""

from __future__ import annotations

import threading
import time
from abc import ABC, abstractmethod
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from racto.cache.semantic.shelf import Shelf
from racto.cache.semantic.vectors import SLACK, Floats, unit_row
from racto.core.errors import RactoGatewayError
from racto.core.flows import Flow, step

from .gates import RedisGate
from .keys import key
from .question_scripts import DROP, NEWER, PUT
from .scripts import Script

if TYPE_CHECKING:
    from redis import Redis
    from redis.asyncio import Redis as AsyncRedis

DOWN: Any = type("Down", (), {"__repr__": lambda _self: "DOWN", "__slots__": ()})()
"""Stands for the answer of a Redis that gave none."""

Nearest: TypeAlias = tuple[str, float]
"""Id of a question and its cosine similarity."""

_BATCH = 256
_SCOPES = 10_000
_LOOKED_AT = 4
# The graph is searched this far at least; recall matters more than the time of one search.
_EFFORT = 200
_INLINE_CELLS = 1 << 19


class Calls:
    """Commands and scripts through a gate, in both voices; DOWN where Redis gives no answer.

    Args:
        gate: The Redis.
    """

    def __init__(self, gate: RedisGate) -> None:
        self._gate = gate

    def do(self, work: Callable[[Any], Any]) -> Flow[Any]:
        """Run work that is written the same for both clients."""
        return self._both(work, work)

    def script(
        self, script: Script, keys: Sequence[bytes], arguments: Sequence[bytes]
    ) -> Flow[Any]:
        """Run a script."""

        def work(client: Redis) -> Any:
            return script.run(client, keys, arguments)

        def awork(client: AsyncRedis) -> Awaitable[Any]:
            return script.arun(client, keys, arguments)

        return self._both(work, awork)

    def note(self, error: Exception) -> None:
        """Count and tell that a value on Redis is damaged or foreign."""
        self._gate.note(f"a question's vector is damaged: {error}", type(error).__name__)

    def _both(self, work: Callable[[Any], Any], awork: Callable[[Any], Any]) -> Flow[Any]:
        def call() -> Any:
            return self._gate.call(work, otherwise=DOWN)

        def acall() -> Awaitable[Any]:
            return self._gate.acall(awork, otherwise=DOWN)

        return (yield from step(call, acall))


class QuestionHome(ABC):
    """Keeps and searches the vectors of questions by scope.

    Args:
        calls: To the Redis.
        prefix: Namespace of the keys.
    """

    kind: bytes

    def __init__(self, calls: Calls, prefix: str) -> None:
        self._calls = calls
        self._prefix = prefix

    def keys(self, scope: str) -> list[bytes]:
        """The keys of a scope, all of one slot."""
        home = "set" if self.kind == b"set" else "vectors"
        return [key(self._prefix, kind, scope) for kind in ("state", "order", "ends", home)]

    def put(self, scope: str, id: str, row: Floats, *, ttl: int, most: int) -> Flow[Any]:
        """Keep one question; what the script :data:`PUT` answers, or DOWN."""
        vector = row.astype("<f4").tobytes()
        told = [self.kind, id.encode(), vector, b"%d" % ttl, b"%d" % most]
        return self._calls.script(PUT, self.keys(scope), told)

    def drop(self, scope: str, id: str) -> Flow[Any]:
        """Drop a question whose reply is gone."""
        return self._calls.script(DROP, self.keys(scope), [self.kind, id.encode()])

    @abstractmethod
    def prepare(self, scope: str) -> Flow[bool]:
        """Make ready to search a scope; whether Redis answered."""

    @abstractmethod
    def nearest(self, scope: str, row: Floats, threshold: float) -> Flow[Nearest | None]:
        """The most similar question of a scope; None when none is similar enough."""

    def forget(self) -> None:
        """Forget what is held here; the server's keys have been removed."""
        return


class VectorSetHome(QuestionHome):
    """Vectors in a vector set of Redis 8: searched by the server, along a graph."""

    kind = b"set"

    def prepare(self, scope: str) -> Flow[bool]:
        """Nothing to make ready."""
        yield from ()
        return True

    def nearest(self, scope: str, row: Floats, threshold: float) -> Flow[Nearest | None]:
        """The most similar question of a scope, as far as the graph finds it."""
        vector, home = row.astype("<f4").tobytes(), self.keys(scope)[3]

        def work(client: Any) -> Any:
            return client.execute_command(
                "VSIM", home, "FP32", vector, "WITHSCORES", "COUNT", _LOOKED_AT, "EF", _EFFORT
            )

        answer = yield from self._calls.do(work)
        if answer is DOWN:
            return None
        for id, score in _scored(answer):
            # The server tells (1 + cosine) / 2.
            similarity = min(1.0, 2.0 * score - 1.0)
            return (id, similarity) if similarity >= threshold - SLACK else None
        return None


class MirrorHome(QuestionHome):
    """Vectors as bytes on Redis, and a mirror here of each scope that is asked for.

    Before a search the mirror asks for what is newer than what it has, in one round trip; most
    often there is nothing.

    Args:
        calls: To the Redis.
        prefix: Namespace of the keys.
        most: Most questions that are mirrored, of all scopes together; 0 for no limit.
        clock: Tells the time in seconds.
    """

    kind = b"hash"

    def __init__(
        self, calls: Calls, prefix: str, *, most: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        super().__init__(calls, prefix)
        self._clock = clock
        self._shelf: Shelf[None] = Shelf(max_size=most, clock=clock)
        self._known: OrderedDict[str, tuple[bytes, bytes]] = OrderedDict()
        self._lock = threading.Lock()

    def prepare(self, scope: str) -> Flow[bool]:
        """Fetch what is newer than what is mirrored."""
        more = True
        while more:
            base, number = self._known.get(scope, (b"", b"0"))
            told = [base, number, b"%d" % _BATCH]
            answer = yield from self._calls.script(NEWER, self.keys(scope), told)
            if answer is DOWN:
                return False
            if answer == 0:
                return True
            more = self._take(scope, base, answer)
        return True

    def nearest(self, scope: str, row: Floats, threshold: float) -> Flow[Nearest | None]:
        """The most similar question that is mirrored."""

        def search() -> Any:
            return self._shelf.nearest(scope, row, threshold)

        async def asearch() -> Any:
            import asyncio

            # The loop is not kept waiting for a large product.
            if self._shelf.cells <= _INLINE_CELLS:
                return search()
            return await asyncio.to_thread(search)

        found = yield from step(search, asearch)
        return None if found is None else (found.query, found.similarity)

    def drop(self, scope: str, id: str) -> Flow[Any]:
        """Drop a question here and on Redis."""
        self._shelf.drop(scope, id)
        return super().drop(scope, id)

    def forget(self) -> None:
        """Empty the mirror."""
        with self._lock:
            self._known.clear()
        self._shelf.clear()

    def _take(self, scope: str, base: bytes, answer: Sequence[Any]) -> bool:
        """Mirror a batch; whether there may be more."""
        new_base, number, questions, more = answer
        if new_base != base:
            # Another life of the scope: nothing of the old one is there.
            self._shelf.drop_scope(scope)
        for id, vector, left in questions:
            end = self._clock() + left / 1000 if left else float("inf")
            try:
                row = unit_row(np.frombuffer(vector, dtype="<f4"))
                self._shelf.keep(scope, id.decode(), row, None, size=0, expires=end)
            except (RactoGatewayError, ValueError) as error:
                # Foreign or damaged; one such value must not spoil the search among the others.
                self._calls.note(error)
        with self._lock:
            # After the questions: what is noted as known must have been mirrored.
            self._known[scope] = (new_base, number)
            self._known.move_to_end(scope)
            while len(self._known) > _SCOPES:
                self._known.popitem(last=False)
        return bool(more)


def _scored(answer: Any) -> Iterator[tuple[str, float]]:
    # A list of both in turns by the older protocol, a table by the newer one.
    pairs = (
        answer.items() if isinstance(answer, dict) else zip(answer[::2], answer[1::2], strict=True)
    )
    for id, score in pairs:
        yield (id.decode() if isinstance(id, bytes) else id), float(score)
