"""How a kit reaches its server: key, clients, errors and transport together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import SecretStr

from racto.core.errors import ConfigurationError
from racto.providers.connections.connection import Connection
from racto.providers.connections.credentials import key_for, secrets_at, secrets_in, secrets_of
from racto.providers.connections.dialers import HTTPLibrary
from racto.providers.connections.transport import HTTPTransport

from .api import PROVIDER
from .clients import AnthropicDialer
from .failures import ANTHROPIC_VOCABULARY, AnthropicTranslator

_OWN_HOSTS = ("anthropic.com",)


def connect(
    *,
    api_key: SecretStr | str | None = None,
    auth_token: SecretStr | str | None = None,
    base_url: str | None = None,
    headers: Mapping[str, str] | None = None,
    connect_timeout: float = 5.0,
    read_timeout: float | None = None,
    http: HTTPLibrary = "httpx2",
) -> Connection:
    """Prepare a connection; nothing is opened, and the SDK is not loaded, before the first call.

    Args:
        api_key: Key; ``ANTHROPIC_API_KEY`` when None, at Anthropic's own servers alone if
            ``base_url`` is given.
        auth_token: Token instead of a key; ``ANTHROPIC_AUTH_TOKEN`` when there is neither.
        base_url: Root of the API; ``ANTHROPIC_BASE_URL``, or Anthropic's own, when None.
        headers: Headers to send with every request.
        connect_timeout: Seconds to wait for a connection.
        read_timeout: Most seconds between two pieces of a reply; the deadline alone when None.
        http: What carries the async calls.

    Raises:
        ConfigurationError: If both a key and a token are given.
    """
    if api_key and auth_token:
        raise ConfigurationError("give either api_key or auth_token, not both")
    # The SDK reads the variables too, but a key it keeps to itself cannot be cut from messages.
    place: Any = {"base_url": base_url, "own": _OWN_HOSTS}
    key = None if auth_token else key_for(api_key, "ANTHROPIC_API_KEY", **place)
    token = None if key else key_for(auth_token, "ANTHROPIC_AUTH_TOKEN", **place)
    dialer = AnthropicDialer(
        api_key=key, auth_token=token, base_url=base_url, headers=headers, http=http
    )
    secrets = secrets_of(key or token) | secrets_in(headers or {}) | secrets_at(base_url)
    translator = AnthropicTranslator(PROVIDER, ANTHROPIC_VOCABULARY, secrets=secrets)
    transport = HTTPTransport(
        dialer, translator, connect_timeout=connect_timeout, read_timeout=read_timeout
    )
    return Connection(translator=translator, transport=transport)
