"""Caches are asked before a call, and remember whole replies only."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from racto.core import (
    ChatConfig,
    FinishReason,
    LLMResponse,
    Message,
    RactoFile,
    ToolRegistry,
)
from racto.core.errors import BadRequestError
from racto.core.requests import ChatRequest
from racto.core.testing import DictCache, NearCache, Voice
from racto.providers.openai import OpenAIDeveloperKit
from racto.testing import Conduct, OpenAIServer, ToolCall

Make = Callable[..., OpenAIDeveloperKit]


def add(a: int, b: int) -> int:
    """Add two numbers."""
    return a + b


async def test_the_same_request_is_answered_from_the_exact_cache(
    server: OpenAIServer, make_kit: Make
) -> None:
    kit = make_kit(exact_cache=DictCache())
    config = ChatConfig(user_message="hi")
    first, second, third = kit.chat(config), kit.chat(config), await kit.achat(config)
    assert [first.cached, second.cached, third.cached] == [False, True, True]
    assert first.content == second.content == third.content
    assert len(server.requests) == 1


def test_another_history_is_another_request(server: OpenAIServer, make_kit: Make) -> None:
    kit = make_kit(exact_cache=DictCache())
    server.say("Paris")
    server.say("Tokyo")
    answers = [
        kit.chat(
            ChatConfig(
                user_message="And its capital?",
                history=(Message.user(f"Tell me of {land}"), Message.assistant("Gladly.")),
            )
        ).content
        for land in ("France", "Japan")
    ]
    assert answers == ["Paris", "Tokyo"]


def test_a_cut_reply_is_not_remembered(server: OpenAIServer, make_kit: Make) -> None:
    kit = make_kit(exact_cache=DictCache())
    server.say("half a", finish=FinishReason.LENGTH)
    server.say("whole")
    config = ChatConfig(user_message="hi")
    assert [kit.chat(config).content for _ in range(3)] == ["half a", "whole", "whole"]


def test_the_semantic_cache_sees_lone_questions_only(server: OpenAIServer, make_kit: Make) -> None:
    kit = make_kit(semantic_cache=NearCache())
    assert not kit.chat(ChatConfig(user_message="What is the sea?")).cached
    assert kit.chat(ChatConfig(user_message="What is the sea?")).cached
    others: list[dict[str, Any]] = [
        {"history": (Message.user("a"), Message.assistant("b"))},
        {"attachments": (RactoFile(b"x", "text/plain"),)},
        {"tools": ToolRegistry([add])},
    ]
    for more in others:
        assert not kit.chat(ChatConfig(user_message="What is the sea?", **more)).cached
    assert len(server.requests) == 4


class Session:
    def __init__(self, user: str) -> None:
        self.user = user


@pytest.mark.parametrize("cache", ["exact_cache", "semantic_cache"])
def test_what_tools_found_for_one_user_is_not_told_another(
    server: OpenAIServer, make_kit: Make, voice: Voice, cache: str
) -> None:
    asked: list[str] = []
    tools = ToolRegistry(injected=[Session])

    @tools.register
    def balance(session: Session) -> str:
        """Tell the balance of who asks."""
        asked.append(session.user)
        return session.user

    kit = make_kit(**{cache: DictCache() if cache == "exact_cache" else NearCache()})
    for user in ("alice", "bob", "bob"):
        server.say(tool_calls=[ToolCall(name="balance", arguments={})])
        server.say(f"for {user}")
        config = ChatConfig(
            user_message="What is my balance?",
            tools=tools,
            auto_execute_tools=True,
            tool_context=(Session(user),),
        )
        assert voice(kit, "chat", config).content == f"for {user}"
    # The third time too: a reply remembered would leave out what the tool does.
    assert asked == ["alice", "bob", "bob"]


def test_a_request_with_a_tool_context_is_neither_recalled_nor_remembered(
    server: OpenAIServer, make_kit: Make, voice: Voice
) -> None:
    cache = DictCache()
    kit = make_kit(exact_cache=cache)
    config = ChatConfig(user_message="hi", tool_context=(Session("alice"),))
    assert not voice(kit, "chat", config).cached
    assert cache.stats.size == 0
    voice(kit, "chat", ChatConfig(user_message="hi"))
    assert not voice(kit, "chat", config).cached


def test_a_request_that_only_declares_its_tools_is_remembered(
    server: OpenAIServer, make_kit: Make, voice: Voice
) -> None:
    kit = make_kit(exact_cache=DictCache())
    config = ChatConfig(user_message="hi", tools=ToolRegistry([add]))
    assert [voice(kit, "chat", config).cached for _ in range(2)] == [False, True]


class LeadingCache(DictCache):
    """A cache that hands out leads, and notes how each of them ended."""

    def __init__(self) -> None:
        super().__init__()
        self.ends: list[Any] = []
        self.timeouts: list[float | None] = []

    def join(self, request: ChatRequest, *, timeout: float | None = None) -> Any:
        self.timeouts.append(timeout)
        return self.lookup(request) or NotedLead(self, request)

    async def ajoin(self, request: ChatRequest, *, timeout: float | None = None) -> Any:
        return self.join(request, timeout=timeout)


class NotedLead:
    """A lead whose end is noted once."""

    def __init__(self, cache: LeadingCache, request: ChatRequest) -> None:
        self.cache, self.request, self.is_open = cache, request, True

    def finish(self, response: LLMResponse, *, keep: bool = True) -> None:
        self._end(("kept" if keep else "handed on", response.content))
        if keep:
            self.cache.remember(self.request, response)

    async def afinish(self, response: LLMResponse, *, keep: bool = True) -> None:
        self.finish(response, keep=keep)

    def abandon(self, error: BaseException | None = None) -> None:
        self._end(type(error))

    def _end(self, how: Any) -> None:
        if self.is_open:
            self.is_open = False
            self.cache.ends.append(how)


def test_a_lead_ends_with_the_reply(server: OpenAIServer, make_kit: Make, voice: Voice) -> None:
    cache = LeadingCache()
    kit = make_kit(exact_cache=cache, timeout=9.0)
    server.say("hello")
    replies = [voice(kit, "chat", ChatConfig(user_message="hi")) for _ in range(2)]
    assert [(each.content, each.cached) for each in replies] == [("hello", False), ("hello", True)]
    assert cache.ends == [("kept", "hello")]
    assert all(timeout is not None and 0 < timeout <= 9.0 for timeout in cache.timeouts)


def test_a_lead_ends_with_an_error(server: OpenAIServer, make_kit: Make, voice: Voice) -> None:
    cache = LeadingCache()
    kit = make_kit(exact_cache=cache)
    server.fail("bad_request")
    with pytest.raises(BadRequestError):
        voice(kit, "chat", ChatConfig(user_message="hi"))
    assert cache.ends == [BadRequestError]


async def test_a_lead_ends_with_its_task(server: OpenAIServer, make_kit: Make) -> None:
    cache = LeadingCache()
    kit = make_kit(exact_cache=cache)
    server.say("never heard", conduct=Conduct(delay=5.0))
    task = asyncio.create_task(kit.achat(ChatConfig(user_message="hi")))
    assert await asyncio.to_thread(server.wait_until, lambda: server.received == 1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert cache.ends == [asyncio.CancelledError]
    await kit.aclose()


def test_a_similar_reply_is_handed_on_and_not_kept(
    server: OpenAIServer, make_kit: Make, voice: Voice
) -> None:
    cache = LeadingCache()
    kit = make_kit(exact_cache=cache, semantic_cache=NearCache())
    server.say("Water.")
    voice(kit, "chat", ChatConfig(user_message="What is the sea?"))
    assert voice(kit, "chat", ChatConfig(user_message="what is the SEA?")).cached
    assert cache.ends == [("kept", "Water."), ("handed on", "Water.")]
    assert cache.stats.size == 1


def test_no_lead_is_asked_for_where_tools_run(server: OpenAIServer, make_kit: Make) -> None:
    cache = LeadingCache()
    config = ChatConfig(user_message="hi", tools=ToolRegistry([add]), auto_execute_tools=True)
    make_kit(exact_cache=cache).chat(config)
    assert cache.timeouts == []
