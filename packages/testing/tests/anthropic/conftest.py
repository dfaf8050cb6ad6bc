"""Official clients of the server, and a shortcut to what it refuses."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any, TypeAlias

import anthropic
import pytest

from racto.testing import AnthropicServer

Body: TypeAlias = dict[str, Any]
Refused: TypeAlias = Callable[..., str]


@pytest.fixture(scope="session")
def any_sdk() -> Iterator[anthropic.Anthropic]:
    """Making a client costs more than most tests: theirs are copies of this one."""
    with anthropic.Anthropic(base_url="http://127.0.0.1", api_key="test-key") as client:
        yield client


@pytest.fixture
def sdk(anthropic_server: AnthropicServer, any_sdk: anthropic.Anthropic) -> anthropic.Anthropic:
    return any_sdk.with_options(base_url=anthropic_server.url, max_retries=0)


@pytest.fixture
async def asdk(anthropic_server: AnthropicServer) -> AsyncIterator[anthropic.AsyncAnthropic]:
    url = anthropic_server.url
    async with anthropic.AsyncAnthropic(base_url=url, api_key="test-key", max_retries=0) as client:
        yield client


@pytest.fixture
def ask() -> Body:
    """The smallest good request."""
    return {
        "model": "claude-opus-5-5",
        "max_tokens": 1000,
        "messages": [{"role": "user", "content": "hi"}],
    }


@pytest.fixture
def refused(sdk: anthropic.Anthropic, ask: Body) -> Refused:
    """Sends a request with some fields changed, and gives the words of its refusal."""

    def words(*, path: str = "/v1/messages", version: str = "", **fields: Any) -> str:
        headers = {"anthropic-version": version} if version else {}
        with pytest.raises(anthropic.BadRequestError) as caught:
            sdk.post(path, body={**ask, **fields}, cast_to=object, options={"headers": headers})
        assert caught.value.type == "invalid_request_error"
        assert caught.value.api_message is not None
        return caught.value.api_message

    return words


@pytest.fixture
def taken(sdk: anthropic.Anthropic, ask: Body) -> Callable[..., None]:
    """Sends a request with some fields changed, which must be answered."""

    def send(*, version: str = "", **fields: Any) -> None:
        headers = {"anthropic-version": version} if version else {}
        options: Any = {"headers": headers}
        answer = sdk.post(
            "/v1/messages", body={**ask, **fields}, cast_to=dict[str, Any], options=options
        )
        assert answer["content"][0]["text"] == "ok"

    return send
