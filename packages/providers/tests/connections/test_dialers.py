"""How SDK clients are made: few connections, shared trust, and aiohttp where it was asked for."""

from __future__ import annotations

import asyncio
import sys

import openai
import pytest

from racto.core import ConfigurationError, MissingExtraError
from racto.providers.connections import SDKDialer
from racto.providers.connections.http import MAX_CONNECTIONS, pool_options, sync_options


def test_all_clients_share_what_they_trust() -> None:
    first, second = pool_options(), sync_options()
    assert first["verify"] is second["verify"]
    assert first["limits"].max_connections == MAX_CONNECTIONS == 64
    assert second["limits"].max_keepalive_connections == MAX_CONNECTIONS


def test_async_calls_are_carried_as_asked() -> None:
    async def kinds() -> list[type]:
        made = [SDKDialer(http=http).ahttp_client(openai) for http in ("httpx2", "aiohttp")]
        for client in made:
            await client.aclose()
        return [type(client) for client in made]

    plain, quick = asyncio.run(kinds())
    assert issubclass(plain, openai.DefaultAsyncHttpxClient)
    assert issubclass(quick, openai.DefaultAioHttpClient)


def test_a_missing_aiohttp_is_told_with_its_install_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "aiohttp", None)
    with pytest.raises(MissingExtraError, match=r'pip install "racto-providers\[aiohttp\]"'):
        SDKDialer(http="aiohttp").ahttp_client(openai)


def test_another_library_is_refused_by_name() -> None:
    with pytest.raises(ConfigurationError, match="requests"):
        SDKDialer(http="requests")  # type: ignore[arg-type]
