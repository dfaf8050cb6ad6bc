"""A plain client of the server; Voyage's own wants more packages than all others together."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import httpx2
import pytest

from racto.testing import VoyageServer


@pytest.fixture
def post(voyage_server: VoyageServer) -> Iterator[Callable[..., httpx2.Response]]:
    """Sends JSON, or bytes, to an endpoint."""
    told = {"authorization": "Bearer test-key"}
    with httpx2.Client(verify=False, base_url=voyage_server.url, headers=told) as http:

        def send(
            path: str, body: Any = None, *, method: str = "POST", **more: str
        ) -> httpx2.Response:
            if isinstance(body, bytes):
                return http.request(method, path, content=body, headers=more)
            return http.request(method, path, json=body, headers=more)

        yield send


@pytest.fixture
def refuse(post: Callable[..., httpx2.Response]) -> Callable[..., str]:
    """Sends a request for vectors with some fields changed, and gives the words of its refusal."""

    def words(path: str = "/embeddings", **fields: Any) -> str:
        answer = post(path, {"model": "voyage-3", "input": "x"} | fields)
        assert answer.status_code == 400, answer.text
        body = answer.json()
        assert body.keys() == {"detail"}
        return str(body["detail"])

    return words
