"""Makes the clients of redis-py, sync and async, for every layout; the one room that imports it.

A client made here sends no command twice by itself: what was cut off in mid-reply may have been
done. Only a cluster's client asks again once, as slots move. Broken connections of the pool are
noticed before they are used.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING, Any, cast

from racto.core.errors import ConfigurationError, MissingExtraError

from .addresses import RedisAddress

if TYPE_CHECKING:
    from redis import Redis
    from redis.asyncio import Redis as AsyncRedis

# What a connection of the async client is told that was told to one of the sync client.
_SHARED = frozenset(
    {"host", "port", "path", "db", "username", "password", "credential_provider", "client_name"}
    | {"socket_timeout", "socket_connect_timeout", "socket_keepalive", "socket_keepalive_options"}
    | {"health_check_interval", "protocol", "ssl_keyfile", "ssl_certfile", "ssl_cert_reqs"}
    | {"ssl_ca_certs", "ssl_ca_data", "ssl_ca_path", "ssl_check_hostname", "ssl_min_version"}
    | {"ssl_ciphers", "ssl_password", "ssl_include_verify_flags", "ssl_exclude_verify_flags"}
)

_PLAIN = ("Connection", "SSLConnection", "UnixDomainSocketConnection")


@dataclass(frozen=True, slots=True, kw_only=True)
class RedisOptions:
    """How a Redis is spoken to. Options in the URL go before these.

    Attributes:
        timeout: Seconds to wait for an answer.
        connect_timeout: Seconds that opening a connection may take.
        max_connections: Most connections of the pool; further calls wait for one.
        pool_timeout: Seconds to wait for one.
        cool_down: Seconds in which a Redis that did not answer is not asked again by a service
            that can do without it.
        settings: Further keyword arguments of redis-py's connections, such as ``ssl_ca_certs`` or
            ``credential_provider``.

    Raises:
        ConfigurationError: If a number is not positive.
    """

    timeout: float = 1.0
    connect_timeout: float = 1.0
    max_connections: int = 50
    pool_timeout: float = 5.0
    cool_down: float = 1.0
    settings: Mapping[str, Any] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        for name in ("timeout", "connect_timeout", "max_connections", "pool_timeout", "cool_down"):
            if not getattr(self, name) > 0:
                raise ConfigurationError(f"{name} must be above 0, got {getattr(self, name)!r}")


class Dialer:
    """Makes clients for one address.

    Args:
        address: Where the Redis is.
        options: How it is spoken to.
    """

    def __init__(self, address: RedisAddress, options: RedisOptions) -> None:
        self._address, self._options = address, options

    def load(self) -> None:
        """Import the library; takes some tenths of a second.

        Raises:
            MissingExtraError: If it is not installed.
        """
        try:
            import redis.asyncio.cluster
            import redis.sentinel  # noqa: F401 - loads it for the methods below
        except ImportError as error:
            raise MissingExtraError(
                "redis", install="racto-cache[redis]", purpose="a cache on Redis"
            ) from error

    def client(self) -> Redis:
        """A sync client with a pool of its own. One of a cluster connects at once."""
        self.load()
        return cast("Redis", self._made("redis"))

    def aclient(self) -> AsyncRedis:
        """An async client for the running loop; :meth:`load` first."""
        return cast("AsyncRedis", self._made("redis.asyncio"))

    def _made(self, voice: str) -> Any:
        settings = self._settings(voice)
        if self._address.layout == "cluster":
            return self._cluster(voice, settings)
        if self._address.layout == "sentinel":
            return self._watched(voice, settings)
        pool = import_module(f"{voice}.connection").BlockingConnectionPool(
            max_connections=settings.pop("max_connections", self._options.max_connections),
            timeout=settings.pop("timeout", self._options.pool_timeout),
            **settings,
        )
        return _owner(voice, pool)

    def _settings(self, voice: str) -> dict[str, Any]:
        connection = import_module(f"{voice}.connection")
        try:
            told = connection.parse_url(self._address.plain_url)
        except ValueError as error:
            # Without its cause, which may quote the URL.
            raise ConfigurationError(f"the URL's options: {error}") from None
        settings = {
            "socket_timeout": self._options.timeout,
            "socket_connect_timeout": self._options.connect_timeout,
            # The same replies from every version of server and client.
            "protocol": 2,
            **self._options.settings,
            **told,
        }
        _check(connection, settings)
        return settings

    def _cluster(self, voice: str, settings: dict[str, Any]) -> Any:
        cluster = import_module(f"{voice}.cluster")
        secure = settings.pop("connection_class", None) is not None
        for name in ("host", "port", "db", "timeout"):
            settings.pop(name, None)
        # Calls wait for a seat before they come here, so that no pool runs out.
        settings |= {"ssl": True} if secure else {}
        return cluster.RedisCluster(
            startup_nodes=[cluster.ClusterNode(*each) for each in self._address.hosts],
            max_connections=settings.pop("max_connections", _UNBOUNDED),
            retry=_retry(voice, 1),
            **settings,
        )

    def _watched(self, voice: str, settings: dict[str, Any]) -> Any:
        sentinel = import_module(f"{voice}.sentinel")
        if settings.pop("connection_class", None) is not None:
            settings["ssl"] = True
        for name in ("host", "port", "timeout"):
            settings.pop(name, None)
        own = {
            name: value for name, value in settings.items() if name.startswith(("socket_", "ssl"))
        }
        for name in ("username", "password"):
            if (secret := settings.pop(f"sentinel_{name}", None)) is not None:
                own[name] = secret
        watch = sentinel.Sentinel(
            list(self._address.hosts), sentinel_kwargs=own | {"retry": _retry(voice, 0)}
        )
        # It reorders its list of sentinels while others walk over it, who then find no master.
        in_turn = _in_turn if voice == "redis" else _ain_turn
        watch.discover_master = in_turn(watch.discover_master)
        settings.setdefault("max_connections", _UNBOUNDED)
        return watch.master_for(self._address.service, **settings)


_UNBOUNDED = 2**31


def _in_turn(find: Callable[[str], Any]) -> Callable[[str], Any]:
    turn = threading.Lock()

    def found(service: str) -> Any:
        with turn:
            return find(service)

    return found


def _ain_turn(find: Callable[[str], Awaitable[Any]]) -> Callable[[str], Awaitable[Any]]:
    turn = asyncio.Lock()

    async def found(service: str) -> Any:
        async with turn:
            return await find(service)

    return found


def close(client: Any) -> None:
    """Close a client that was made here, and what it asks sentinels with."""
    for each in (client, *_sentinels(client)):
        each.close()


async def aclose(client: Any) -> None:
    """Async twin of :func:`close`."""
    for each in (client, *_sentinels(client)):
        await each.aclose()


def _sentinels(client: Any) -> list[Any]:
    # The client of a watched service leaves them open.
    manager = getattr(getattr(client, "connection_pool", None), "sentinel_manager", None)
    return list(getattr(manager, "sentinels", ()))


def undecoded(client: Any) -> Any:
    """A client like the user's that returns bytes; the user's own where it does that already.

    Raises:
        ConfigurationError: If it decodes and cannot be made anew.
    """
    pool: Any = getattr(client, "connection_pool", None)
    told = getattr(pool, "connection_kwargs", None) or {}
    if not told.get("decode_responses"):
        return client
    if not _is_plain(pool):
        raise ConfigurationError(
            "the client has decode_responses=True, which spoils stored bytes; make it without"
        )
    blocking = import_module("redis.connection").BlockingConnectionPool
    kept = {name: value for name, value in told.items() if name in _SHARED}
    return _owner("redis", blocking(connection_class=pool.connection_class, **kept))


def async_twin(client: Any, options: RedisOptions) -> Any | None:
    """An async client that connects as a sync one of the user's does; None if there can be none."""
    pool: Any = getattr(client, "connection_pool", None)
    if not _is_plain(pool):
        return None
    told = {name: value for name, value in pool.connection_kwargs.items() if name in _SHARED}
    connection = import_module("redis.asyncio.connection")
    limit = min(getattr(pool, "max_connections", options.max_connections), options.max_connections)
    return _owner(
        "redis.asyncio",
        connection.BlockingConnectionPool(
            connection_class=getattr(connection, pool.connection_class.__name__),
            max_connections=limit,
            timeout=options.pool_timeout,
            **told,
        ),
    )


def _is_plain(pool: Any) -> bool:
    """Whether a pool's connections are redis-py's own, which exist in both voices."""
    kind = getattr(pool, "connection_class", type(None))
    told = getattr(pool, "connection_kwargs", None) or {}
    return (
        kind.__module__ == "redis.connection"
        and kind.__name__ in _PLAIN
        and not told.get("redis_connect_func")
        and not any(value for name, value in told.items() if name.startswith("ssl_validate"))
    )


def _owner(voice: str, pool: Any) -> Any:
    return import_module(voice).Redis.from_pool(pool)


def _retry(voice: str, times: int) -> Any:
    backoff = import_module("redis.backoff").NoBackoff()
    return import_module(f"{voice}.retry").Retry(backoff, times)


def _check(connection: Any, settings: Mapping[str, Any]) -> None:
    if settings.get("decode_responses"):
        raise ConfigurationError("leave decode_responses out: what is stored is bytes")
    kind = settings.get("connection_class", connection.Connection)
    others = {"connection_class", "max_connections", "timeout"}
    told = {
        name: value
        for name, value in settings.items()
        if name not in others and not name.startswith("sentinel_")
    }
    try:
        # One that is never opened: the library checks an option when it first connects, and then
        # its pool has lost a place.
        kind(**told)
    except (TypeError, ValueError) as error:
        raise ConfigurationError(f"an option of the Redis connection is wrong: {error}") from error
