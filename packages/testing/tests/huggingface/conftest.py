"""The official client of the server, and a shortcut to what the server refuses."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import httpx2
import pytest
from huggingface_hub import AsyncInferenceClient, InferenceClient

from racto.testing import HuggingFaceServer

USER = {"role": "user", "content": "hi"}


@pytest.fixture
def client(huggingface_server: HuggingFaceServer) -> Iterator[InferenceClient]:
    """The official client."""
    with InferenceClient(base_url=huggingface_server.url, api_key="test-key") as made:
        yield made


@pytest.fixture
async def async_client(
    huggingface_server: HuggingFaceServer,
) -> AsyncIterator[AsyncInferenceClient]:
    """The official client of async code."""
    async with AsyncInferenceClient(base_url=huggingface_server.url, api_key="test-key") as made:
        yield made


@pytest.fixture
def post(huggingface_server: HuggingFaceServer) -> Iterator[Callable[..., httpx2.Response]]:
    """Sends JSON, or bytes, to a path."""
    told = {"authorization": "Bearer test-key"}
    with httpx2.Client(verify=False, base_url=huggingface_server.url, headers=told) as http:

        def send(path: str, body: Any = None, *, method: str = "POST") -> httpx2.Response:
            if isinstance(body, bytes):
                return http.request(method, path, content=body)
            return http.request(method, path, json=body)

        yield send


@pytest.fixture
def refuse(post: Callable[..., httpx2.Response]) -> Callable[..., str]:
    """Sends a chat with some fields changed, and gives the words of its refusal."""

    def words(**fields: Any) -> str:
        answer = post("/v1/chat/completions", {"model": "m", "messages": [USER], **fields})
        assert answer.status_code == 422, answer.text
        body = answer.json()
        assert body["error_type"] == "validation"
        return str(body["error"])

    return words
