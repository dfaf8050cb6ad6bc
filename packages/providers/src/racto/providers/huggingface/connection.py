"""How a kit or an embedder reaches Hugging Face: token, clients, errors and transport."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import SecretStr

from racto.core.errors import ConfigurationError, RactoGatewayAuthError
from racto.providers.connections.connection import Connection
from racto.providers.connections.credentials import key_for, secrets_at, secrets_in, secrets_of
from racto.providers.connections.http import HTTPDialer
from racto.providers.connections.transport import HTTPTransport

from .failures import HUGGINGFACE_VOCABULARY, HuggingFaceTranslator
from .roots import ROUTER, root_of

PROVIDER = "huggingface"
TOKEN_VARIABLES = ("HF_TOKEN", "HUGGINGFACE_TOKEN", "HUGGING_FACE_HUB_TOKEN")
# Not the hosts of Inference Endpoints: what answers there is anybody's.
_OWN_HOSTS = ("huggingface.co",)


class HuggingFaceDialer(HTTPDialer):
    """Calls the router, which wants a token, or a server of one's own, which may want none."""

    def headers(self) -> Mapping[str, str]:
        """The headers of a call.

        Raises:
            RactoGatewayAuthError: If there is no token, and the server is the router.
        """
        if self._base_url == ROUTER and "authorization" not in self._headers:
            raise RactoGatewayAuthError(
                "Hugging Face needs a token: pass token=, set HF_TOKEN, or name a server of your "
                "own with base_url=",
                provider=PROVIDER,
            )
        return self._headers


def connect(
    *,
    token: SecretStr | str | None = None,
    api_key: SecretStr | str | None = None,
    base_url: str | None = None,
    bill_to: str | None = None,
    headers: Mapping[str, str] | None = None,
    connect_timeout: float = 5.0,
    read_timeout: float | None = None,
) -> Connection:
    """Prepare a connection; nothing is opened before the first call.

    Args:
        token: Token; ``HF_TOKEN`` or ``HUGGINGFACE_TOKEN`` when None, at Hugging Face's own
            servers alone if ``base_url`` is given.
        api_key: The token under the name that all kits have for it.
        base_url: Address of a server of one's own; the router when None.
        bill_to: Organization that pays.
        headers: Headers to send with every request.
        connect_timeout: Seconds to wait for a connection.
        read_timeout: Most seconds between two pieces of a reply; the deadline alone when None.

    Raises:
        ConfigurationError: If both ``token`` and ``api_key`` are given.
    """
    if token is not None and api_key is not None:
        raise ConfigurationError("token and api_key are two names of one thing; give one of them")
    given = token if token is not None else api_key
    key = key_for(given, *TOKEN_VARIABLES, base_url=base_url, own=_OWN_HOSTS)
    own = {"authorization": f"Bearer {key.get_secret_value()}"} if key is not None else {}
    if bill_to is not None:
        own["x-hf-bill-to"] = bill_to
    sent = {**own, **{name.lower(): value for name, value in (headers or {}).items()}}
    dialer = HuggingFaceDialer(root_of(base_url), extra="huggingface", headers=sent)
    secrets = secrets_of(key) | secrets_in(sent) | secrets_at(base_url)
    translator = HuggingFaceTranslator(PROVIDER, HUGGINGFACE_VOCABULARY, secrets=secrets)
    transport = HTTPTransport(
        dialer, translator, connect_timeout=connect_timeout, read_timeout=read_timeout
    )
    return Connection(translator=translator, transport=transport)
