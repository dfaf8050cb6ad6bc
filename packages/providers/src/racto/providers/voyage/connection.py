"""How the embedder reaches Voyage: key, clients, errors and transport."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import SecretStr

from racto.core.errors import RactoGatewayAuthError
from racto.providers.connections.connection import Connection
from racto.providers.connections.credentials import key_for, secrets_at, secrets_of
from racto.providers.connections.http import HTTPDialer
from racto.providers.connections.transport import HTTPTransport

from .failures import VOYAGE_VOCABULARY, VoyageTranslator

PROVIDER = "voyage"
_VOYAGE = "https://api.voyageai.com/v1"
_MONGODB = "https://ai.mongodb.com/v1"
_OWN_HOSTS = ("voyageai.com", "ai.mongodb.com")


class VoyageDialer(HTTPDialer):
    """Calls Voyage, which answers nobody without a key."""

    def headers(self) -> Mapping[str, str]:
        """The headers of a call.

        Raises:
            RactoGatewayAuthError: If there is no key.
        """
        if not self._headers:
            raise RactoGatewayAuthError(
                "Voyage needs an API key: pass api_key=, or set VOYAGE_API_KEY, which is sent to "
                "Voyage's own servers alone",
                provider=PROVIDER,
            )
        return self._headers


def connect(
    *,
    api_key: SecretStr | str | None = None,
    base_url: str | None = None,
    connect_timeout: float = 5.0,
) -> Connection:
    """Prepare a connection; nothing is opened before the first call.

    Args:
        api_key: Key; ``VOYAGE_API_KEY`` when None, at the two own servers alone if ``base_url`` is
            given.
        base_url: Root of the API; that of whoever gave the key, Voyage or MongoDB, when None.
        connect_timeout: Seconds to wait for a connection.
    """
    key = key_for(api_key, "VOYAGE_API_KEY", base_url=base_url, own=_OWN_HOSTS)
    secret = key.get_secret_value() if key is not None else ""
    # The keys that MongoDB sells are valid at its own address only.
    root = base_url or (_MONGODB if secret.startswith("al-") else _VOYAGE)
    headers = {"authorization": f"Bearer {secret}"} if secret else {}
    secrets = secrets_of(key) | secrets_at(base_url)
    translator = VoyageTranslator(PROVIDER, VOYAGE_VOCABULARY, secrets=secrets)
    transport = HTTPTransport(
        VoyageDialer(root, extra="voyage", headers=headers),
        translator,
        connect_timeout=connect_timeout,
    )
    return Connection(translator=translator, transport=transport)
