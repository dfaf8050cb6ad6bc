"""Reads the URL of a Redis, a group watched by sentinels, or a cluster; shows it without secrets.

The forms (``rediss`` in place of ``redis`` speaks TLS)::

    redis://[user[:password]@]host[:port][/database][?option=value]
    unix://[user[:password]@]/path/to/socket[?db=database]
    redis+sentinel://[user[:password]@]host[:port][,host[:port]...]/service[/database][?...]
    redis+cluster://[user[:password]@]host[:port][,host[:port]...][?...]

Options are those of redis-py's URLs, ``?socket_timeout=0.2`` or ``?ssl_ca_certs=ca.pem``. Sentinels
that ask for a password get it from ``?sentinel_username=...&sentinel_password=...``. A password with
``@``, ``/``, ``:``, ``#`` or ``?`` in it is percent-encoded.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from racto.core.errors import ConfigurationError

Layout: TypeAlias = Literal["single", "sentinel", "cluster"]
"""One server, one service of several that sentinels watch, or a cluster."""

_SCHEMES: dict[str, Layout] = {
    **dict.fromkeys(("redis", "rediss", "unix"), "single"),
    **dict.fromkeys(("redis+sentinel", "rediss+sentinel"), "sentinel"),
    **dict.fromkeys(("redis+cluster", "rediss+cluster"), "cluster"),
}

_PORTS = {"single": 6379, "sentinel": 26379, "cluster": 6379}

# One host of a list: a name, an IPv4 address, or an IPv6 address in brackets.
_HOST = re.compile(r"(?P<host>\[[0-9A-Fa-f:.%]+\]|[^:\[\]\s]*)(?::(?P<port>\d{1,5}))?")


@dataclass(frozen=True, slots=True, kw_only=True)
class RedisAddress:
    """Where a Redis is.

    Attributes:
        layout: What stands at the address.
        hosts: Hosts and ports: of the server, the sentinels, or nodes of the cluster.
        service: The name that the sentinels know the primary by; empty elsewhere.
        plain_url: A URL of one server with the same credentials, database and options, for
            redis-py.
    """

    layout: Layout
    hosts: tuple[tuple[str, int], ...]
    service: str = ""
    plain_url: str = field(repr=False)
    _shown: str = ""

    def __str__(self) -> str:
        return self._shown


def parse_address(url: str) -> RedisAddress:
    """Read a URL.

    Raises:
        ConfigurationError: If it has none of the forms above; the message does not repeat it, as
            it may hold a password.
    """
    scheme, mark, rest = url.partition("://")
    layout = _SCHEMES.get(scheme.lower())
    if not mark or layout is None:
        raise ConfigurationError(
            f"the URL of a Redis begins with one of {', '.join(f'{each}://' for each in _SCHEMES)}"
        )
    scheme = scheme.lower()
    before, question, query = rest.partition("?")
    if scheme == "unix":
        return _socket(url, before)
    place, _, path = before.partition("/")
    credentials, at, listed = place.rpartition("@")
    hosts = tuple(_host(each, _PORTS[layout]) for each in listed.split(","))
    if layout == "single" and len(hosts) > 1:
        raise ConfigurationError(
            "the URL names several hosts; write redis+sentinel:// or redis+cluster:// for them"
        )
    service, database = _path(layout, path)
    host, port = hosts[0]
    secure = scheme.partition("+")[0]
    return RedisAddress(
        layout=layout,
        hosts=hosts,
        service=service,
        plain_url=f"{secure}://{credentials}{at}{host}:{port}{database}{question}{query}",
        _shown=f"{scheme}://{','.join(f'{h}:{p}' for h, p in hosts)}{service and '/' + service}{database}",
    )


def _socket(url: str, before: str) -> RedisAddress:
    path = "/" + before.partition("/")[2]
    if path == "/":
        raise ConfigurationError("the URL of a Unix socket lacks its path: unix:///path/to/socket")
    return RedisAddress(layout="single", hosts=(), plain_url=url, _shown=f"unix://{path}")


def _host(text: str, usual: int) -> tuple[str, int]:
    found = _HOST.fullmatch(text)
    port = int(found["port"] or usual) if found else -1
    if found is None or not 0 < port < 65_536:
        raise ConfigurationError(
            "the URL of a Redis names no valid host and port; percent-encode @, /, :, # and ? in "
            "the password"
        )
    return found["host"] or "localhost", port


def _path(layout: Layout, path: str) -> tuple[str, str]:
    """The service and the database, the latter with its slash."""
    service = ""
    if layout == "sentinel":
        service, _, path = path.partition("/")
        if not service:
            raise ConfigurationError(
                "the URL lacks the service: redis+sentinel://host:26379/mymaster/0"
            )
    if path and not path.isdecimal():
        raise ConfigurationError("the database in the URL of a Redis is a number: redis://host/0")
    if layout == "cluster" and path not in ("", "0"):
        raise ConfigurationError("a Redis cluster has no database but 0")
    return service, f"/{path}" if path else ""
