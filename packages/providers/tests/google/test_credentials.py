"""Tokens are fetched once, renewed in time, off the event loop, by one of many callers."""

from __future__ import annotations

import asyncio
import datetime as dt
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import google.auth.credentials
import pytest
from google.auth import exceptions
from pydantic import SecretStr

from racto.core import (
    APIConnectionError,
    MissingExtraError,
    RactoGatewayAuthError,
    RactoGatewayError,
)
from racto.providers.google.credentials import APIKey, CloudAccount


def _now() -> dt.datetime:
    # google-auth compares with a time that has no zone.
    return dt.datetime.now(dt.UTC).replace(tzinfo=None)


class Numbered(google.auth.credentials.CredentialsWithQuotaProject):
    """Credentials whose tokens are numbered."""

    def __init__(self, lasting: float = 3600.0, error: Exception | None = None) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.lasting = lasting
        self.error = error
        self.renewals: list[threading.Thread] = []

    def refresh(self, request: Any) -> None:
        self.renewals.append(threading.current_thread())
        # Long enough for others to come in meanwhile.
        time.sleep(0.02)
        if self.error is not None:
            raise self.error
        self.token = f"token-{len(self.renewals)}"
        self.expiry = _now() + dt.timedelta(seconds=self.lasting)

    def with_quota_project(self, quota_project_id: str) -> Numbered:
        self._quota_project_id = quota_project_id
        return self


def test_a_key_is_a_header() -> None:
    key = APIKey(SecretStr("k"))
    assert key.headers() == {"x-goog-api-key": "k"}
    assert "k" not in repr(vars(key)).replace("_key", "")


async def test_no_key_is_told_before_anything_is_sent() -> None:
    with pytest.raises(RactoGatewayAuthError, match="GEMINI_API_KEY"):
        APIKey(None).headers()
    assert await APIKey(None, is_optional=True).aheaders() == {}


def test_a_token_is_fetched_once_and_renewed_before_it_expires() -> None:
    credentials = Numbered()
    account = CloudAccount(credentials)
    assert credentials.renewals == []
    assert account.headers() == {"authorization": "Bearer token-1"}
    assert account.headers() == {"authorization": "Bearer token-1"}
    credentials.expiry = _now() + dt.timedelta(seconds=60)
    assert account.headers() == {"authorization": "Bearer token-2"}


def test_of_many_threads_one_renews() -> None:
    credentials = Numbered()
    account = CloudAccount(credentials)
    with ThreadPoolExecutor(16) as pool:
        told = list(pool.map(lambda _: account.headers()["authorization"], range(32)))
    assert set(told) == {"Bearer token-1"}
    assert len(credentials.renewals) == 1


async def test_the_event_loop_goes_on_meanwhile() -> None:
    credentials = Numbered()
    account = CloudAccount(credentials)
    told = await asyncio.gather(*(account.aheaders() for _ in range(16)))
    assert {each["authorization"] for each in told} == {"Bearer token-1"}
    (renewer,) = credentials.renewals
    assert renewer is not threading.current_thread()
    assert await account.aheaders() == told[0]
    assert len(credentials.renewals) == 1


def test_who_pays_is_told() -> None:
    account = CloudAccount(Numbered().with_quota_project("payer"))
    assert account.headers()["x-goog-user-project"] == "payer"


@pytest.mark.parametrize(
    ("raised", "kind", "told"),
    [
        (exceptions.RefreshError, RactoGatewayAuthError, "revoked"),
        (exceptions.TransportError, APIConnectionError, "no route"),
    ],
)
async def test_errors_of_google_auth_are_ractos(
    raised: Any, kind: type[RactoGatewayError], told: str
) -> None:
    error = raised(told)
    account = CloudAccount(Numbered(error=error))
    with pytest.raises(kind, match=told) as caught:
        account.headers()
    assert caught.value.__cause__ is error
    assert caught.value.retryable == (kind is APIConnectionError)
    with pytest.raises(kind):
        await account.aheaders()


def test_no_default_credentials_are_told_with_what_to_do(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path / "none.json"))
    with pytest.raises(RactoGatewayAuthError, match="gcloud auth application-default login"):
        CloudAccount().headers()


def test_default_credentials_are_used(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []

    def default(scopes: Any) -> tuple[Numbered, str]:
        asked.append(scopes)
        return Numbered(), "p"

    monkeypatch.setattr("google.auth.default", default)
    account = CloudAccount()
    assert account.headers() == {"authorization": "Bearer token-1"}
    assert account.headers() == {"authorization": "Bearer token-1"}
    assert asked == [("https://www.googleapis.com/auth/cloud-platform",)]


def test_without_the_library_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "google.auth.credentials", None)
    with pytest.raises(MissingExtraError, match=r"racto-providers\[google\]"):
        CloudAccount().headers()
