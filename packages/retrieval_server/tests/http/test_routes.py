"""Routes: what a body asks for, counted before it is done."""

from __future__ import annotations

import pytest

from racto.retrieval.server import BatchQueryProcessor
from racto.retrieval.server.errors import InvalidRequestError
from racto.retrieval.server.http import Services
from racto.retrieval.server.http.routes import Routes

from .halls import Gated, registry_of


async def test_shared_fields_count_for_each_request_of_a_batch() -> None:
    engine = Gated()
    services = Services(registry_of(engine, BatchQueryProcessor(engine)))
    body = {"service": "s", "requests": [{"query": f"q{i}"} for i in range(256)]}
    shared = {**body, "passages": ["x" * 1000]}
    status, told = await Routes()("/score", services, shared, request_id="r")
    assert status == 200
    assert [answer["scores"] for answer in told["responses"]] == [[1000.0]] * 256
    with pytest.raises(InvalidRequestError, match="outside requests"):
        await Routes()("/score", services, {**body, "passages": ["x" * 200_000]}, request_id="r")
