"""One Redis of the layers: a client for each process, made at first use, closed at its end."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar
from urllib.parse import urlsplit

from racto.core.errors import ConfigurationError, MissingExtraError

from .factories import ProcessLocal
from .failures import translated

T = TypeVar("T")

_SCHEMES = ("redis", "rediss", "unix")
TIMEOUT_S = 10.0
"""Seconds that one answer of Redis may take."""


class RedisConnection:
    """Speaks to one Redis; safe to make before a fork and to share by threads.

    Args:
        url: ``redis://``, ``rediss://`` or ``unix://``, as redis-py reads it.
        is_patient: Whether a command that fails is sent again, for some seconds, as redis-py does
            by itself. One that must not happen twice, or that holds somebody up, is sent once.

    Raises:
        ConfigurationError: If the URL is none of these.
    """

    def __init__(self, url: str, *, is_patient: bool = True) -> None:
        if urlsplit(url).scheme not in _SCHEMES:
            # Without the URL itself, which may hold a password.
            raise ConfigurationError(
                f"a Redis URL begins with {', '.join(f'{name}://' for name in _SCHEMES)}"
            )
        self._client = ProcessLocal(
            partial(_connected, url, is_patient), method="execute_command", role="Redis client"
        )

    def call(self, what: str, work: Callable[[Any], T]) -> T:
        """Do one piece of work with the client.

        Args:
            what: What is being done, for errors.
            work: Takes a ``redis.Redis`` that returns bytes.

        Raises:
            APIConnectionError: If Redis cannot be reached or refuses.
            MissingExtraError: If redis-py is not installed.
        """
        client = self._client.get()
        with translated(what, service="Redis"):
            return work(client)

    def close(self) -> None:
        """Close the connections of this process; a later call opens new ones."""
        self._client.close()


def _connected(url: str, is_patient: bool) -> Any:
    try:
        import redis
    except ImportError as missing:
        raise MissingExtraError(
            "redis", install="racto-celery[redis]", purpose="a layer on Redis"
        ) from missing
    more = {} if is_patient else {"retry": redis.retry.Retry(redis.backoff.NoBackoff(), 0)}
    return redis.Redis.from_url(url, socket_timeout=TIMEOUT_S, socket_connect_timeout=5.0, **more)
