"""Google's own client of the server, and a shortcut to what the server refuses."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any, TypeAlias

import httpx2
import pytest
from google import genai
from google.genai import types
from google.oauth2.credentials import Credentials

from racto.testing import GeminiServer

Body: TypeAlias = dict[str, Any]
Make: TypeAlias = Callable[..., genai.Client]
Post: TypeAlias = Callable[..., httpx2.Response]
Refuse: TypeAlias = Callable[..., str]

CALL = {"functionCall": {"id": "1", "name": "look", "args": {}}}
ANSWER = {"functionResponse": {"id": "1", "name": "look", "response": {"it": "rains"}}}


@pytest.fixture
def make() -> Iterator[Make]:
    """Makes official clients, on a transport without certificates, which take long to load."""
    with contextlib.ExitStack() as stack:

        def one(
            base_url: str, transport: httpx2.AsyncClient | None = None, **more: Any
        ) -> genai.Client:
            http = types.HttpOptions(
                base_url=base_url,
                httpx_client=stack.enter_context(httpx2.Client(verify=False)),
                # Without one of its own the client would take aiohttp's, where that is installed.
                httpx_async_client=transport or httpx2.AsyncClient(verify=False),
            )
            made = genai.Client(**(more or {"api_key": "test-key"}), http_options=http)
            return stack.enter_context(made)

        yield one


@pytest.fixture
def client(gemini_server: GeminiServer, make: Make) -> genai.Client:
    """The official client, with the host alone as its base URL."""
    return make(gemini_server.url.removesuffix("/v1beta"))


@pytest.fixture
async def aio(gemini_server: GeminiServer, make: Make) -> AsyncIterator[Any]:
    """The async half of the official client, with the server's URL as its base URL."""
    async with httpx2.AsyncClient(verify=False) as transport:
        yield make(gemini_server.url, transport).aio


@pytest.fixture
def vertex(gemini_server: GeminiServer, make: Make) -> genai.Client:
    """The official client of Vertex AI."""
    host = gemini_server.url.removesuffix("/v1beta")
    token: Any = Credentials(token="test-key")  # type: ignore[no-untyped-call]
    return make(host, vertexai=True, project="p", location="l", credentials=token)


@pytest.fixture(scope="session")
def http() -> Iterator[httpx2.Client]:
    """A plain client; to make one takes longer than most tests."""
    with httpx2.Client(verify=False) as made:
        yield made


@pytest.fixture
def post(gemini_server: GeminiServer, http: httpx2.Client) -> Post:
    """Sends JSON, or bytes, to a path below the version."""

    def send(
        path: str, body: Any = None, *, method: str = "POST", **headers: str
    ) -> httpx2.Response:
        told = {"x-goog-api-key": "test-key", **headers}
        url = f"{gemini_server.url}/{path}"
        if isinstance(body, bytes):
            return http.request(method, url, content=body, headers=told)
        return http.request(method, url, json=body, headers=told)

    return send


@pytest.fixture
def ask() -> Body:
    """The smallest good request."""
    return {"contents": [{"role": "user", "parts": [{"text": "hi"}]}]}


@pytest.fixture
def refuse(post: Post, ask: Body) -> Refuse:
    """Sends a request for words with some fields changed, and gives the words of its refusal."""

    def words(*, path: str = "models/m:generateContent", status: int = 400, **fields: Any) -> str:
        answer = post(path, {**ask, **fields})
        assert answer.status_code == status, answer.text
        error = answer.json()["error"]
        assert error["code"] == status
        message: str = error["message"]
        return message

    return words


@pytest.fixture
def taken(post: Post, ask: Body) -> Callable[..., Body]:
    """Sends a request for words with some fields changed, which must be answered."""

    def send(*, path: str = "models/m:generateContent", **fields: Any) -> Body:
        answer = post(path, {**ask, **fields})
        assert answer.status_code == 200, answer.text
        body: Body = answer.json()
        return body

    return send


@pytest.fixture
def rounds() -> Body:
    """A conversation in which a tool was asked and has answered."""
    turns = [
        {"role": "user", "parts": [{"text": "hi"}]},
        {"role": "model", "parts": [CALL]},
        {"role": "user", "parts": [ANSWER]},
    ]
    return {"contents": turns}
