"""The way to OpenAI: its clients, and its errors as racto's."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from pydantic import SecretStr

from racto.core.errors import (
    NotFoundError,
    PermissionDeniedError,
    QuotaExhaustedError,
    RactoGatewayAuthError,
    RactoGatewayError,
)
from racto.core.secrets import resolve_secret
from racto.finetune.calls import Use
from racto.finetune.failures import Translator
from racto.finetune.retirements import openai_notice

from . import sdk

PROVIDER = "openai"

_OWN_HOST = "api.openai.com"
_NO_KEY = "no-key-needed"
_CONNECT_SECONDS = 10.0
# OpenAI's code for an organisation that it no longer lets tune.
_CLOSED = "training_not_available"
_ADVICE: Mapping[type[RactoGatewayError], str] = {
    RactoGatewayAuthError: (
        "Check api_key= or OPENAI_API_KEY; the latter is sent to OpenAI's own servers alone."
    ),
    PermissionDeniedError: "The key is valid but may not do this.",
    NotFoundError: "Check the id, and whether the key belongs to the project that made it.",
    QuotaExhaustedError: "Waiting does not help: check the plan and billing of the account.",
}


class OpenAILine:
    """Calls through the openai SDK; keeps :class:`~racto.finetune.calls.Line`.

    Args:
        api_key: Key; ``OPENAI_API_KEY`` when None, at OpenAI's own servers and at the one that
            ``OPENAI_BASE_URL`` names.
        base_url: Root of the API; ``OPENAI_BASE_URL``, or OpenAI's own, when None.
    """

    def __init__(self, api_key: SecretStr | str | None, base_url: str | None) -> None:
        # A key of the environment belongs to OpenAI; it is not for an address from elsewhere.
        trusted = base_url is None or _is_own(base_url)
        self._key = resolve_secret(api_key, *(("OPENAI_API_KEY",) if trusted else ()))
        self._base_url = base_url
        secret = self._key.get_secret_value() if self._key else ""
        self.translator = Translator(PROVIDER, secrets=[secret], advice=_ADVICE)

    @property
    def is_openais(self) -> bool:
        """Whether the server is OpenAI's own."""
        root = self._base_url or os.environ.get("OPENAI_BASE_URL")
        return not root or _is_own(root)

    def open(self) -> Any:
        """A client for synchronous calls.

        Raises:
            RactoGatewayAuthError: If there is no key, and the server is OpenAI's own.
        """
        options = self._options()
        return sdk.openai().OpenAI(**options)

    async def aopen(self) -> Any:
        """Async twin of :meth:`open`."""
        options = self._options()

        def make() -> Any:
            return sdk.openai().AsyncOpenAI(**options)

        # To load the SDK takes seconds, and to read the certificates some time, too.
        return await asyncio.to_thread(make)

    def close(self, client: Any) -> None:
        """Close a client."""
        client.close()

    async def aclose(self, client: Any) -> None:
        """Async twin of :meth:`close`."""
        await client.close()

    def call(self, client: Any, use: Use, seconds: float) -> Any:
        """Make one call.

        Raises:
            RactoGatewayError: What the server, or the network, has against it.
        """
        try:
            return use(_timed(client, seconds), seconds)
        except (sdk.openai().OpenAIError, ValueError) as error:
            raise self._translated(error) from self.translator.cause(error)

    async def acall(self, client: Any, use: Use, seconds: float) -> Any:
        """Async twin of :meth:`call`."""
        try:
            return await use(_timed(client, seconds), seconds)
        except (sdk.openai().OpenAIError, ValueError) as error:
            raise self._translated(error) from self.translator.cause(error)

    def _options(self) -> dict[str, Any]:
        if self._key is None and self.is_openais:
            raise RactoGatewayAuthError(
                "OpenAI needs an API key: pass api_key=, set OPENAI_API_KEY, or name another "
                "server with base_url=",
                provider=PROVIDER,
            )
        return {
            # The SDK insists on some key, also for servers that want none.
            "api_key": self._key.get_secret_value() if self._key else _NO_KEY,
            "base_url": self._base_url,
            # One policy retries, and it is racto's.
            "max_retries": 0,
        }

    def _translated(self, error: Exception) -> RactoGatewayError:
        # Errors of racto's own are ValueErrors too, some of them.
        if isinstance(error, RactoGatewayError):
            return error
        if not isinstance(error, sdk.openai().APIStatusError):
            return self.translator.unanswered(error)
        body: Any = error.body
        facts = body if isinstance(body, Mapping) else {}
        code = str(facts.get("code") or facts.get("type") or "")
        return self.translator.refused(
            error.status_code,
            str(facts.get("message") or body or error),
            code=code,
            headers=error.response.headers,
            advice=openai_notice() if code == _CLOSED else "",
        )


def _timed(client: Any, seconds: float) -> Any:
    """The client with limits for one call."""
    connect = min(_CONNECT_SECONDS, seconds)
    return client.with_options(timeout=sdk.openai().Timeout(seconds, connect=connect))


def _is_own(base_url: str) -> bool:
    try:
        parts = urlsplit(base_url)
    except ValueError:
        return False
    host = parts.hostname or ""
    # Without TLS nobody knows whose server it is.
    return parts.scheme == "https" and (host == _OWN_HOST or host.endswith(f".{_OWN_HOST}"))
