"""The embedder against a server that checks requests, in its three APIs."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import pytest

from racto.core import ConfigurationError, UnsupportedFeatureError
from racto.providers.huggingface import HuggingFaceEmbedder
from racto.testing import HuggingFaceServer

Server = HuggingFaceServer


def embedder(server: Server, **options: Any) -> HuggingFaceEmbedder:
    return HuggingFaceEmbedder("the/model", token=server.key, base_url=server.url, **options)


@pytest.mark.parametrize(
    ("api", "path"),
    [
        ("router", "/hf-inference/models/the/model/pipeline/feature-extraction"),
        ("tei", "/embed"),
        (None, "/embed"),
        ("openai", "/v1/embeddings"),
    ],
)
async def test_texts_become_rows_in_order(
    huggingface_server: Server, api: Literal["router", "tei", "openai"] | None, path: str
) -> None:
    texts = ["a", "bb", "ccc", "a"]
    async with embedder(huggingface_server, api=api, batch_size=2) as made:
        rows = np.asarray(made.embed(texts))
        again = np.asarray(await made.aembed(texts))
        question = np.asarray(made.embed_query("bb"))
        assert np.allclose(await made.aembed_query("bb"), question)
    assert rows.dtype == np.float32
    assert np.array_equal(rows, again)
    assert np.array_equal(rows[0], rows[3])
    assert np.allclose(rows[1], question)
    assert {request.path for request in huggingface_server.requests} == {path}


def test_prompts_and_settings_reach_the_server(huggingface_server: Server) -> None:
    with embedder(
        huggingface_server,
        prompt_name="passage",
        query_prompt_name="query",
        normalize=True,
        truncate=True,
        dimensions=8,
    ) as made:
        assert np.asarray(made.embed(["a"])).shape == (1, 8)
        sent = huggingface_server.last.json
        assert (sent["prompt_name"], sent["normalize"], sent["truncate"]) == ("passage", True, True)
        made.embed_query("a")
        assert huggingface_server.last.json["prompt_name"] == "query"


@pytest.mark.parametrize(
    "setting", [{"prompt_name": "p"}, {"query_prompt_name": "q"}, {"truncate": True},
                {"normalize": False}],
)  # fmt: skip
def test_openais_way_has_no_such_settings(
    huggingface_server: Server, setting: dict[str, Any]
) -> None:
    with pytest.raises(UnsupportedFeatureError, match=next(iter(setting))):
        embedder(huggingface_server, api="openai", **setting)


def test_an_api_that_there_is_not_is_refused(huggingface_server: Server) -> None:
    with pytest.raises(ConfigurationError, match="router, tei, openai"):
        embedder(huggingface_server, api="grpc")
    with pytest.raises(ConfigurationError, match="batch_size"):
        embedder(huggingface_server, batch_size=0)
    assert HuggingFaceEmbedder(token="t").model


def test_the_router_does_not_shorten_vectors(huggingface_server: Server) -> None:
    with (
        embedder(huggingface_server, api="router", dimensions=8) as made,
        pytest.raises(UnsupportedFeatureError, match="dimensions"),
    ):
        made.embed(["a"])
    assert not huggingface_server.requests
