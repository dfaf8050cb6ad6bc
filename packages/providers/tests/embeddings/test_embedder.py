"""Embedders over a wire: one matrix of all batches, and questions told from documents."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence

import numpy as np
import pytest

from racto.core.protocols import Embedder, QueryEmbedder
from racto.providers.embeddings import AsymmetricEmbedder, EmbeddingCall, WireEmbedder
from racto.providers.kits import WireRequest
from racto.providers.openai.connection import connect
from racto.providers.openai.embedding_wire import OpenAIEmbeddingWire
from racto.testing import OpenAIServer


class Telling(OpenAIEmbeddingWire):
    """A wire that tells the input type, in a field that the server knows."""

    def encode(self, texts: Sequence[str], call: EmbeddingCall) -> WireRequest:
        body = {"model": call.model, "input": list(texts), "user": call.input_type}
        return WireRequest(path="/embeddings", body=body)


@pytest.fixture
def embedder(server: OpenAIServer) -> Iterator[WireEmbedder]:
    connection = connect("openai", api_key=server.key, base_url=server.url)
    wire = OpenAIEmbeddingWire("openai", connection.translator)
    with WireEmbedder(wire, connection, call=EmbeddingCall(model="m", batch_size=2)) as made:
        yield made


async def test_all_batches_are_one_matrix(embedder: WireEmbedder) -> None:
    assert isinstance(embedder, Embedder)
    assert not isinstance(embedder, QueryEmbedder)
    assert (embedder.dimension, embedder.fingerprint) == (-1, "openai/m/full")
    assert np.asarray(embedder.embed([])).shape == (0, 0)
    made = np.asarray(embedder.embed(["a", "bb", "ccc"]))
    assert (made == np.asarray(await embedder.aembed(["a", "bb", "ccc"]))).all()
    assert (made[2] == np.asarray(embedder.embed(["ccc"]))[0]).all()
    assert embedder.dimension == made.shape[1]
    assert np.asarray(embedder.embed([])).shape == (0, made.shape[1])
    assert repr(embedder) == "WireEmbedder('m')"
    await embedder.aclose()


def test_without_numpy_rows_are_lists(
    embedder: WireEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    arrays = np.asarray(embedder.embed(["a", "bb", "ccc"]))
    monkeypatch.setitem(sys.modules, "numpy", None)
    made = embedder.embed(["a", "bb", "ccc"])
    assert isinstance(made, list)
    assert made == arrays.tolist()


async def test_questions_are_told_from_documents(server: OpenAIServer) -> None:
    connection = connect("openai", api_key=server.key, base_url=server.url)
    wire = Telling("openai", connection.translator)
    async with AsymmetricEmbedder(wire, connection, call=EmbeddingCall(model="m")) as embedder:
        assert isinstance(embedder, QueryEmbedder)
        embedder.embed(["a"])
        assert np.asarray(embedder.embed_query("a")).shape == (embedder.dimension,)
        await embedder.aembed_query("a")
    told = [request.json["user"] for request in server.requests]
    assert told == ["document", "query", "query"]


async def test_what_a_caller_says_of_his_texts_counts(server: OpenAIServer) -> None:
    connection = connect("openai", api_key=server.key, base_url=server.url)
    wire = Telling("openai", connection.translator)
    call = EmbeddingCall(model="m", input_type="query")
    with AsymmetricEmbedder(wire, connection, call=call) as embedder:
        embedder.embed(["a"])
    assert server.last.json["user"] == "query"
