"""Clients: one for plain calls, one a loop, each closed where it belongs."""

from __future__ import annotations

import asyncio
import gc
import os

import httpx2
import pytest

from racto.batch.http_clients import HTTPClients
from racto.testing import OpenAIServer


def test_plain_calls_share_a_client_until_it_is_closed() -> None:
    clients = HTTPClients()
    first = clients.client()
    assert clients.client() is first
    clients.close()
    assert first.is_closed
    assert clients.client() is not first
    clients.close()
    clients.close()


def test_a_client_that_nobody_closed_goes_with_its_owner() -> None:
    clients = HTTPClients()
    client = clients.client()
    del clients
    gc.collect()
    assert client.is_closed


def test_each_loop_has_a_client_and_closes_it_at_its_end() -> None:
    clients = HTTPClients()

    async def used() -> httpx2.AsyncClient:
        first, second = await asyncio.gather(clients.aclient(), clients.aclient())
        assert first is second
        return first

    with OpenAIServer(key=None) as server:

        async def called() -> httpx2.AsyncClient:
            client = await used()
            assert (await client.get(f"{server.url}/batches")).status_code == 200
            return client

        one, other = asyncio.run(called()), asyncio.run(called())
    assert one is not other
    assert one.is_closed
    assert other.is_closed
    clients.close()


def test_aclose_closes_the_clients_of_both_voices() -> None:
    clients = HTTPClients()
    plain = clients.client()

    async def used() -> httpx2.AsyncClient:
        client = await clients.aclient()
        await clients.aclose()
        assert client.is_closed
        assert (await clients.aclient()) is not client
        return client

    asyncio.run(used())
    assert plain.is_closed


def test_close_closes_the_client_of_a_loop_that_waits() -> None:
    clients = HTTPClients()
    with asyncio.Runner() as runner:
        client = runner.run(clients.aclient())
        clients.close()
        assert client.is_closed


def test_close_inside_a_loop_leaves_the_client_to_it() -> None:
    clients = HTTPClients()

    async def used() -> httpx2.AsyncClient:
        client = await clients.aclient()
        clients.close()
        # The loop has its turn.
        for _ in range(5):
            await asyncio.sleep(0)
        return client

    assert asyncio.run(used()).is_closed


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no forks here")
def test_a_forked_process_leaves_its_parents_connections_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clients = HTTPClients()
    first = clients.client()
    # A real fork would fork pytest; the process id is all that tells.
    monkeypatch.setattr(os, "getpid", lambda: -1)
    assert clients.client() is not first
    assert not first.is_closed
    clients.close()
    first.close()
