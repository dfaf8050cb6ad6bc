"""Kits of different providers profit from racto-cache: many who ask the same make one call."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from racto.cache import ExactMatchCache, SemanticCache
from racto.core import ChatConfig, FinishReason, LLMResponse, RetryPolicy
from racto.core.errors import BadRequestError, RateLimitError
from racto.core.testing import HashEmbedder
from racto.providers.anthropic import AnthropicDeveloperKit
from racto.providers.openai import OPENAI, OpenAIDeveloperKit
from racto.testing import AnthropicServer, Conduct, LoopbackServer, OpenAIServer

Kit = OpenAIDeveloperKit | AnthropicDeveloperKit
QUESTION = ChatConfig(user_message="What is the sea?")
SLOWLY = Conduct(delay=0.25)


@pytest.fixture(params=["openai", "anthropic"])
def server(
    request: pytest.FixtureRequest, openai_server: OpenAIServer, anthropic_server: AnthropicServer
) -> LoopbackServer:
    """One provider after the other."""
    return openai_server if request.param == "openai" else anthropic_server


@pytest.fixture
def make(server: LoopbackServer) -> Iterator[Callable[..., Kit]]:
    """Makes kits that talk to the server."""
    made: list[Kit] = []

    def kit(**options: Any) -> Kit:
        given: dict[str, Any] = {
            "api_key": server.key,
            "base_url": server.url,
            "retry": RetryPolicy(attempts=1),
            "timeout": 20.0,
        } | options
        if isinstance(server, OpenAIServer):
            made.append(OpenAIDeveloperKit("the-model", dialect=OPENAI, **given))
        else:
            made.append(AnthropicDeveloperKit("the-model", **given))
        return made[-1]

    yield kit
    for each in made:
        each.close()


def at_once(kit: Kit, count: int = 8) -> list[LLMResponse | BaseException]:
    gate = threading.Barrier(count)

    def ask(_: int) -> LLMResponse | BaseException:
        gate.wait(10)
        try:
            return kit.chat(QUESTION)
        except Exception as error:
            return error

    with ThreadPoolExecutor(max_workers=count) as pool:
        return list(pool.map(ask, range(count)))


def test_eight_threads_at_once_make_one_call(
    server: LoopbackServer, make: Callable[..., Kit]
) -> None:
    server.say("Water.", conduct=SLOWLY)
    replies = at_once(make(exact_cache=ExactMatchCache()))
    told = [each.content for each in replies if isinstance(each, LLMResponse)]
    assert told == ["Water."] * 8
    assert server.received == 1


async def test_threads_and_tasks_at_once_make_one_call(
    server: LoopbackServer, make: Callable[..., Kit]
) -> None:
    server.say("Water.", conduct=SLOWLY)
    kit = make(exact_cache=ExactMatchCache())
    replies = await asyncio.gather(
        *(kit.achat(QUESTION) for _ in range(4)),
        *(asyncio.to_thread(kit.chat, QUESTION) for _ in range(4)),
    )
    assert [each.content for each in replies] == ["Water."] * 8
    # One of them paid; to the others it cost nothing now.
    assert sorted(each.cached for each in replies) == [False] + [True] * 7
    assert server.received == 1
    await kit.aclose()


def test_two_kits_share_a_cache(server: LoopbackServer, make: Callable[..., Kit]) -> None:
    server.say("Water.")
    cache = ExactMatchCache()
    first, second = make(exact_cache=cache), make(exact_cache=cache)
    assert [first.chat(QUESTION).cached, second.chat(QUESTION).cached] == [False, True]
    assert server.received == 1


async def test_a_cancelled_task_hands_the_call_on(
    server: LoopbackServer, make: Callable[..., Kit]
) -> None:
    server.say("never heard", conduct=Conduct(delay=5.0))
    server.say("Water.")
    kit = make(exact_cache=ExactMatchCache())
    leader = asyncio.create_task(kit.achat(QUESTION))
    assert await asyncio.to_thread(server.wait_until, lambda: server.received == 1)
    others = [asyncio.create_task(kit.achat(QUESTION)) for _ in range(3)]
    await asyncio.sleep(0.02)
    leader.cancel()
    replies = await asyncio.gather(*others)
    assert [each.content for each in replies] == ["Water."] * 3
    assert leader.cancelled()
    assert server.received == 2
    await kit.aclose()


def test_the_request_s_own_fault_goes_to_all(
    server: LoopbackServer, make: Callable[..., Kit]
) -> None:
    server.fail("bad_request", conduct=SLOWLY)
    met = at_once(make(exact_cache=ExactMatchCache()))
    assert [type(each) for each in met] == [BadRequestError] * 8
    assert server.received == 1


def test_what_passes_is_tried_again_by_one(
    server: LoopbackServer, make: Callable[..., Kit]
) -> None:
    server.fail("rate_limited", conduct=SLOWLY)
    server.say("Water.", conduct=SLOWLY)
    met = at_once(make(exact_cache=ExactMatchCache()))
    assert [type(each) for each in met].count(RateLimitError) == 1
    assert [type(each) for each in met].count(LLMResponse) == 7
    assert server.received == 2


def test_a_cut_reply_is_handed_on_and_not_kept(
    server: LoopbackServer, make: Callable[..., Kit]
) -> None:
    server.say("half", finish=FinishReason.LENGTH, conduct=SLOWLY)
    server.say("whole")
    kit = make(exact_cache=ExactMatchCache())
    told = [each.content for each in at_once(kit) if isinstance(each, LLMResponse)]
    assert told == ["half"] * 8
    assert kit.chat(QUESTION).content == "whole"
    assert server.received == 2


def test_waiting_ends_with_the_deadline(server: LoopbackServer, make: Callable[..., Kit]) -> None:
    server.say("late", conduct=Conduct(delay=0.6))
    kit = make(exact_cache=ExactMatchCache())
    with ThreadPoolExecutor(max_workers=1) as pool:
        slow = pool.submit(kit.chat, QUESTION)
        assert server.wait_until(lambda: server.received == 1)
        with pytest.raises(TimeoutError):
            kit.chat(ChatConfig(user_message="What is the sea?", timeout=0.05))
        assert slow.result(10).content == "late"


async def test_what_a_semantic_cache_knows_is_told_to_those_who_wait(
    server: LoopbackServer, make: Callable[..., Kit]
) -> None:
    server.say("Water.")
    exact, similar = ExactMatchCache(), SemanticCache(HashEmbedder(256), 0.9)
    kit = make(exact_cache=exact, semantic_cache=similar)
    await kit.achat(QUESTION)
    again = ChatConfig(user_message="what is the SEA?")
    replies = await asyncio.gather(*(kit.achat(again) for _ in range(4)))
    assert [(each.content, each.cached) for each in replies] == [("Water.", True)] * 4
    assert server.received == 1
    # The exact cache keeps no reply to another question.
    assert len(exact) == 1
    await kit.aclose()
