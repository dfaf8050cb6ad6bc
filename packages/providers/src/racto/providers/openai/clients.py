"""The openai SDK's clients: made for one server, with racto's limits and without its retries."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from pydantic import SecretStr

from racto.core.errors import RactoGatewayAuthError
from racto.providers.connections.dialers import HTTPLibrary, SDKDialer
from racto.providers.connections.http import pool_options

from . import sdk

_NO_KEY = "no-key-needed"


class OpenAIDialer(SDKDialer):
    """Calls through the openai SDK; keeps :class:`~racto.providers.connections.Dialer`.

    Args:
        api_key: Key; None when the server wants none.
        base_url: Root of the API; None for OpenAI's own, or ``OPENAI_BASE_URL``.
        headers: Headers to send with every request.
        organization: OpenAI organization that pays.
        project: OpenAI project that pays.
        http: What carries the async calls.
    """

    def __init__(
        self,
        *,
        api_key: SecretStr | None,
        base_url: str | None = None,
        headers: Mapping[str, str] | None = None,
        organization: str | None = None,
        project: str | None = None,
        http: HTTPLibrary = "httpx2",
    ) -> None:
        super().__init__(http=http)
        self._api_key = api_key
        self._base_url = base_url
        self._headers = headers
        self._organization = organization
        self._project = project

    def load(self) -> None:
        """Import the SDK, and read the certificates to trust."""
        sdk.openai()
        pool_options(extra="openai")

    def client(self) -> Any:
        """A new synchronous client.

        Raises:
            RactoGatewayAuthError: If there is no key, and the server is OpenAI's own.
        """
        module = sdk.openai()
        return module.OpenAI(**self._options(), http_client=self.http_client(module))

    def aclient(self) -> Any:
        """A new client for the running event loop; raises as :meth:`client` does."""
        module = sdk.openai()
        return module.AsyncOpenAI(**self._options(), http_client=self.ahttp_client(module))

    def _options(self) -> dict[str, Any]:
        key = self._api_key.get_secret_value() if self._api_key is not None else None
        if key is None and not (self._base_url or os.environ.get("OPENAI_BASE_URL")):
            raise RactoGatewayAuthError(
                "OpenAI needs an API key: pass api_key=, set OPENAI_API_KEY, or name another "
                "server with base_url=",
                provider="openai",
            )
        return {
            # The SDK insists on some key, also for servers that want none.
            "api_key": key or _NO_KEY,
            "base_url": self._base_url,
            "default_headers": dict(self._headers or {}),
            "organization": self._organization,
            "project": self._project,
            # One policy retries, and it is racto's.
            "max_retries": 0,
        }
