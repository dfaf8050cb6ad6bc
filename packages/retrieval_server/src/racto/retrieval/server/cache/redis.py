"""A cache on Redis: shared by processes, apart by service, and never a reason for a request to fail."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Hashable
from typing import TYPE_CHECKING, Any

import orjson

from racto.core.errors import ConfigurationError, MissingExtraError
from racto.core.secrets import redact

from .caches import Cache, CacheStats
from .keys import short

if TYPE_CHECKING:
    from redis.asyncio import Redis

_log = logging.getLogger(__name__)


class RedisCache(Cache):
    """Keeps values as JSON on a Redis server.

    A server that fails or is slow costs a miss and not the request: the failure is logged and
    counted, and for ``pause_s`` the server is left alone.

    Args:
        capacity: Accepted for the reference's sake; Redis bounds its memory by its own settings
            (``maxmemory`` and ``maxmemory-policy``), entries here end by their time to live.
        ttl: Seconds for which an entry lives; -1 for ever.
        redis_url: Where the server is; may hold a password, which no message repeats.
        key_prefix: What all keys begin with.
        namespace: What keeps the keys of one service or collection apart from all others.
        timeout_s: How long one command may take, in seconds.
        pause_s: How long a failing server is left alone, in seconds.
        clock: Tells seconds; for tests.
        **redis_kwargs: Options of ``redis.asyncio.Redis.from_url``.

    Raises:
        MissingExtraError: If the redis client is not installed.
        ConfigurationError: If the URL cannot be read.
    """

    remote = True

    def __init__(
        self,
        capacity: int = -1,
        ttl: float = -1,
        redis_url: str = "redis://localhost:6379",
        key_prefix: str = "ractocache:",
        *,
        namespace: str = "",
        timeout_s: float = 0.25,
        pause_s: float = 1.0,
        clock: Callable[[], float] = time.monotonic,
        **redis_kwargs: Any,
    ) -> None:
        super().__init__(capacity, ttl)
        self.key_prefix = f"{key_prefix}{short(namespace.encode())}:" if namespace else key_prefix
        self._pause_s = pause_s
        self._clock = clock
        self._resume = 0.0
        self._hits = self._misses = self._failures = 0
        self._redis = _client(redis_url, {"socket_timeout": timeout_s, **redis_kwargs})

    async def get(self, key: Hashable) -> Any | None:
        """Return what was put under the key; None when it is gone, or the server fails."""
        found = await self._asked("get", self._named(key))
        value = self._read(found) if found is not None else None
        if value is None:
            self._misses += 1
        else:
            self._hits += 1
        return value

    async def put(self, key: Hashable, value: Any) -> None:
        """Keep a value under the key.

        Raises:
            TypeError: If the value is no JSON data.
        """
        text = orjson.dumps(value)
        # In milliseconds: a life of half a second must not become none.
        lifetime = {"px": max(1, int(self.ttl * 1000))} if self.ttl != -1 else {}
        await self._asked("set", self._named(key), text, **lifetime)

    async def remove(self, key: Hashable) -> None:
        """Forget the key; one that is unknown is ignored."""
        await self._asked("delete", self._named(key))

    async def clear(self) -> None:
        """Forget all keys with this cache's prefix, a thousand at a time."""
        cursor: Any = 0
        # A prefix may hold characters that Redis's patterns give a meaning.
        pattern = "".join(f"\\{c}" if c in "*?[]\\^" else c for c in self.key_prefix) + "*"
        while True:
            answer = await self._asked("scan", cursor, match=pattern, count=1000)
            if answer is None:
                return
            cursor, names = answer
            if names:
                await self._asked("unlink", *names)
            if not int(cursor):
                return

    async def close(self) -> None:
        """Close the connections; entries stay for other processes and for the next start."""
        await self._redis.aclose()

    @property
    def stats(self) -> CacheStats:
        """What it did so far, in this process."""
        return CacheStats(hits=self._hits, misses=self._misses, failures=self._failures)

    def _named(self, key: Hashable) -> str:
        return self.key_prefix + short(key)

    def _read(self, text: bytes) -> Any | None:
        try:
            return orjson.loads(text)
        except ValueError:
            # Somebody else wrote there; a miss overwrites it.
            self._failed("holds an entry that is no JSON")
            return None

    async def _asked(self, command: str, *args: Any, **options: Any) -> Any:
        # Each command against a dead server costs its timeout; one a pause is enough to find out.
        if self._clock() < self._resume:
            self._failures += 1
            return None
        from redis.exceptions import RedisError

        try:
            return await getattr(self._redis, command)(*args, **options)
        except (RedisError, OSError, TimeoutError) as error:
            self._resume = self._clock() + self._pause_s
            self._failed(f"failed: {type(error).__name__}: {redact(str(error))}")
            return None

    def _failed(self, what: str) -> None:
        self._failures += 1
        _log.warning("cache on Redis (%s) %s; going on without it", self.key_prefix, what)


def _client(url: str, options: dict[str, Any]) -> Redis:
    try:
        from redis.asyncio import Redis
    except ImportError as error:
        raise MissingExtraError(
            "redis", install="racto-retrieval-server[redis]", purpose="A cache on Redis"
        ) from error
    try:
        client: Redis = Redis.from_url(url, **options)
    except ValueError as error:
        # The URL itself may hold a password.
        raise ConfigurationError(f"redis_url cannot be read: {redact(str(error))}") from None
    return client
