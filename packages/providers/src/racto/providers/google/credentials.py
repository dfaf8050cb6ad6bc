"""Who is calling: an API key, or an account of Google Cloud whose tokens are kept fresh."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol

from racto.core.errors import (
    APIConnectionError,
    MissingExtraError,
    RactoGatewayAuthError,
    RactoGatewayError,
)

if TYPE_CHECKING:
    from pydantic import SecretStr

_PROVIDER = "google"
_SCOPES = ("https://www.googleapis.com/auth/cloud-platform",)


class Identity(Protocol):
    """Whoever calls, as the headers that prove it."""

    def headers(self) -> Mapping[str, str]:
        """The headers of a call."""
        ...

    async def aheaders(self) -> Mapping[str, str]:
        """Async twin of :meth:`headers`."""
        ...


class APIKey:
    """A key, sent as a header: in a URL it would stand in the logs of every proxy.

    Args:
        key: The key; None for none.
        is_optional: Whether a server of one's own may do without.
    """

    def __init__(self, key: SecretStr | None, *, is_optional: bool = False) -> None:
        self._key = key
        self._is_optional = is_optional

    def headers(self) -> Mapping[str, str]:
        """The headers of a call.

        Raises:
            RactoGatewayAuthError: If there is no key.
        """
        if self._key is not None:
            return {"x-goog-api-key": self._key.get_secret_value()}
        if self._is_optional:
            return {}
        raise RactoGatewayAuthError(
            "google: there is no API key. Give api_key=, or set GOOGLE_API_KEY or GEMINI_API_KEY.",
            provider=_PROVIDER,
        )

    async def aheaders(self) -> Mapping[str, str]:
        """Async twin of :meth:`headers`."""
        return self.headers()


class CloudAccount:
    """An account of Google Cloud: one token, fetched at first use and renewed before it expires.

    Safe to share between threads and event loops; of many callers one renews the token.

    Args:
        credentials: Credentials of google-auth; the application's default ones when None.
    """

    def __init__(self, credentials: Any = None) -> None:
        self._given = credentials
        self._credentials: Any = None
        self._lock = threading.Lock()

    def headers(self) -> Mapping[str, str]:
        """The headers of a call, with a token that is valid for some minutes at least.

        Raises:
            RactoGatewayAuthError: If there are no credentials, or they are refused.
            APIConnectionError: If Google's token server cannot be reached.
        """
        with self._lock:
            if not self._is_fresh():
                self._credentials = _renewed(self._credentials or self._given)
            return self._proof()

    async def aheaders(self) -> Mapping[str, str]:
        """Async twin of :meth:`headers`; the token is renewed off the event loop."""
        if self._is_fresh():
            return self._proof()
        import asyncio

        return await asyncio.to_thread(self.headers)

    def _is_fresh(self) -> bool:
        # google-auth counts a token as expired nearly four minutes before it is.
        return self._credentials is not None and bool(self._credentials.valid)

    def _proof(self) -> Mapping[str, str]:
        proof = {"authorization": f"Bearer {self._credentials.token}"}
        payer = getattr(self._credentials, "quota_project_id", None)
        return proof | {"x-goog-user-project": payer} if payer else proof


def _renewed(credentials: Any) -> Any:
    """Valid credentials, made of those that were there.

    This is the border to google-auth: its errors become racto's.
    """
    try:
        import google.auth.credentials
        import google.auth.exceptions
        import google.auth.transport.requests
    except ImportError as error:
        raise MissingExtraError(
            "google-auth", install="racto-providers[google]", purpose="calling Vertex AI"
        ) from error
    try:
        if credentials is None:
            credentials, _ = google.auth.default(scopes=_SCOPES)
        scoped: Any = google.auth.credentials.with_scopes_if_required
        credentials = scoped(credentials, _SCOPES)
        if not credentials.valid:
            credentials.refresh(google.auth.transport.requests.Request())
    except google.auth.exceptions.TransportError as error:
        raise APIConnectionError(
            f"google: the token server cannot be reached: {error}", provider=_PROVIDER
        ) from error
    except google.auth.exceptions.GoogleAuthError as error:
        raise _refused(error) from error
    return credentials


def _refused(error: Any) -> RactoGatewayError:
    return RactoGatewayAuthError(
        f"google: no token for Vertex AI: {error}. Check credentials=, or log in with "
        "`gcloud auth application-default login`.",
        provider=_PROVIDER,
        retryable=bool(getattr(error, "retryable", False)),
    )
