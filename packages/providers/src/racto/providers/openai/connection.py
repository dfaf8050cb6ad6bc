"""How a kit or an embedder reaches its server: key, clients, errors and transport together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import SecretStr

from racto.core.secrets import resolve_secret

from .clients import Clients
from .failures import Translator
from .transport import OpenAITransport


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """One server, reachable.

    Attributes:
        translator: Makes the errors.
        transport: Carries the requests.
    """

    translator: Translator
    transport: OpenAITransport


def connect(
    provider: str,
    *,
    api_key: SecretStr | str | None = None,
    base_url: str | None = None,
    headers: Mapping[str, str] | None = None,
    organization: str | None = None,
    project: str | None = None,
    connect_timeout: float = 5.0,
) -> Connection:
    """Prepare a connection; nothing is opened, and the SDK is not loaded, before the first call.

    Args:
        provider: Name of the provider in errors.
        api_key: Key; ``OPENAI_API_KEY`` when None.
        base_url: Root of the API; ``OPENAI_BASE_URL``, or OpenAI's own, when None.
        headers: Headers to send with every request.
        organization: OpenAI organization that pays.
        project: OpenAI project that pays.
        connect_timeout: Seconds to wait for a connection.
    """
    # The SDK reads the variable too, but a key it keeps to itself cannot be cut from messages.
    key = resolve_secret(api_key, "OPENAI_API_KEY")
    clients = Clients(
        api_key=key,
        base_url=base_url,
        headers=headers,
        organization=organization,
        project=project,
    )
    translator = Translator(provider, key.get_secret_value() if key is not None else None)
    transport = OpenAITransport(clients, translator, connect_timeout=connect_timeout)
    return Connection(translator=translator, transport=transport)
