"""Batches: cut by number and weight, several at once, in order, each retried alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from racto.core import (
    ConfigurationError,
    EmbeddingError,
    RateLimitError,
    RetryPolicy,
)
from racto.core.flows import arun, run
from racto.providers.connections import Connection
from racto.providers.embeddings import EmbeddedBatch, EmbeddingCall, embedded
from racto.providers.embeddings.flow import _places
from racto.providers.openai.connection import connect
from racto.providers.openai.embedding_wire import OpenAIEmbeddingWire
from racto.testing import Conduct, Failure, OpenAIServer, Reply

QUICK = RetryPolicy(base=0.01)
CALL = EmbeddingCall(model="m", dimensions=4, batch_size=3, retry=QUICK)
Ask = Callable[..., list[EmbeddedBatch]]


@pytest.fixture
def connection(server: OpenAIServer) -> Iterator[Connection]:
    made = connect("openai", api_key=server.key, base_url=server.url)
    yield made
    made.transport.close()


@pytest.fixture
def ask(connection: Connection) -> Ask:
    wire = OpenAIEmbeddingWire("openai", connection.translator)

    def ask(texts: Any, call: EmbeddingCall = CALL) -> list[EmbeddedBatch]:
        return run(embedded(texts, call, wire=wire, connection=connection))

    return ask


async def test_batches_come_back_in_order_in_both_voices(
    server: OpenAIServer, ask: Ask, connection: Connection
) -> None:
    texts = ["x" * length for length in range(1, 11)]
    alone = [ask([text])[0].rows[0].tolist() for text in texts]
    server.clear()
    wire = OpenAIEmbeddingWire("openai", connection.translator)
    for made in (
        ask(texts),
        await arun(embedded(texts, CALL, wire=wire, connection=connection)),
    ):
        assert np.concatenate([batch.rows for batch in made]).tolist() == alone
    sizes = sorted(len(request.json["input"]) for request in server.requests)
    assert sizes == [1, 1, 3, 3, 3, 3, 3, 3]
    await connection.transport.aclose()


def test_no_more_batches_than_allowed_are_under_way(server: OpenAIServer, ask: Ask) -> None:
    server.default = Reply(body=_listed(1), conduct=Conduct(delay=0.05))
    ask(["a"] * 6, EmbeddingCall(model="m", batch_size=1, at_once=2))
    assert server.connections == 2


def test_a_batch_is_retried_alone(server: OpenAIServer, ask: Ask) -> None:
    server.fail("rate_limited")
    server.fail("overloaded")
    assert [len(batch.rows) for batch in ask(["a"] * 9)] == [3, 3, 3]
    assert len(server.requests) == 5


def test_a_batch_that_cannot_be_embedded_is_named(server: OpenAIServer, ask: Ask) -> None:
    server.say(body=_listed(3))
    server.default = Failure(kind="rate_limited")
    with pytest.raises(RateLimitError) as caught:
        ask(["a"] * 5, EmbeddingCall(model="m", batch_size=3, at_once=1, retry=QUICK))
    assert "while embedding texts 3 to 4 of 5" in caught.value.__notes__


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ([[1.0], [1.0, 2.0]], r"length \[1, 2\]"),
        ([[], []], r"length \[0\]"),
        ([3, 4], "int"),
        ([["a"], ["b"]], "could not convert"),
        ([[float("nan")], [1.0]], "NaN"),
        ([[1e300], [1.0]], "infinity"),
        (["AAAA", "AAAA"], ""),
        (["?" * 8, "?" * 8], ""),
    ],
)
def test_what_is_no_vector_is_an_error_that_names_the_batch(
    server: OpenAIServer, ask: Ask, rows: Any, told: str
) -> None:
    data = [{"index": number, "embedding": row} for number, row in enumerate(rows)]
    server.say(body={"data": data, "model": "m"})
    with pytest.raises(EmbeddingError, match=rf"texts 0 to 1 of 2: .*{told}") as caught:
        ask(["a", "b"])
    assert str(caught.value.request_id).startswith("req_")


def test_batches_of_several_lengths_are_an_error(server: OpenAIServer, ask: Ask) -> None:
    server.say(body=_listed(3, 1))
    server.say(body=_listed(1, 2))
    with pytest.raises(EmbeddingError, match="several lengths"):
        ask(["a", "b", "c", "d"], EmbeddingCall(model="m", batch_size=3, at_once=1))


def test_a_lone_string_is_no_list_of_texts(ask: Ask) -> None:
    with pytest.raises(ConfigurationError, match="one string"):
        ask("text")
    assert ask([]) == []


@settings(max_examples=200, deadline=None)
@given(
    texts=st.lists(st.text(max_size=6), max_size=30),
    size=st.integers(1, 7),
    weight=st.none() | st.integers(1, 12),
)
def test_batches_cover_all_texts_within_both_limits(
    texts: list[str], size: int, weight: int | None
) -> None:
    places = list(_places(texts, EmbeddingCall(model="m", batch_size=size, batch_bytes=weight)))
    assert [number for place in places for number in place] == list(range(len(texts)))
    for place in places:
        assert 1 <= len(place) <= size
        held = sum(len(texts[number].encode()) for number in place)
        assert weight is None or held <= weight or len(place) == 1
    # As few as can be: a batch ends only where the next text would not fit into it.
    for place, following in pairwise(places):
        grown = sum(len(texts[number].encode()) for number in [*place, following.start])
        assert len(place) == size or (weight is not None and grown > weight)


def _listed(count: int, width: int = 1) -> dict[str, Any]:
    return {"data": [{"index": n, "embedding": [1.0] * width} for n in range(count)]}
