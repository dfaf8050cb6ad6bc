"""How a kit or an embedder reaches an Ollama server: key, clients, errors and transport."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import SecretStr

from racto.core.secrets import resolve_secret
from racto.providers.connections.connection import Connection
from racto.providers.connections.http import HTTPDialer
from racto.providers.connections.sources import Framing
from racto.providers.connections.transport import HTTPTransport
from racto.providers.kits.wires import WireRequest

from .failures import OLLAMA_VOCABULARY, OllamaTranslator
from .hosts import base_url_of

PROVIDER = "ollama"


class OllamaDialer(HTTPDialer):
    """Calls an Ollama server: a request with a body is posted, one without is a plain GET."""

    def _built(
        self, client: Any, request: WireRequest, timeout: Any, headers: Mapping[str, str]
    ) -> Any:
        if request.body:
            return super()._built(client, request, timeout, headers)
        return client.build_request(
            "GET", self._base_url + request.path, headers=dict(headers), timeout=timeout
        )


def connect(
    *,
    api_key: SecretStr | str | None = None,
    base_url: str | None = None,
    headers: Mapping[str, str] | None = None,
    connect_timeout: float = 5.0,
    read_timeout: float | None = None,
) -> Connection:
    """Prepare a connection; nothing is opened before the first call.

    Args:
        api_key: Key; ``OLLAMA_API_KEY`` when None. A server of one's own wants none.
        base_url: Address of the server; ``OLLAMA_HOST``, or this machine, when None.
        headers: Headers to send with every request.
        connect_timeout: Seconds to wait for a connection.
        read_timeout: Most seconds between two pieces of a reply; the deadline alone when None.
    """
    key = resolve_secret(api_key, "OLLAMA_API_KEY")
    secret = key.get_secret_value() if key is not None else None
    own = {"authorization": f"Bearer {secret}"} if secret else {}
    dialer = OllamaDialer(base_url_of(base_url), extra="ollama", headers={**own, **(headers or {})})
    translator = OllamaTranslator(PROVIDER, OLLAMA_VOCABULARY, secret=secret)
    transport = HTTPTransport(
        dialer,
        translator,
        framing=Framing.NDJSON,
        connect_timeout=connect_timeout,
        read_timeout=read_timeout,
    )
    return Connection(translator=translator, transport=transport)
