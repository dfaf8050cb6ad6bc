"""How a kit or an embedder reaches its server: key, clients, errors and transport together."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import SecretStr

from racto.providers.connections.connection import Connection
from racto.providers.connections.credentials import key_for, secrets_at, secrets_in, secrets_of
from racto.providers.connections.dialers import HTTPLibrary
from racto.providers.connections.failures import Translator
from racto.providers.connections.transport import HTTPTransport

from .clients import OpenAIDialer
from .failures import OPENAI_VOCABULARY

_OWN_HOSTS = ("api.openai.com",)


def connect(
    provider: str,
    *,
    api_key: SecretStr | str | None = None,
    base_url: str | None = None,
    headers: Mapping[str, str] | None = None,
    organization: str | None = None,
    project: str | None = None,
    connect_timeout: float = 5.0,
    read_timeout: float | None = None,
    http: HTTPLibrary = "httpx2",
) -> Connection:
    """Prepare a connection; nothing is opened, and the SDK is not loaded, before the first call.

    Args:
        provider: Name of the provider in errors.
        api_key: Key; ``OPENAI_API_KEY`` when None, at OpenAI's own servers alone if ``base_url``
            is given.
        base_url: Root of the API; ``OPENAI_BASE_URL``, or OpenAI's own, when None.
        headers: Headers to send with every request.
        organization: OpenAI organization that pays.
        project: OpenAI project that pays.
        connect_timeout: Seconds to wait for a connection.
        read_timeout: Most seconds between two pieces of a reply; the deadline alone when None.
        http: What carries the async calls.
    """
    # The SDK reads the variable too, but a key it keeps to itself cannot be cut from messages.
    key = key_for(api_key, "OPENAI_API_KEY", base_url=base_url, own=_OWN_HOSTS)
    dialer = OpenAIDialer(
        api_key=key,
        base_url=base_url,
        headers=headers,
        organization=organization,
        project=project,
        http=http,
    )
    secrets = secrets_of(key) | secrets_in(headers or {}) | secrets_at(base_url)
    translator = Translator(provider, OPENAI_VOCABULARY, secrets=secrets)
    transport = HTTPTransport(
        dialer, translator, connect_timeout=connect_timeout, read_timeout=read_timeout
    )
    return Connection(translator=translator, transport=transport)
