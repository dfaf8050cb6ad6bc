"""The way to Vertex AI: its clients, and Google's errors as racto's."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from racto.core.errors import (
    APIConnectionError,
    NotFoundError,
    PermissionDeniedError,
    RactoGatewayAuthError,
    RactoGatewayError,
)
from racto.finetune.calls import Use
from racto.finetune.failures import Translator

from . import sdk

PROVIDER = "google"

_ADVICE: Mapping[type[RactoGatewayError], str] = {
    RactoGatewayAuthError: (
        "Check credentials=, or log in with `gcloud auth application-default login`."
    ),
    PermissionDeniedError: (
        "The account needs the roles Vertex AI User and, to stage examples, Storage Object User."
    ),
    NotFoundError: "Check the name, project= and location=; a job lives in one region.",
}
# What the HTTP libraries below the SDK raise, whichever of them it uses.
_NETWORK = frozenset({"HTTPError", "RequestException", "OSError"})


@dataclass(frozen=True, slots=True, kw_only=True)
class GoogleClients:
    """What one procedure talks with.

    Attributes:
        genai: The SDK's client, for tuning jobs and models.
        storage: A session of signed calls, for Cloud Storage.
    """

    genai: Any
    storage: Any


class VertexLine:
    """Calls through the google-genai SDK; keeps :class:`~racto.finetune.calls.Line`.

    The async voice makes its calls in threads: Cloud Storage has no client for event loops, and
    the SDK's takes whichever HTTP library it finds, whose errors then differ.

    Args:
        project: Project of Google Cloud.
        location: Region.
        credentials: Credentials of google-auth; the application's default ones when None.
        base_url: Root of another server than Google's.
    """

    def __init__(
        self, *, project: str, location: str, credentials: Any, base_url: str | None
    ) -> None:
        self._project = project
        self._location = location
        self._credentials = credentials
        self._scoped: Any = None
        self._base_url = base_url
        self._lock = threading.Lock()
        self.translator = Translator(PROVIDER, advice=_ADVICE)

    def open(self) -> GoogleClients:
        """Clients for calls.

        Raises:
            MissingExtraError: If the SDK is not installed.
            RactoGatewayAuthError: If there are no credentials.
        """
        genai = sdk.genai()
        credentials = self._signed()
        http = genai.types.HttpOptions(base_url=self._base_url)
        client = genai.Client(
            vertexai=True,
            project=self._project,
            location=self._location,
            credentials=credentials,
            http_options=http,
        )
        return GoogleClients(genai=client, storage=sdk.signing_session(credentials))

    async def aopen(self) -> GoogleClients:
        """Async twin of :meth:`open`, in a worker thread."""
        return await asyncio.to_thread(self.open)

    def close(self, client: GoogleClients) -> None:
        """Close clients."""
        client.genai.close()
        client.storage.close()

    async def aclose(self, client: GoogleClients) -> None:
        """Async twin of :meth:`close`, in a worker thread."""
        await asyncio.to_thread(self.close, client)

    def call(self, client: GoogleClients, use: Use, seconds: float) -> Any:
        """Make one call.

        Raises:
            RactoGatewayError: What Google, or the network, has against it.
        """
        try:
            return use(client, seconds)
        except Exception as error:
            told = self._translated(error)
            if told is None:
                raise
            raise told from error

    async def acall(self, client: GoogleClients, use: Use, seconds: float) -> Any:
        """Async twin of :meth:`call`, in a worker thread."""
        return await asyncio.to_thread(self.call, client, use, seconds)

    def _signed(self) -> Any:
        # Looked for once: the default ones may ask a server of the cloud's.
        with self._lock:
            if self._scoped is None:
                try:
                    self._scoped = sdk.scoped_credentials(self._credentials)
                except sdk.auth_errors().GoogleAuthError as error:
                    raise self.translator.refused(401, str(error)) from error
            return self._scoped

    def _translated(self, error: Exception) -> RactoGatewayError | None:
        """The error as racto's; None for one that is no failure of the other side."""
        if isinstance(error, RactoGatewayError):
            return None
        if isinstance(error, sdk.genai().errors.APIError):
            headers = getattr(error.response, "headers", None) or {}
            return self.translator.refused(
                error.code or 500,
                str(error.message or error),
                code=str(error.status or ""),
                headers=dict(headers),
            )
        if isinstance(error, sdk.auth_errors().TransportError):
            return APIConnectionError(
                f"{PROVIDER}: the token server cannot be reached: {error}.", provider=PROVIDER
            )
        if isinstance(error, sdk.auth_errors().GoogleAuthError):
            return self.translator.refused(401, str(error))
        # Some come from httpx2, some from requests, and this room imports neither.
        names = {kind.__name__ for kind in type(error).__mro__}
        if names & _NETWORK or isinstance(error, ValueError):
            return self.translator.unanswered(error)
        return None
