"""Keys of providers: where they come from, which servers may see them, and what must never be shown."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from urllib.parse import SplitResult, unquote, urlsplit

from pydantic import SecretStr

from racto.core.errors import ConfigurationError, RactoGatewayAuthError
from racto.core.secrets import resolve_secret

# Shorter ones are dummies, and stand in ordinary sentences.
_SHORTEST = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A provider's server and what every call to it carries.

    Attributes:
        provider: Name of the provider in errors.
        root: Its URL, without a slash at the end.
        headers: Headers of every call; they hold the key.
        secrets: What no message may show.
    """

    provider: str
    root: str
    headers: Mapping[str, str] = field(repr=False)
    secrets: frozenset[str] = field(repr=False, default=frozenset())

    def cleaned(self, body: bytes) -> bytes:
        """A text of the server's without our own secrets, which some servers repeat.

        Args:
            body: The text.
        """
        # The longest first: a key may hold another.
        for secret in sorted(self.secrets, key=len, reverse=True):
            body = body.replace(secret.encode(), b"***")
        return body


def server_of(
    provider: str,
    root: str,
    headers: Mapping[str, str],
    key: SecretStr | None,
) -> Server:
    """A server that is called with a key.

    Args:
        provider: Name of the provider.
        root: Its URL.
        headers: Headers of every call, the key's among them.
        key: The key; None for none.

    Raises:
        ConfigurationError: If the URL is none of a web server.
    """
    parts = _split(root)
    if parts is None or parts.scheme not in ("http", "https") or not parts.hostname:
        raise ConfigurationError(
            f"base_url={root!r} is no address of a server; give one such as "
            "https://gateway.example/v1"
        )
    password = parts.password or ""
    shown = {key.get_secret_value() if key else "", password, unquote(password)}
    return Server(
        provider=provider,
        root=root.rstrip("/"),
        headers=dict(headers),
        secrets=frozenset(each for each in shown if len(each) >= _SHORTEST),
    )


def key_for(
    given: SecretStr | str | None,
    *variables: str,
    provider: str,
    base_url: str | None,
    own: Collection[str],
    elsewhere: bool = False,
) -> SecretStr | None:
    """The key that was given, or the environment's where that server may see it.

    A key in the environment belongs to its provider: it goes to the provider's own servers and to
    the one that the environment itself names, never to an address from elsewhere.

    Args:
        given: The key that was passed.
        *variables: Environment variables, in order of preference.
        provider: Name of the provider, for the error.
        base_url: The address that was passed; None for the provider's or the environment's.
        own: The provider's hosts; their subdomains count too.
        elsewhere: Whether the environment names another server, which may need no key.

    Raises:
        RactoGatewayAuthError: If there is no key, and the server is the provider's own.
    """
    trusted = base_url is None or _is_own(base_url, own)
    key = resolve_secret(given, *variables) if trusted else resolve_secret(given)
    if key is None and trusted and not elsewhere:
        raise RactoGatewayAuthError(
            f"{provider}: there is no API key; pass api_key=, set {' or '.join(variables)}, or "
            "name another server with base_url=",
            provider=provider,
        )
    if key is not None and not re.fullmatch(r"[\x21-\x7e]+", key.get_secret_value()):
        raise RactoGatewayAuthError(
            f"{provider}: the API key holds blanks, line breaks or other characters that no HTTP "
            "header takes; check how it was copied",
            provider=provider,
        )
    return key


def _is_own(base_url: str, own: Collection[str]) -> bool:
    parts = _split(base_url)
    # Without TLS nobody knows whose server it is.
    if parts is None or parts.scheme != "https":
        return False
    host = parts.hostname or ""
    return any(host == each or host.endswith(f".{each}") for each in own)


def _split(url: str) -> SplitResult | None:
    try:
        return urlsplit(url)
    except ValueError:
        return None
