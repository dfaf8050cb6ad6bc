"""What clients ask about a model and a server is answered."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from huggingface_hub import HfApi, InferenceClient
from huggingface_hub.errors import GatedRepoError, HfHubHTTPError, RepositoryNotFoundError

from racto.testing import HuggingFaceServer


def test_the_hub_knows_every_model(huggingface_server: HuggingFaceServer) -> None:
    hub = HfApi(endpoint=huggingface_server.url, token="test-key")
    assert hub.model_info("org/m").pipeline_tag == "text-generation"
    info = hub.model_info("org/my-embedder")
    assert (info.id, info.pipeline_tag) == ("org/my-embedder", "feature-extraction")


def test_a_model_may_be_missing_or_gated(huggingface_server: HuggingFaceServer) -> None:
    hub = HfApi(endpoint=huggingface_server.url, token="test-key")
    huggingface_server.fail("not_found")
    huggingface_server.fail("forbidden")
    with pytest.raises(RepositoryNotFoundError):
        hub.model_info("org/m")
    with pytest.raises(GatedRepoError):
        hub.model_info("org/m")


def test_the_hub_may_be_down(huggingface_server: HuggingFaceServer) -> None:
    hub = HfApi(endpoint=huggingface_server.url, token="test-key")
    huggingface_server.fail("server_error")
    with pytest.raises(HfHubHTTPError, match="500"):
        hub.model_info("org/m")


def test_a_server_tells_of_itself(
    huggingface_server: HuggingFaceServer, post: Callable[..., Any]
) -> None:
    with InferenceClient(model=huggingface_server.url, provider="hf-inference") as client:
        assert client.health_check()
    assert post("/info", method="GET").json()["max_client_batch_size"] == 32
    assert post("/v1/models", method="GET").json()["data"][0]["id"] == "tgi"
