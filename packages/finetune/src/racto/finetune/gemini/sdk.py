"""The one place that imports Google's libraries, at first use: the SDK, and what signs requests."""

from __future__ import annotations

import inspect
from typing import Any

from racto.core.errors import MissingExtraError

_SCOPES = ("https://www.googleapis.com/auth/cloud-platform",)


def genai() -> Any:
    """The SDK's module, with its ``errors`` and ``types``.

    Raises:
        MissingExtraError: If it is not installed.
    """
    try:
        import google.genai
        import google.genai.errors
        import google.genai.types
    except ImportError as error:
        raise MissingExtraError(
            "google-genai", install="racto-finetune[google]", purpose="Tuning models at Vertex AI"
        ) from error
    return google.genai


def auth_errors() -> Any:
    """The errors of the library that signs requests."""
    genai()
    from google.auth import exceptions

    return exceptions


def scoped_credentials(credentials: Any) -> Any:
    """Credentials for what tuning needs.

    Args:
        credentials: Credentials of google-auth; the application's default ones when None.
    """
    genai()
    import google.auth
    import google.auth.credentials

    if credentials is None:
        credentials, _ = google.auth.default(scopes=_SCOPES)
    # Those of a service account come without; the library has no types.
    scoped: Any = google.auth.credentials.with_scopes_if_required
    return scoped(credentials, _SCOPES)


def signing_session(credentials: Any) -> Any:
    """A session of HTTP calls that are signed, for Cloud Storage.

    Args:
        credentials: Credentials of google-auth.
    """
    genai()
    from google.auth.transport import requests

    # The library has no types.
    session: Any = requests.AuthorizedSession
    return session(credentials)


def tune(client: Any, **arguments: Any) -> Any:
    """Make a tuning job, without the warning that the SDK's method is experimental.

    Args:
        client: A client of the SDK.
        **arguments: Those of ``client.tunings.tune``.
    """
    # The filters of the warnings are the process's; the function below the decorator warns not.
    plain = inspect.unwrap(type(client.tunings).tune)
    return plain(client.tunings, **arguments)
