"""How Google's models are reached: which service, as whom, over which connection."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

from pydantic import SecretStr

from racto.core.errors import ConfigurationError
from racto.core.secrets import resolve_secret
from racto.providers.connections.connection import Connection
from racto.providers.connections.credentials import key_for, secrets_at, secrets_in, secrets_of
from racto.providers.connections.http import HTTPDialer
from racto.providers.connections.transport import HTTPTransport

from .credentials import APIKey, CloudAccount, Identity
from .endpoints import Endpoint, gemini_endpoint, vertex_endpoint
from .failures import GOOGLE_VOCABULARY, GoogleTranslator
from .turns import PROVIDER

_OWN_HOSTS = ("googleapis.com",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """One of Google's services, and whoever calls it.

    Attributes:
        endpoint: The service.
        identity: Proves who calls.
        secrets: The API key as messages may show it; empty without one.
    """

    endpoint: Endpoint
    identity: Identity
    secrets: Collection[str] = ()

    def connect(
        self, *, headers: Mapping[str, str] | None = None, connect_timeout: float = 5.0
    ) -> Connection:
        """Prepare a connection; nothing is opened or loaded before the first call.

        Args:
            headers: Headers to send with every request.
            connect_timeout: Seconds to wait for a connection.
        """
        secrets = {*self.secrets, *secrets_in(headers or {}), *secrets_at(self.endpoint.base_url)}
        translator = GoogleTranslator(PROVIDER, GOOGLE_VOCABULARY, secrets=secrets)
        dialer = GoogleDialer(self.endpoint.base_url, self.identity, headers=headers or {})
        transport = HTTPTransport(dialer, translator, connect_timeout=connect_timeout)
        return Connection(translator=translator, transport=transport)


class GoogleDialer(HTTPDialer):
    """Posts JSON to Google's services, with the headers of an identity.

    Args:
        base_url: Root of the service.
        identity: Proves who calls.
        headers: Further headers; they have the last word.
    """

    def __init__(self, base_url: str, identity: Identity, *, headers: Mapping[str, str]) -> None:
        super().__init__(base_url, extra="google", headers=headers)
        self._identity = identity

    def headers(self) -> Mapping[str, str]:
        """The headers of a call."""
        return {**self._identity.headers(), **super().headers()}

    async def aheaders(self) -> Mapping[str, str]:
        """Async twin of :meth:`headers`; a token is renewed off the event loop."""
        return {**await self._identity.aheaders(), **super().headers()}


def access(
    *,
    vertexai: bool = False,
    api_key: SecretStr | str | None = None,
    base_url: str | None = None,
    api_version: str | None = None,
    project: str | None = None,
    location: str | None = None,
    credentials: Any = None,
) -> Access:
    """Access to the service that was chosen, never guessed from what lies in the environment.

    Args:
        vertexai: Vertex AI instead of the Gemini API.
        api_key: Key. For the Gemini API ``GOOGLE_API_KEY`` or ``GEMINI_API_KEY`` when None, at
            Google's own servers alone if ``base_url`` is given; for Vertex AI a key of its express
            mode.
        base_url: Root of another server.
        api_version: Version of the API.
        project: Project for Vertex AI; that of the credentials, or ``GOOGLE_CLOUD_PROJECT``, when
            None.
        location: Region for Vertex AI; ``GOOGLE_CLOUD_LOCATION``, or ``global``, when None.
        credentials: Credentials of google-auth for Vertex AI; the application's default ones when
            None.

    Raises:
        ConfigurationError: If what is given does not fit the service, or each other.
    """
    if vertexai:
        identity, key = _vertex_identity(api_key, credentials)
        found = project or getattr(credentials, "project_id", None)
        # A key tells its project; an account may call in many.
        if not found and key is None:
            found = os.environ.get("GOOGLE_CLOUD_PROJECT") or _no_project()
        place = location or os.environ.get("GOOGLE_CLOUD_LOCATION")
        endpoint = vertex_endpoint(base_url, api_version, project=found, location=place)
        return Access(endpoint=endpoint, identity=identity, secrets=secrets_of(key))
    if project or location or credentials is not None:
        raise ConfigurationError(
            "project, location and credentials belong to Vertex AI; add vertexai=True"
        )
    key = key_for(api_key, "GOOGLE_API_KEY", "GEMINI_API_KEY", base_url=base_url, own=_OWN_HOSTS)
    # A proxy of one's own may know the key itself.
    proof = APIKey(key, is_optional=base_url is not None)
    endpoint = gemini_endpoint(base_url, api_version)
    return Access(endpoint=endpoint, identity=proof, secrets=secrets_of(key))


def _vertex_identity(
    api_key: SecretStr | str | None, credentials: Any
) -> tuple[Identity, SecretStr | None]:
    key = resolve_secret(api_key)
    if key is None:
        return CloudAccount(credentials), None
    if credentials is not None:
        raise ConfigurationError("give api_key or credentials, not both")
    return APIKey(key), key


def _no_project() -> NoReturn:
    raise ConfigurationError(
        "Vertex AI needs project=, or GOOGLE_CLOUD_PROJECT, or api_key= of its express mode"
    )
