"""A tuner that talks to loopback servers of Vertex AI and of Cloud Storage."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

import pytest

from racto.core.flows import Flow, run
from racto.core.retries import RetryPolicy
from racto.finetune.gemini import GeminiFineTuner
from racto.finetune.gemini.wire import VertexWire
from racto.testing import GeminiServer

from .storage_server import StorageServer

Talk: TypeAlias = Callable[[Callable[[VertexWire], Flow[Any]]], Any]
Make: TypeAlias = Callable[..., GeminiFineTuner]

QUICK = RetryPolicy(attempts=3, base=0.01)
DATA = "gs://bucket/train.jsonl"
JOBS = "projects/p/locations/us-central1/tuningJobs"


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    names = (
        "GOOGLE_CLOUD_PROJECT GOOGLE_CLOUD_LOCATION GOOGLE_API_KEY GEMINI_API_KEY "
        "GOOGLE_APPLICATION_CREDENTIALS GOOGLE_GENAI_USE_VERTEXAI"
    )
    for name in names.split():
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def storage_server() -> Iterator[StorageServer]:
    """A server that speaks Cloud Storage's protocol."""
    with StorageServer() as server:
        yield server


@pytest.fixture
def make(gemini_server: GeminiServer, storage_server: StorageServer) -> Make:
    """Makes tuners for the two servers."""
    from google.oauth2.credentials import Credentials

    token: Any = Credentials(token="test-key")  # type: ignore[no-untyped-call]

    def one(**fields: Any) -> GeminiFineTuner:
        given = {
            "project": "p",
            "location": "us-central1",
            "credentials": token,
            "staging_bucket": "gs://bucket/folder",
            "base_url": gemini_server.url.removesuffix("/v1beta"),
            "storage_url": storage_server.url,
            "retries": QUICK,
        }
        return GeminiFineTuner(**{**given, **fields})

    return one


@pytest.fixture
def tuner(make: Make) -> GeminiFineTuner:
    """A tuner, which tries three times, quickly."""
    return make()


@pytest.fixture
def talk(tuner: GeminiFineTuner) -> Talk:
    """Runs a flow over the tuner's wire."""

    def talking(flow: Callable[[VertexWire], Flow[Any]]) -> Any:
        return run(tuner._talking(flow))

    return talking
