"""How a kit reaches its server: key, clients, errors and transport together."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import SecretStr

from racto.core.errors import ConfigurationError
from racto.core.secrets import resolve_secret
from racto.providers.connections.connection import Connection
from racto.providers.connections.dialers import HTTPLibrary
from racto.providers.connections.transport import HTTPTransport

from .api import PROVIDER
from .clients import AnthropicDialer
from .failures import ANTHROPIC_VOCABULARY, AnthropicTranslator


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
        api_key: Key; ``ANTHROPIC_API_KEY`` when None.
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
    key = None if auth_token else resolve_secret(api_key, "ANTHROPIC_API_KEY")
    token = None if key else resolve_secret(auth_token, "ANTHROPIC_AUTH_TOKEN")
    dialer = AnthropicDialer(
        api_key=key, auth_token=token, base_url=base_url, headers=headers, http=http
    )
    held = key or token
    secret = held.get_secret_value() if held is not None else None
    translator = AnthropicTranslator(PROVIDER, ANTHROPIC_VOCABULARY, secret=secret)
    transport = HTTPTransport(
        dialer, translator, connect_timeout=connect_timeout, read_timeout=read_timeout
    )
    return Connection(translator=translator, transport=transport)
