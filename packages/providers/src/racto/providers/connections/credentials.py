"""Credentials: which headers carry them, and which servers get those of the environment."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from urllib.parse import SplitResult, unquote, urlsplit

from pydantic import SecretStr

from racto.core.secrets import resolve_secret

_CARRIERS = re.compile(r"auth|cookie|credential|key|passw|secret|session|signature|token", re.I)

# Shorter ones are dummies ("EMPTY", "none"), and words of any text.
_SHORTEST = 8


def key_for(
    given: SecretStr | str | None,
    *variables: str,
    base_url: str | None,
    own: Collection[str],
) -> SecretStr | None:
    """The key that is given, or else the environment's where the server may see it.

    A key in the environment belongs to its provider. It is sent to the provider's own servers,
    and to the one that the environment itself names; never to an address from elsewhere.

    Args:
        given: The key that was passed.
        *variables: Names of environment variables, in order of preference.
        base_url: The address that was passed; None for the provider's own or the environment's.
        own: The provider's hosts, whose subdomains count too.
    """
    trusted = base_url is None or _is_own(base_url, own)
    return resolve_secret(given, *variables) if trusted else resolve_secret(given)


def secrets_in(headers: Mapping[str, str]) -> set[str]:
    """The credentials among the values of headers: whole, and word by word.

    Args:
        headers: Headers of a request.
    """
    carried = (value for name, value in headers.items() if _CARRIERS.search(name))
    return {secret for value in carried for secret in secrets_of(value)}


def secrets_of(value: str | SecretStr | None) -> set[str]:
    """A credential as a server may repeat it: whole, and its words without a scheme or a name.

    Args:
        value: A key, or the value of a header.
    """
    text = value.get_secret_value() if isinstance(value, SecretStr) else value or ""
    return {part for part in (text, *re.split(r"[\s;,=]+", text)) if len(part) >= _SHORTEST}


def secrets_at(url: str | None) -> set[str]:
    """The password in a URL, as it stands there and decoded.

    Args:
        url: A URL, which may name a user.
    """
    parts = _split(url or "")
    password = parts.password or "" if parts is not None else ""
    return secrets_of(password) | secrets_of(unquote(password))


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
        # No URL at all; the HTTP library says so at the first call.
        return None
