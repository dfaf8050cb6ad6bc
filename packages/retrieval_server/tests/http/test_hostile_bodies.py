"""Hostile bodies: whatever JSON comes, it is answered or refused, and never a failure of ours."""

from __future__ import annotations

import asyncio
from typing import Any

import orjson
from hypothesis import given, settings, strategies as st

from racto.retrieval.server import BatchQueryProcessor
from racto.retrieval.server.http import Application, Services
from racto.retrieval.server.http.routes import PATHS

from .halls import Gated, registry_of

WORDS = st.sampled_from(
    ["s", "q", "shelf", "RRF", "ScoreFusion", "d1", "s%3 >> s", "{s, s}RRF%2", "s{s}RRF", "s[a]%0"]
)
VALUES = st.recursive(
    WORDS | st.none() | st.booleans() | st.integers(-5, 10**6) | st.floats(-9, 9) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=8,
)
FIELDS = [
    "service",
    "query",
    "limit",
    "subset",
    "passages",
    "scores",
    "collection",
    "id",
    "view",
    "pipeline",
    "runtime_kwargs",
    "explain",
    "requests",
    "rrf_k",
    "normalize",
    "weights",
    "queries",
    "prompt",
]
BODIES = st.dictionaries(st.sampled_from(FIELDS), VALUES, max_size=6)
LIKELY = {"service": "s", "query": "q", "pipeline": "s", "collection": "shelf", "id": "d1"}


async def _answer(path: str, body: bytes) -> tuple[int, Any]:
    engine = Gated()
    registry = registry_of(engine, BatchQueryProcessor(engine, cache_size=0))
    application = Application(Services(registry))
    sent: list[Any] = []
    left = [{"type": "http.request", "body": body}]

    async def receive() -> Any:
        if left:
            return left.pop()
        return await asyncio.get_running_loop().create_future()

    async def send(message: Any) -> None:
        sent.append(message)

    headers = [(b"content-type", b"application/json")]
    scope = {"type": "http", "method": "POST", "path": path, "headers": headers}
    await application(scope, receive, send)
    assert application.metrics.active == 0
    return sent[0]["status"], orjson.loads(sent[1]["body"])


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(sorted(PATHS)), BODIES, st.booleans())
def test_no_body_is_a_failure_of_ours(path: str, body: dict[str, Any], likely: bool) -> None:
    # Half of them are nearly right, and get further in.
    sent = {**LIKELY, **body} if likely else body
    status, told = asyncio.run(_answer(path, orjson.dumps(sent)))
    assert status in {200, 207, 400, 404}, told
    assert ("error" in told) is (status >= 400)
    if status == 207:
        assert all(one.get("status", 200) < 500 for one in told["responses"]), told
