"""Keys go where they belong, and OpenAI's errors become racto's without showing them."""

from __future__ import annotations

import subprocess
import sys

import pytest

from racto.core.errors import (
    APIConnectionError,
    MissingExtraError,
    NotFoundError,
    PermissionDeniedError,
    QuotaExhaustedError,
    RactoGatewayAuthError,
    RactoGatewayError,
    RateLimitError,
)
from racto.finetune.openai import OpenAIFineTuner
from racto.finetune.openai.line import OpenAILine
from racto.testing import Failure, OpenAIServer

from .conftest import QUICK


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL"):
        monkeypatch.delenv(name, raising=False)


def test_a_key_of_the_environment_is_not_sent_elsewhere(
    openai_server: OpenAIServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "test-key")
    with pytest.raises(RactoGatewayAuthError, match="Check api_key="):
        OpenAIFineTuner(base_url=openai_server.url).list_jobs()
    assert openai_server.last.headers["authorization"] == "Bearer no-key-needed"
    # The environment may name the server, too.
    monkeypatch.setenv("OPENAI_BASE_URL", openai_server.url)
    assert OpenAIFineTuner().list_jobs() == []


def test_openai_itself_needs_a_key() -> None:
    with pytest.raises(RactoGatewayAuthError, match="OpenAI needs an API key"):
        OpenAIFineTuner().list_jobs()


@pytest.mark.parametrize(
    ("url", "own"),
    [
        (None, True),
        ("https://api.openai.com/v1", True),
        ("https://eu.api.openai.com/v1", True),
        ("http://api.openai.com/v1", False),
        ("https://api.openai.com.example.org/v1", False),
        ("https://example.org/v1", False),
        ("https://[", False),
    ],
)
def test_openais_own_servers_are_known(url: str | None, own: bool) -> None:
    assert OpenAILine("sk-test-1234567890", url).is_openais is own


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("unauthorized", RactoGatewayAuthError),
        ("forbidden", PermissionDeniedError),
        ("not_found", NotFoundError),
        ("quota_exhausted", QuotaExhaustedError),
        ("rate_limited", RateLimitError),
    ],
)
def test_failures_become_errors_of_racto(
    openai_server: OpenAIServer, kind: str, error: type[RactoGatewayError]
) -> None:
    tuner = OpenAIFineTuner(openai_server.key, base_url=openai_server.url, retries=QUICK)
    openai_server.fine_tuning.add(*[Failure(kind=kind)] * 3)  # type: ignore[arg-type]
    with pytest.raises(error, match="openai: answered 4") as caught:
        tuner.list_jobs()
    assert caught.value.provider == "openai"
    assert caught.value.status_code is not None


def test_a_key_that_a_server_repeats_is_not_shown(openai_server: OpenAIServer) -> None:
    key = openai_server.key
    assert key == "test-key"
    tuner = OpenAIFineTuner(key, base_url=openai_server.url)
    openai_server.fine_tuning.add(Failure(kind="bad_request", message=f"the key {key} is odd"))
    with pytest.raises(RactoGatewayError, match=r"the key \*\*\* is odd") as caught:
        tuner.list_jobs()
    assert caught.value.__cause__ is None
    assert key not in str(vars(tuner._line))


def test_nobody_at_the_other_end_is_a_connection_error() -> None:
    tuner = OpenAIFineTuner("test-key", base_url="http://127.0.0.1:9/v1", retries=QUICK)
    with pytest.raises(APIConnectionError, match="the connection failed"):
        tuner.list_jobs()


def test_the_sdk_is_named_when_it_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "openai", None)
    with pytest.raises(MissingExtraError, match=r'pip install "racto-finetune\[openai\]"'):
        OpenAIFineTuner("test-key").list_jobs()


def test_the_tuner_does_not_load_the_sdk() -> None:
    program = (
        "import sys; from racto.finetune.openai import OpenAIFineTuner; OpenAIFineTuner('k');"
        "sys.exit('openai' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
