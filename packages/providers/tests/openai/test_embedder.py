"""The embedder over the real SDK: what it is asked with, and what it calls itself."""

from __future__ import annotations

import numpy as np
import pytest

from racto.core import ConfigurationError
from racto.providers.openai import OpenAIEmbedder
from racto.testing import OpenAIServer


async def test_texts_become_rows_in_order(server: OpenAIServer) -> None:
    with OpenAIEmbedder("m", api_key=server.key, base_url=server.url, batch_size=2) as embedder:
        made = np.asarray(embedder.embed(["a", "bb", "a"]))
        assert (made[0] == made[2]).all()
        assert (made[0] != made[1]).any()
        assert (made == np.asarray(await embedder.aembed(["a", "bb", "a"]))).all()
        assert len(server.requests) == 4
        assert server.last.json["encoding_format"] == "base64"
        await embedder.aclose()


def test_dimensions_are_asked_for_and_known_at_once(server: OpenAIServer) -> None:
    with OpenAIEmbedder("m", api_key=server.key, base_url=server.url, dimensions=8) as embedder:
        assert embedder.dimension == 8
        assert np.asarray(embedder.embed(["a"])).shape == (1, 8)
        assert server.last.json["dimensions"] == 8
        assert embedder.fingerprint == "openai/m/8"
    with pytest.raises(ConfigurationError, match="batch_size"):
        OpenAIEmbedder("m", batch_size=0)


def test_a_request_stays_within_the_apis_limit_of_tokens(server: OpenAIServer) -> None:
    with OpenAIEmbedder("m", api_key=server.key, base_url=server.url) as embedder:
        assert len(embedder.embed(["word " * 20_000] * 4)) == 4
    assert sorted(len(each.json["input"]) for each in server.requests) == [1, 3]


def test_the_model_comes_from_the_catalog() -> None:
    assert OpenAIEmbedder().model.startswith("text-embedding")
