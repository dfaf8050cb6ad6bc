"""Which service is called, as whom: chosen by the caller, never guessed."""

from __future__ import annotations

from typing import Any

import pytest
from google.auth.credentials import AnonymousCredentials
from pydantic import SecretStr

from racto.core import ConfigurationError
from racto.providers.google.access import GoogleDialer, access
from racto.providers.google.credentials import APIKey, CloudAccount


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (
        "GOOGLE_API_KEY",
        "GEMINI_API_KEY",
        "GOOGLE_CLOUD_PROJECT",
        "GOOGLE_CLOUD_LOCATION",
    ):
        monkeypatch.delenv(name, raising=False)


def test_keys_come_from_the_environment_as_googles_sdk_takes_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("GEMINI_API_KEY", "second")
    assert access().identity.headers() == {"x-goog-api-key": "second"}
    monkeypatch.setenv("GOOGLE_API_KEY", "first\n")
    assert access().identity.headers() == {"x-goog-api-key": "first"}
    assert access(api_key=SecretStr("given-4711")).secrets == {"given-4711"}


def test_keys_of_the_environment_are_for_google_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GEMINI_API_KEY", "googles")
    assert access(base_url="https://proxy.example").identity.headers() == {}
    theirs = access(base_url="https://generativelanguage.googleapis.com/v1beta")
    assert theirs.identity.headers() == {"x-goog-api-key": "googles"}


def test_a_server_of_ones_own_may_do_without_a_key() -> None:
    assert access(base_url="http://proxy").identity.headers() == {}


def test_vertex_ai_is_reached_with_an_account(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOOGLE_API_KEY", "not for this")
    monkeypatch.setenv("GOOGLE_CLOUD_PROJECT", "from-the-environment")
    monkeypatch.setenv("GOOGLE_CLOUD_LOCATION", "us-east1")
    made = access(vertexai=True)
    assert isinstance(made.identity, CloudAccount)
    assert not made.secrets
    assert made.endpoint.parent == "projects/from-the-environment/locations/us-east1"
    assert made.endpoint.base_url == "https://us-east1-aiplatform.googleapis.com"
    assert access(vertexai=True, project="p", location="eu").endpoint.parent == (
        "projects/p/locations/eu"
    )


def test_credentials_may_tell_their_project() -> None:
    credentials: Any = AnonymousCredentials()  # type: ignore[no-untyped-call]
    credentials.project_id = "theirs"
    made = access(vertexai=True, credentials=credentials)
    assert made.endpoint.parent == "projects/theirs/locations/global"


def test_vertex_ai_is_reached_with_a_key_alone() -> None:
    made = access(vertexai=True, api_key="key-4711")
    assert isinstance(made.identity, APIKey)
    assert (made.endpoint.parent, made.secrets) == ("", {"key-4711"})
    assert access(vertexai=True, api_key="k", project="p").endpoint.parent


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"project": "p"}, "add vertexai=True"),
        ({"location": "eu"}, "add vertexai=True"),
        ({"credentials": object()}, "add vertexai=True"),
        ({"vertexai": True}, "needs project="),
        ({"vertexai": True, "api_key": "k", "credentials": object()}, "not both"),
    ],
)
def test_what_does_not_fit_is_refused_at_once(options: dict[str, Any], told: str) -> None:
    with pytest.raises(ConfigurationError, match=told):
        access(**options)


async def test_the_callers_headers_have_the_last_word() -> None:
    identity = access(api_key="k").identity
    dialer = GoogleDialer("http://x", identity, headers={"x-goog-api-key": "other", "x-a": "b"})
    assert dialer.headers() == {"x-goog-api-key": "other", "x-a": "b"}
    assert await dialer.aheaders() == dialer.headers()
