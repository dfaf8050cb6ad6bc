"""The anthropic SDK's clients: made for one server, with racto's limits and without its retries."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from pydantic import SecretStr

from racto.core.errors import RactoGatewayAuthError
from racto.providers.connections.dialers import HTTPLibrary, SDKDialer
from racto.providers.connections.http import pool_options

from . import sdk
from .api import PROVIDER

_NO_KEY = "no-key-needed"


class AnthropicDialer(SDKDialer):
    """Calls through the anthropic SDK; keeps :class:`~racto.providers.connections.Dialer`.

    Args:
        api_key: Key; None when there is none.
        auth_token: Token of a login instead of a key.
        base_url: Root of the API; None for Anthropic's own, or ``ANTHROPIC_BASE_URL``.
        headers: Headers to send with every request.
        http: What carries the async calls.
    """

    def __init__(
        self,
        *,
        api_key: SecretStr | None,
        auth_token: SecretStr | None = None,
        base_url: str | None = None,
        headers: Mapping[str, str] | None = None,
        http: HTTPLibrary = "httpx2",
    ) -> None:
        super().__init__(http=http)
        self._api_key = api_key
        self._auth_token = auth_token
        self._base_url = base_url
        self._headers = headers

    def load(self) -> None:
        """Import the SDK, and read the certificates to trust."""
        sdk.anthropic()
        pool_options(extra="anthropic")

    def client(self) -> Any:
        """A new synchronous client.

        Raises:
            RactoGatewayAuthError: If there is no key, token or login, and the server is
                Anthropic's own.
        """
        module = sdk.anthropic()
        return self._made(module.Anthropic, http_client=self.http_client(module))

    def aclient(self) -> Any:
        """A new client for the running event loop; raises as :meth:`client` does."""
        module = sdk.anthropic()
        return self._made(module.AsyncAnthropic, http_client=self.ahttp_client(module))

    def _made(self, kind: Any, *, http_client: Any) -> Any:
        try:
            client = kind(**self._options(), http_client=http_client)
        except sdk.anthropic().CredentialsError as error:
            raise RactoGatewayAuthError(
                f"Anthropic's SDK could not log in: {error}", provider=PROVIDER
            ) from error
        # Without a key the SDK looks for a login on this machine, and for a workload's identity.
        if not (client.api_key or client.auth_token or client.credentials):
            raise RactoGatewayAuthError(
                "Anthropic needs an API key: pass api_key=, set ANTHROPIC_API_KEY, or name "
                "another server with base_url=",
                provider=PROVIDER,
            )
        return client

    def _options(self) -> dict[str, Any]:
        options: dict[str, Any] = {
            "base_url": self._base_url,
            "default_headers": dict(self._headers or {}),
            # One policy retries, and one tracer traces; both are racto's.
            "max_retries": 0,
            "open_telemetry": False,
        }
        if self._api_key is not None:
            options["api_key"] = self._api_key.get_secret_value()
        elif self._auth_token is not None:
            options["auth_token"] = self._auth_token.get_secret_value()
        elif self._base_url or os.environ.get("ANTHROPIC_BASE_URL"):
            # The SDK insists on some key, also for servers that want none; and a login on this
            # machine is for Anthropic's eyes only.
            options["api_key"] = _NO_KEY
        return options
