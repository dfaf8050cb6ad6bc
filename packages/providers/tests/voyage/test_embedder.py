"""The embedder against a server that checks requests."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from racto.core import (
    ConfigurationError,
    ContextLengthError,
    EmbeddingError,
    InvalidResponseError,
    RactoGatewayAuthError,
    RateLimitError,
    RetryPolicy,
)
from racto.providers.voyage import VoyageEmbedder, connection
from racto.testing import VoyageServer

FAST = RetryPolicy(base=0.01, maximum=0.02)


def embedder(server: VoyageServer, **options: Any) -> VoyageEmbedder:
    settings = {"api_key": server.key, "base_url": server.url, "retry": FAST, **options}
    return VoyageEmbedder("voyage-4", **settings)


async def test_texts_become_rows_in_order(voyage_server: VoyageServer) -> None:
    texts = ["a", "bb", "ccc", "a"]
    async with embedder(voyage_server, batch_size=2) as made:
        rows = np.asarray(made.embed(texts))
        again = np.asarray(await made.aembed(texts))
    assert rows.dtype == np.float32
    assert np.array_equal(rows, again)
    assert np.array_equal(rows[0], rows[3])
    assert not np.array_equal(rows[0], rows[1])
    assert len(voyage_server.requests) == 4
    assert voyage_server.last.json["encoding_format"] == "base64"


async def test_questions_are_told_from_documents(voyage_server: VoyageServer) -> None:
    async with embedder(voyage_server) as made:
        made.embed(["a"])
        assert voyage_server.last.json["input_type"] == "document"
        question = made.embed_query("a")
        assert voyage_server.last.json["input_type"] == "query"
        assert np.array_equal(question, await made.aembed_query("a"))
    with embedder(voyage_server, input_type="query") as asking:
        asking.embed(["a"])
        assert voyage_server.last.json["input_type"] == "query"


def test_settings_reach_the_server(voyage_server: VoyageServer) -> None:
    with embedder(voyage_server, dimensions=512, truncation=True) as made:
        assert made.dimension == 512
        assert np.asarray(made.embed(["a"])).shape == (1, 512)
        assert made.fingerprint == "voyage/voyage-4/512"
    assert voyage_server.last.json["output_dimension"] == 512
    assert voyage_server.last.json["truncation"] is True


def test_a_text_that_does_not_fit_is_refused_unless_it_may_be_cut(
    voyage_server: VoyageServer,
) -> None:
    long = "word " * 40_000
    with embedder(voyage_server) as made, pytest.raises(ContextLengthError) as caught:
        made.embed(["short", long])
    assert caught.value.limit == 32_000
    with embedder(voyage_server, truncation=True) as cutting:
        assert len(cutting.embed([long])) == 1


def test_a_request_stays_below_the_limit_of_tokens(voyage_server: VoyageServer) -> None:
    texts = ["word " * 10_000] * 6
    with VoyageEmbedder(
        "voyage-4-large", api_key=voyage_server.key, base_url=voyage_server.url
    ) as made:
        assert len(made.embed(texts)) == 6
    assert [len(request.json["input"]) for request in voyage_server.requests] == [2, 2, 2]


def test_a_batch_that_fails_is_sent_again_alone(voyage_server: VoyageServer) -> None:
    voyage_server.fail("rate_limited")
    with embedder(voyage_server, batch_size=1) as made:
        assert len(made.embed(["a", "b", "c"])) == 3
    assert len(voyage_server.requests) == 4
    voyage_server.fail("rate_limited", retry_after=3600)
    with embedder(voyage_server) as made, pytest.raises(RateLimitError) as caught:
        made.embed(["a"])
    assert caught.value.retry_after == 3600.0


def test_a_wrong_key_is_neither_retried_nor_printed(voyage_server: VoyageServer) -> None:
    key = "no-known-shape-4711"
    with embedder(voyage_server, api_key=key) as made:
        with pytest.raises(RactoGatewayAuthError, match="VOYAGE_API_KEY") as caught:
            made.embed(["a"])
        assert key not in str(caught.value) + repr(made) + repr(vars(made))
    assert len(voyage_server.requests) == 1


async def test_without_a_key_nothing_is_sent(
    voyage_server: VoyageServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("VOYAGE_API_KEY", raising=False)
    async with embedder(voyage_server, api_key=None) as made:
        with pytest.raises(RactoGatewayAuthError, match="api_key="):
            made.embed(["a"])
        with pytest.raises(RactoGatewayAuthError, match="api_key="):
            await made.aembed(["a"])
    assert not voyage_server.requests
    monkeypatch.setenv("VOYAGE_API_KEY", "test-key\n")
    with (
        embedder(voyage_server, api_key=None) as made,
        pytest.raises(RactoGatewayAuthError, match="own servers"),
    ):
        made.embed(["a"])
    monkeypatch.setattr(connection, "_VOYAGE", voyage_server.url)
    with embedder(voyage_server, api_key=None, base_url=None) as found:
        assert len(found.embed(["a"])) == 1


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"<html>", InvalidResponseError),
        (b"[]", InvalidResponseError),
        ({"data": []}, EmbeddingError),
        ({"data": [{"index": 0, "embedding": []}]}, EmbeddingError),
        ({"data": [{"index": 7, "embedding": [1.0]}]}, EmbeddingError),
        ({"data": [{"index": 0, "embedding": "!!"}]}, EmbeddingError),
    ],
)
def test_a_reply_without_a_vector_for_each_text_is_an_error(
    voyage_server: VoyageServer, body: Any, kind: type[Exception]
) -> None:
    voyage_server.say(body=body)
    with embedder(voyage_server) as made, pytest.raises(kind):
        made.embed(["a"])


def test_numbers_out_of_range_are_refused() -> None:
    for wrong in (0, 1001):
        with pytest.raises(ConfigurationError, match="batch_size"):
            VoyageEmbedder("m", batch_size=wrong)
    assert VoyageEmbedder().model
