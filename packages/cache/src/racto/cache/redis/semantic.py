"""A semantic cache that many processes share on one Redis; a Redis that fails is a miss."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from racto.cache.semantic.counting import Counting
from racto.cache.semantic.questions import EmbedFunction, QuestionVectors
from racto.cache.semantic.scopes import question_id
from racto.cache.semantic.vectors import Floats
from racto.cache.semantic.voices import Answer, QuestionCache, seconds_of, threshold_of
from racto.core.errors import ConfigurationError, DimensionMismatchError, InvalidResponseError
from racto.core.flows import Flow, arun, run, step
from racto.core.protocols.embedders import Embedder
from racto.core.protocols.metrics import Metrics
from racto.core.responses import LLMResponse
from racto.core.stats import CacheStats

from .connections import LOCAL_URL, RedisLink, RedisOptions
from .gates import RedisGate
from .keys import key, pattern
from .question_homes import DOWN, Calls, MirrorHome, QuestionHome, VectorSetHome
from .question_records import question_record, read_question
from .question_scripts import HAS_VECTOR_SETS
from .sweeps import acount, aerase, count, erase

_NAME = "redis_semantic"
_KINDS = ("reply", "state", "order", "ends", "vectors", "set")
# Of the nearest questions some may just have ended; after so many it is a miss.
_TRIES = 8
# A hundred years; Redis refuses times beyond its own reckoning.
_LONGEST_MS = 3_153_600_000_000


class RedisSemanticCache(QuestionCache):
    """Answers similar questions out of one Redis, whichever process was asked before.

    Where the server has vector sets (Redis 8 and later), it searches them itself. Elsewhere the
    vectors are kept as bytes, and each process searches a mirror in its memory, for which it
    fetches before each search only what is new. A process that gets a scope's questions for the
    first time fetches all of them.

    What cannot be reached is a miss, counted, and logged once a minute; so is an embedder that
    fails, and a value that is damaged or not ours.

    Args:
        url: As for :class:`~racto.cache.RedisExactCache`; not read when ``client`` is given.
        client: A ``redis.Redis`` of yours.
        embed_fn: As for :class:`~racto.cache.SemanticCache`. All processes must have the same.
        similarity_threshold: Least cosine similarity of a hit, -1 to 1.
        max_size: Most questions of one scope, of which the oldest goes first; 0 for no limit.
        ttl_seconds: Seconds to keep an entry; None keeps it.
        key_prefix: Namespace of the keys; tenants with prefixes of their own share nothing.
        search: Where vectors are compared: ``server``, ``local``, or ``auto`` for the server
            where it can. All processes must agree.
        max_mirrored: Most questions in the mirror, of all scopes; 0 for no limit.
        aclient: A ``redis.asyncio.Redis`` of yours, for the async voice.
        options: How Redis is spoken to.
        metrics: Counts hits, misses, evictions and errors.
        fail_open: Whether failures are misses; False raises them.

    Raises:
        ConfigurationError: If a setting is out of its range.
        PluginNotFoundError: If no embedder was given and none is installed.
    """

    def __init__(
        self,
        *,
        url: str = LOCAL_URL,
        client: Any = None,
        embed_fn: Embedder | EmbedFunction | None = None,
        similarity_threshold: float = 0.95,
        max_size: int = 10_000,
        ttl_seconds: float | None = None,
        key_prefix: str = "racto:semantic",
        search: str = "auto",
        max_mirrored: int = 100_000,
        aclient: Any = None,
        options: RedisOptions | None = None,
        metrics: Metrics | None = None,
        fail_open: bool = True,
    ) -> None:
        if search not in ("auto", "server", "local"):
            raise ConfigurationError(f"search must be auto, server or local, not {search!r}")
        if max_size < 0 or max_mirrored < 0 or not key_prefix:
            raise ConfigurationError(
                "max_size and max_mirrored must be 0 or more, and key_prefix not empty"
            )
        self._threshold = threshold_of(similarity_threshold)
        self._ttl, self._most = seconds_of(ttl_seconds), max_size
        self._prefix, self._mirrored = key_prefix, max_mirrored
        self._vectors = QuestionVectors(embed_fn)
        self._link = RedisLink(url, client=client, aclient=aclient, options=options)
        self._gate = RedisGate(self._link, name=_NAME, fail_open=fail_open, metrics=metrics)
        self._counting = Counting(_NAME, metrics=metrics, fail_open=fail_open)
        self._calls = Calls(self._gate)
        self._home = None if search == "auto" else self._home_of(search == "server")

    def clear(self) -> None:
        """Drop all entries under the prefix, by SCAN, and the counts with them.

        Raises:
            RactoGatewayError: If Redis fails; a cache that was not cleared must not look so.
        """
        # Past the gate, which would swallow the failure.
        for kind in _KINDS:
            wanted = pattern(self._prefix, kind)
            self._link.call(lambda client, wanted=wanted: erase(client, wanted))  # type: ignore[misc]
        self._forget()

    async def aclear(self) -> None:
        """Async twin of :meth:`clear`."""
        for kind in _KINDS:
            wanted = pattern(self._prefix, kind)
            await self._link.acall(lambda client, wanted=wanted: aerase(client, wanted))  # type: ignore[misc]
        self._forget()

    @property
    def stats(self) -> CacheStats:
        """Hits and misses of this object, and the replies on Redis, which are counted by SCAN."""
        wanted = pattern(self._prefix, "reply")
        size = self._gate.call(lambda client: count(client, wanted), otherwise=0)
        return self._counting.stats(size)

    async def astats(self) -> CacheStats:
        """Async twin of :attr:`stats`."""
        wanted = pattern(self._prefix, "reply")
        size = await self._gate.acall(lambda client: acount(client, wanted), otherwise=0)
        return self._counting.stats(size)

    @property
    def errors(self) -> int:
        """Failures of Redis and of the embedder, and damaged values, so far."""
        return self._gate.errors + self._counting.errors

    def close(self) -> None:
        """Close the connections; a client of yours stays open."""
        self._link.close()

    async def aclose(self) -> None:
        """Async twin of :meth:`close`."""
        await self._link.aclose()

    def _seek(self, scope: str, query: str) -> Answer | None:
        return run(self._asked(scope, query))

    async def _aseek(self, scope: str, query: str) -> Answer | None:
        return await arun(self._asked(scope, query))

    def _keep(self, scope: str, query: str, response: LLMResponse, seconds: float | None) -> None:
        run(self._told(scope, query, response, seconds))

    async def _akeep(
        self, scope: str, query: str, response: LLMResponse, seconds: float | None
    ) -> None:
        await arun(self._told(scope, query, response, seconds))

    def _missed(self) -> None:
        self._counting.miss()

    def _forget(self) -> None:
        if self._home is not None:
            self._home.forget()
        self._vectors.clear()
        self._counting.reset()

    def _asked(self, scope: str, query: str) -> Flow[Answer | None]:
        answer = yield from self._found(scope, query)
        if answer is None:
            self._counting.miss()
        else:
            self._counting.hit()
        return answer

    def _found(self, scope: str, query: str) -> Flow[Answer | None]:
        # The very same question needs no vector, and no search.
        same = yield from self._reply(scope, question_id(query))
        # A dead Redis must not cost an embedding besides.
        if same is DOWN:
            return None
        if same is not None:
            return same[1], 1.0, same[0]
        row = yield from self._row(query)
        if row is None:
            return None
        self._vectors.hold(query, row)
        home = yield from self._where()
        if home is None or not (yield from home.prepare(scope)):
            return None
        return (yield from self._nearest(home, scope, row))

    def _nearest(self, home: QuestionHome, scope: str, row: Floats) -> Flow[Answer | None]:
        for _ in range(_TRIES):
            try:
                near = yield from home.nearest(scope, row, self._threshold)
            except DimensionMismatchError as error:
                self._counting.failed(error)
                return None
            if near is None:
                return None
            found = yield from self._reply(scope, near[0])
            if found is DOWN:
                return None
            if found is not None:
                return found[1], near[1], found[0]
            # Its reply has ended, was evicted or is damaged; the question goes after it.
            yield from home.drop(scope, near[0])
        return None

    def _reply(self, scope: str, id: str) -> Flow[Any]:
        """A question and its reply; None when they are not there, DOWN without an answer."""
        name = self._reply_key(scope, id)
        data = yield from self._calls.do(lambda client: client.get(name))
        if data is None or data is DOWN:
            return data
        try:
            query, response = read_question(data)
        except InvalidResponseError as error:
            self._gate.note(error.message, type(error).__name__)
            return None
        response.cached = True
        return query, response

    def _told(
        self, scope: str, query: str, response: LLMResponse, seconds: float | None
    ) -> Flow[None]:
        row = yield from self._row(query)
        home = yield from self._where()
        if row is None or home is None:
            return
        try:
            record = question_record(query, response)
        except InvalidResponseError as error:
            self._counting.failed(error)
            return
        id, ttl = question_id(query), self._ttl if seconds is None else seconds
        left = 0 if ttl is None else min(_LONGEST_MS, max(1, math.ceil(min(ttl, 1e12) * 1000)))
        name = self._reply_key(scope, id)
        # First, for whoever finds a question without its reply drops it.
        yield from self._calls.do(lambda client: client.set(name, record, px=left or None))
        answer = yield from home.put(scope, id, row, ttl=left, most=self._most)
        if answer is DOWN:
            return
        gone, wanted = answer
        # The server compares sizes in the script, for all who write.
        if wanted:
            self._counting.failed(_mismatch(len(row), wanted // 4))
            return
        for old in gone:
            # One by one, as each lies in a slot of its own.
            yield from self._calls.do(_removal(self._reply_key(scope, old.decode())))
        if gone:
            self._counting.evicted(len(gone))
        self._vectors.release(query)

    def _row(self, query: str) -> Flow[Floats | None]:
        try:
            row = yield from step(self._vectors.embed, self._vectors.aembed, query)
        except Exception as error:
            self._counting.failed(error)
            return None
        return row

    def _where(self) -> Flow[QuestionHome | None]:
        if self._home is None:
            some = key(self._prefix, "state", "")
            answer = yield from self._calls.script(HAS_VECTOR_SETS, [some], [])
            if answer is DOWN:
                return None
            # Two threads may both get here; the first home stays, with what it mirrors.
            self._home = self._home or self._home_of(answer == 1)
        return self._home

    def _home_of(self, on_server: bool) -> QuestionHome:
        if on_server:
            return VectorSetHome(self._calls, self._prefix)
        return MirrorHome(self._calls, self._prefix, most=self._mirrored)

    def _reply_key(self, scope: str, id: str) -> bytes:
        return key(self._prefix, "reply", f"{id}:{scope}")


def _removal(name: bytes) -> Callable[[Any], Any]:
    return lambda client: client.unlink(name)


def _mismatch(actual: int, expected: int) -> DimensionMismatchError:
    return DimensionMismatchError(
        f"the embedder returned a vector of {actual} values, and Redis holds vectors of {expected};"
        " clear the cache when its embedder changes",
        expected=expected,
        actual=actual,
    )
