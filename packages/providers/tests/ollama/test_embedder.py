"""The embedder against a server that checks requests."""

from __future__ import annotations

import numpy as np
import pytest

from racto.core import ConfigurationError, ContextLengthError
from racto.providers.ollama import OllamaEmbedder
from racto.testing import OllamaServer


async def test_texts_become_rows_in_order(ollama_server: OllamaServer) -> None:
    texts = ["a", "bb", "ccc", "a"]
    async with OllamaEmbedder("m", base_url=ollama_server.url, batch_size=2) as embedder:
        rows = np.asarray(embedder.embed(texts))
        again = np.asarray(await embedder.aembed(texts))
    assert rows.dtype == np.float32
    assert np.array_equal(rows, again)
    assert np.array_equal(rows[0], rows[3])
    assert not np.array_equal(rows[0], rows[1])
    assert len(ollama_server.requests) == 4
    assert ollama_server.last.path == "/api/embed"


def test_settings_reach_the_server(ollama_server: OllamaServer) -> None:
    with OllamaEmbedder(
        "m", base_url=ollama_server.url, dimensions=8, truncate=True, keep_alive=60
    ) as embedder:
        assert np.asarray(embedder.embed(["a"])).shape == (1, 8)
        assert embedder.fingerprint == "ollama/m/8"
    sent = ollama_server.last.json
    assert (sent["truncate"], sent["keep_alive"], sent["dimensions"]) == (True, 60, 8)


def test_a_text_that_does_not_fit_is_refused(ollama_server: OllamaServer) -> None:
    ollama_server.fail("context_overflow")
    with (
        OllamaEmbedder("m", base_url=ollama_server.url) as embedder,
        pytest.raises(ContextLengthError),
    ):
        embedder.embed(["long"])


def test_numbers_below_one_are_refused() -> None:
    with pytest.raises(ConfigurationError, match="batch_size"):
        OllamaEmbedder("m", batch_size=0)
    with pytest.raises(ConfigurationError, match="dimensions"):
        OllamaEmbedder("m", dimensions=0)


def test_the_model_comes_from_the_catalog() -> None:
    assert OllamaEmbedder().model
    assert OllamaEmbedder(dimensions=8).dimension == 8
    assert OllamaEmbedder().dimension == -1
