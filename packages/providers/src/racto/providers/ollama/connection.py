"""How a kit or an embedder reaches an Ollama server: key, clients, errors and transport."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import SecretStr

from racto.providers.connections.connection import Connection
from racto.providers.connections.credentials import key_for, secrets_at, secrets_in, secrets_of
from racto.providers.connections.http import HTTPDialer
from racto.providers.connections.sources import Framing
from racto.providers.connections.transport import HTTPTransport
from racto.providers.kits.wires import WireRequest

from .failures import OLLAMA_VOCABULARY, OllamaTranslator
from .hosts import base_url_of

PROVIDER = "ollama"
_OWN_HOSTS = ("ollama.com",)


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
        api_key: Key; ``OLLAMA_API_KEY`` when None, at Ollama's own servers alone if ``base_url``
            is given. A server of one's own wants none.
        base_url: Address of the server; ``OLLAMA_HOST``, or this machine, when None. A name and a
            password in it are sent as basic authentication.
        headers: Headers to send with every request.
        connect_timeout: Seconds to wait for a connection.
        read_timeout: Most seconds between two pieces of a reply; the deadline alone when None.
    """
    root = base_url_of(base_url)
    key = key_for(api_key, "OLLAMA_API_KEY", base_url=root if base_url else None, own=_OWN_HOSTS)
    proof = {"authorization": f"Bearer {key.get_secret_value()}"} if key is not None else {}
    # The caller's own header has the last word, however it is spelt.
    sent = {**proof, **{name.lower(): value for name, value in (headers or {}).items()}}
    dialer = OllamaDialer(root, extra="ollama", headers=sent)
    secrets = secrets_of(key) | secrets_in(sent) | secrets_at(root)
    translator = OllamaTranslator(PROVIDER, OLLAMA_VOCABULARY, secrets=secrets)
    transport = HTTPTransport(
        dialer,
        translator,
        framing=Framing.NDJSON,
        connect_timeout=connect_timeout,
        read_timeout=read_timeout,
    )
    return Connection(translator=translator, transport=transport)
