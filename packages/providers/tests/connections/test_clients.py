"""SDK clients: one a kit and one a loop, closed where they were opened."""

from __future__ import annotations

import asyncio
import gc
import os
import threading

import pytest
from pydantic import SecretStr

from racto.core import RactoGatewayAuthError
from racto.providers.connections import Clients, clients as room
from racto.providers.openai.clients import OpenAIDialer


def made(key: str | None = "k", base_url: str | None = "http://127.0.0.1:9/v1") -> Clients:
    return Clients(OpenAIDialer(api_key=SecretStr(key) if key else None, base_url=base_url))


def test_threads_share_one_client() -> None:
    clients, found = made(), []
    threads = [threading.Thread(target=lambda: found.append(clients.client())) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({id(client) for client in found}) == 1
    assert found[0].max_retries == 0
    clients.close()
    assert found[0].is_closed()


def test_a_client_that_nobody_closed_ends_with_its_kit() -> None:
    clients = made()
    client = clients.client()
    del clients
    gc.collect()
    assert client.is_closed()


def test_a_client_ends_with_its_loop() -> None:
    clients = made()

    async def use() -> object:
        return await clients.aclient()

    first, second = asyncio.run(use()), asyncio.run(use())
    assert first is not second
    assert [client.is_closed() for client in (first, second)] == [True, True]  # type: ignore[attr-defined]
    assert not clients._on_loops


async def test_closing_from_inside_the_loop_closes_soon() -> None:
    clients = made()
    client = await clients.aclient()
    assert await clients.aclient() is client
    clients.close()
    for _ in range(50):
        await asyncio.sleep(0.01)
        if client.is_closed():
            break
    assert client.is_closed()
    assert await clients.aclient() is not client
    await clients.aclose()


async def test_a_close_that_is_still_to_come_spares_the_next_client() -> None:
    clients = made()
    first = await clients.aclient()
    clients.close()
    second = await clients.aclient()
    for _ in range(50):
        await asyncio.sleep(0.01)
        if first.is_closed():
            break
    assert first.is_closed()
    assert await clients.aclient() is second
    assert not second.is_closed()
    await clients.aclose()
    assert second.is_closed()


async def test_an_async_close_waits_for_what_a_plain_one_left_to_the_loop() -> None:
    clients = made()
    client = await clients.aclient()
    clients.close()
    await clients.aclose()
    assert client.is_closed()


@pytest.mark.parametrize("voice", ["sync", "async"])
def test_a_loop_that_is_busy_closes_its_client_when_it_is_free(
    monkeypatch: pytest.MonkeyPatch, voice: str
) -> None:
    monkeypatch.setattr(room, "_PATIENCE_SECONDS", 0.05)
    clients, loop, free = made(), asyncio.new_event_loop(), threading.Event()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    client = asyncio.run_coroutine_threadsafe(clients.aclient(), loop).result()
    loop.call_soon_threadsafe(free.wait)
    clients.close() if voice == "sync" else asyncio.run(clients.aclose())
    assert not client.is_closed()
    free.set()
    # Runs behind the closing, which the loop has taken up by now.
    while not client.is_closed():
        asyncio.run_coroutine_threadsafe(asyncio.sleep(0), loop).result()
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


class Slow(OpenAIDialer):
    """Loads for as long as it is told to."""

    def __init__(self) -> None:
        super().__init__(api_key=SecretStr("k"), base_url="http://127.0.0.1:9/v1")
        self.is_begun, self.may_end = threading.Event(), threading.Event()

    def load(self) -> None:
        self.is_begun.set()
        assert self.may_end.wait(30.0)


async def test_loading_an_sdk_stops_neither_the_loop_nor_those_who_need_no_client() -> None:
    dialer = Slow()
    clients = Clients(dialer)
    others = threading.Thread(target=clients.client)
    others.start()
    waiting = asyncio.ensure_future(clients.aclient())
    assert await asyncio.to_thread(dialer.is_begun.wait, 30.0)
    # Neither the loop nor the lock is held: this would wait for ever otherwise.
    clients.close()
    dialer.may_end.set()
    assert (await waiting).max_retries == 0
    others.join()
    await clients.aclose()


@pytest.mark.parametrize("voice", ["sync", "async"])
def test_loops_of_other_threads_close_their_own_clients(voice: str) -> None:
    clients, loop = made(), asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    client = asyncio.run_coroutine_threadsafe(clients.aclient(), loop).result()
    clients.close() if voice == "sync" else asyncio.run(clients.aclose())
    assert client.is_closed()
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


def test_a_loop_at_rest_is_run_once_more_to_close() -> None:
    clients, loop = made(), asyncio.new_event_loop()
    client = loop.run_until_complete(clients.aclient())
    clients.close()
    assert client.is_closed()
    loop.close()


def test_a_loop_that_was_just_closed_is_forgotten() -> None:
    clients, loop = made(), asyncio.new_event_loop()
    loop.run_until_complete(clients.aclient())
    loop.close()
    clients.close()
    asyncio.run(clients.aclose())


def test_a_forked_child_opens_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    clients = made()
    parents = clients.client()
    monkeypatch.setattr(os, "getpid", lambda: -1)
    childs = clients.client()
    assert childs is not parents
    assert not parents.is_closed()
    childs.close()
    parents.close()


def test_no_key_is_an_early_error_for_openai_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(RactoGatewayAuthError, match="OPENAI_API_KEY"):
        made(key=None, base_url=None).client()
    local = made(key=None)
    assert local.client().base_url.host == "127.0.0.1"
    local.close()
