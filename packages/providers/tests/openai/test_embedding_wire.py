"""The embeddings wire: what is asked, and vectors in the order of the texts."""

from __future__ import annotations

import json

import pytest

from racto.core import RateLimitError
from racto.providers.kits import WireReply
from racto.providers.openai.embedding_wire import decode_vectors, encode_texts
from racto.providers.openai.failures import Translator

TRANSLATOR = Translator("openai")


def test_a_request_asks_for_compact_vectors_and_extra_wins() -> None:
    request = encode_texts(["a"], "m", dimensions=None, extra={})
    assert request.body == {"model": "m", "input": ["a"], "encoding_format": "base64"}
    more = encode_texts(["a"], "m", dimensions=8, extra={"encoding_format": "float"})
    assert (more.body["dimensions"], more.body["encoding_format"]) == (8, "float")


def test_the_index_counts_and_usage_is_measured() -> None:
    data = {
        "model": "m2",
        "data": [{"index": 1, "embedding": [2.0]}, {"index": 0, "embedding": [1.0]}],
        "usage": {"prompt_tokens": 3, "total_tokens": 3},
    }
    reply = WireReply(body=json.dumps(data).encode())
    batch = decode_vectors(reply, count=2, translator=TRANSLATOR)
    assert list(batch.rows) == [[1.0], [2.0]]
    assert (batch.model, batch.usage.total_tokens) == ("m2", 3)


def test_an_error_under_status_200_is_an_error() -> None:
    body = json.dumps({"error": {"message": "slow", "code": "rate_limit_exceeded"}}).encode()
    with pytest.raises(RateLimitError):
        decode_vectors(WireReply(body=body), count=1, translator=TRANSLATOR)
