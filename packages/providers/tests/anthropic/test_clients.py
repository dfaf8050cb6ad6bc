"""Clients: one a kit and one a loop, with the right key, without the SDK's own retries and spans."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from racto.core import ChatConfig, RactoGatewayAuthError
from racto.providers.anthropic import AnthropicDeveloperKit
from racto.providers.anthropic.clients import AnthropicDialer
from racto.testing import AnthropicServer, Conduct

Make = Callable[..., AnthropicDeveloperKit]
ASK = ChatConfig(user_message="?")


@pytest.fixture(autouse=True)
def _no_login(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Keeps the developer's own key and login out of the tests."""
    for name in ("ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    for name in ("HOME", "XDG_CONFIG_HOME"):
        monkeypatch.setenv(name, str(tmp_path))


def test_the_sdk_neither_retries_nor_traces() -> None:
    client = AnthropicDialer(api_key=SecretStr("k")).client()
    assert client.max_retries == 0
    assert client._tracer is None
    client.close()


def test_without_any_key_the_error_says_what_to_do() -> None:
    for make in (AnthropicDialer(api_key=None).client, AnthropicDialer(api_key=None).aclient):
        with pytest.raises(RactoGatewayAuthError, match="ANTHROPIC_API_KEY"):
            make()


def test_a_login_of_the_sdks_own_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "configs").mkdir()
    (tmp_path / "credentials").mkdir()
    profile = {"authentication": {"type": "user_oauth"}}
    (tmp_path / "configs" / "work.json").write_text(json.dumps(profile))
    monkeypatch.setenv("ANTHROPIC_CONFIG_DIR", str(tmp_path))
    monkeypatch.setenv("ANTHROPIC_PROFILE", "work")
    client = AnthropicDialer(api_key=None).client()
    assert client.credentials is not None
    client.close()


def test_a_login_that_cannot_be_read_is_an_error_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_PROFILE", "nobody")
    with pytest.raises(RactoGatewayAuthError, match="could not log in"):
        AnthropicDialer(api_key=None).client()


def test_another_server_gets_a_placeholder_and_no_login(
    anthropic_server: AnthropicServer, make_kit: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANTHROPIC_PROFILE", "nobody")
    with pytest.raises(RactoGatewayAuthError, match="bearer token"):
        make_kit(api_key=None).chat(ASK)
    assert anthropic_server.last.headers["authorization"] == "Bearer no-key-needed"


def test_a_key_or_a_token_from_the_environment_travels(
    anthropic_server: AnthropicServer, make_kit: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN"):
        with monkeypatch.context() as patch:
            patch.setenv(name, "test-key\n")
            patch.setenv("ANTHROPIC_BASE_URL", anthropic_server.url)
            make_kit(api_key=None, base_url=None).chat(ASK)
        assert anthropic_server.last.headers["authorization"] == "Bearer test-key"


async def test_a_stream_cancelled_half_way_hangs_up(
    anthropic_server: AnthropicServer, kit: AnthropicDeveloperKit
) -> None:
    anthropic_server.say(["word "] * 500, conduct=Conduct(pause=0.02))
    begun = asyncio.Event()

    async def read() -> None:
        async for _ in kit.astream(ASK):
            begun.set()

    task = asyncio.create_task(read())
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await anthropic_server.await_until(lambda: anthropic_server.open_connections == 0)
    await kit.aclose()


async def test_aiohttp_can_carry_the_async_calls(
    anthropic_server: AnthropicServer, make_kit: Make
) -> None:
    kit = make_kit(http="aiohttp")
    anthropic_server.say(["a", "b"])
    chunks: list[Any] = [chunk async for chunk in kit.astream(ASK)]
    assert chunks[-1].accumulated_text == "ab"
    assert (await kit.achat(ASK)).content == "ok"
    await kit.aclose()
