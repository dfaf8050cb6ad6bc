"""Host and Origin headers: a web page that a name points at this machine gets no answer."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from racto.core.errors import ConfigurationError

LOOPBACK: Final = ("127.0.0.1", "localhost", "[::1]")
"""The names by which a machine reaches itself."""

_HOST: Final = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::([0-9]{1,5}))?")
_ORIGIN: Final = re.compile(r"(https?)://(.+)")


@dataclass(frozen=True, kw_only=True)
class HostPolicy:
    """Which Host and Origin headers a server answers to.

    The SDK's own check takes ``127.0.0.1:80.evil.example`` for a port of 127.0.0.1, so this one
    takes the headers apart first.

    Attributes:
        hosts: Allowed hosts: ``name`` on any port, or ``name:port``; ``*`` for all.
        origins: Allowed origins: ``scheme://name``, with its port unless it is the scheme's own,
            ``:*`` for any port, or ``*`` for all.
        addresses: Whether any IP address is allowed as host; a name on the web can be pointed
            here, an address cannot.
    """

    hosts: tuple[str, ...] = LOOPBACK
    origins: tuple[str, ...] = ()
    addresses: bool = False

    def takes_host(self, host: str) -> bool:
        """Whether a Host header is allowed."""
        if "*" in self.hosts:
            return True
        found = _HOST.fullmatch(host)
        if found is None:
            return False
        name, port = found.group(1).lower(), found.group(2)
        if self.addresses and _is_address(name):
            return True
        return any(_fits(name, port, allowed) for allowed in self.hosts)

    def takes_origin(self, origin: str, host: str) -> bool:
        """Whether an Origin header is allowed beside a Host header that is."""
        if "*" in self.origins:
            return True
        found = _ORIGIN.fullmatch(origin)
        place = _HOST.fullmatch(found.group(2)) if found else None
        if found is None or place is None:
            return False
        # A page that this host served itself, or one on the same machine.
        if found.group(2).lower() == host.lower():
            return True
        if self.hosts == LOOPBACK and place.group(1).lower() in LOOPBACK:
            return True
        return any(_is_origin(found, allowed) for allowed in self.origins)


class HostGuard:
    """Refuses requests whose Host or Origin header is not allowed.

    Args:
        app: What the others reach.
        policy: What is allowed.
    """

    def __init__(self, app: ASGIApp, policy: HostPolicy) -> None:
        self._app = app
        self._policy = policy

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        # All of them: a second header could speak for another reader of the same request.
        hosts, origins = headers.getlist("host"), headers.getlist("origin")
        refusal: PlainTextResponse | None = None
        if len(hosts) != 1 or not self._policy.takes_host(hosts[0]):
            refusal = PlainTextResponse(
                "This host name is not allowed; name it in allowed_hosts.", 421
            )
        elif any(not self._policy.takes_origin(origin, hosts[0]) for origin in origins):
            refusal = PlainTextResponse(
                "This origin is not allowed; name it in allowed_origins.", 403
            )
        await (refusal or self._app)(scope, receive, send)


def policy_of(
    host: str | None,
    *,
    allowed_hosts: Sequence[str] | None,
    allowed_origins: Sequence[str],
    has_auth: bool,
    allow_unauthenticated: bool,
) -> HostPolicy:
    """The policy of a server, or an error where it would be open to anybody.

    Args:
        host: Address that it listens on; None when another server does the listening.
        allowed_hosts: Hosts that it answers to, beside those of the machine itself. None on
            another address than loopback: all addresses, and with tokens all names.
        allowed_origins: Web origins whose pages may call it.
        has_auth: Whether requests need a token.
        allow_unauthenticated: Whether its owner wants it open all the same.

    Raises:
        ConfigurationError: If others than this machine could use it without a token.
    """
    hosts = tuple(entry.lower().removesuffix(":*") for entry in allowed_hosts or ())
    local = host is None or is_loopback(host)
    # A name that leads here from elsewhere opens the server as much as an address does.
    open_to = [entry for entry in hosts if not is_loopback(entry)] or (
        [] if host is None or local else [host]
    )
    if open_to and not has_auth and not allow_unauthenticated:
        raise ConfigurationError(
            f"whoever reaches {open_to[0]} could run this server's tools: give auth= a mapping of "
            "token to client name, listen on 127.0.0.1, or pass allow_unauthenticated=True if "
            "something else keeps strangers out"
        )
    origins = tuple(entry.lower().rstrip("/") for entry in allowed_origins)
    if hosts or local:
        return HostPolicy(hosts=(*LOOPBACK, *hosts), origins=origins)
    # A page in a browser has no token, so with tokens the name is of no use to it.
    named = ("*",) if has_auth else (*LOOPBACK, str(host).lower())
    return HostPolicy(hosts=named, origins=origins, addresses=True)


def is_loopback(host: str) -> bool:
    """Whether a host, with or without a port, is this machine itself."""
    found = _HOST.fullmatch(host)
    name = (found.group(1) if found else host).lower().strip("[]")
    if name == "localhost":
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name.strip("[]"))
    except ValueError:
        return False
    return True


def _is_origin(found: re.Match[str], allowed: str) -> bool:
    scheme, _, rest = allowed.partition("://")
    place = found.group(2).lower()
    if rest.endswith(":*"):
        place, rest = re.sub(r":[0-9]{1,5}$", "", place), rest.removesuffix(":*")
    return (scheme, rest) == (found.group(1), place)


def _fits(name: str, port: str | None, allowed: str) -> bool:
    found = _HOST.fullmatch(allowed.removesuffix(":*"))
    if found is None:
        return False
    return found.group(1).lower() == name and found.group(2) in (None, port)
