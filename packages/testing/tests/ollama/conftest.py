"""The official client of the server, and a shortcut to what the server refuses."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import httpx2
import ollama
import pytest

from racto.testing import OllamaServer

USER = {"role": "user", "content": "hi"}


@pytest.fixture
def client(ollama_server: OllamaServer) -> Iterator[ollama.Client]:
    """The official client."""
    with ollama.Client(ollama_server.url, verify=False) as made:
        yield made


@pytest.fixture
async def async_client(ollama_server: OllamaServer) -> AsyncIterator[ollama.AsyncClient]:
    """The official client of async code."""
    async with ollama.AsyncClient(ollama_server.url, verify=False) as made:
        yield made


@pytest.fixture
def post(ollama_server: OllamaServer) -> Iterator[Callable[..., httpx2.Response]]:
    """Sends JSON, or bytes, to a method of the API."""
    with httpx2.Client(verify=False, base_url=ollama_server.url) as http:

        def send(path: str, body: Any = None, *, method: str = "POST") -> httpx2.Response:
            if isinstance(body, bytes):
                return http.request(method, path, content=body)
            return http.request(method, path, json=body)

        yield send


@pytest.fixture
def refuse(post: Callable[..., httpx2.Response]) -> Callable[..., str]:
    """Sends a chat with some fields changed, and gives the words of its refusal."""

    def words(*, path: str = "/api/chat", status: int = 400, **fields: Any) -> str:
        answer = post(path, {"model": "m", "messages": [USER], "stream": False, **fields})
        assert answer.status_code == status, answer.text
        body = answer.json()
        assert body.keys() == {"error"}
        return str(body["error"])

    return words
