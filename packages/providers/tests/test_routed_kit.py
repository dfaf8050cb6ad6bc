"""Each request goes to the kit of its tier, whichever provider that lies with."""

from __future__ import annotations

import pytest

from racto.core import ChatConfig, ConfigurationError, Message, OverloadedError
from racto.core.content import ToolCallResult, ToolResultPart
from racto.core.messages import MessageRole
from racto.core.testing import ScriptedKit, Voice
from racto.providers import CostAwareRouter, FallbackKit, RoutedKit, RoutingTier
from racto.providers.openai import OpenAIDeveloperKit
from racto.testing import OpenAIServer

EASY, HARD = ChatConfig(user_message="Hi"), ChatConfig(user_message="Analyze and prove it.")


@pytest.fixture
def small() -> ScriptedKit:
    return ScriptedKit(["small says"], repeat=True, provider="one")


@pytest.fixture
def large() -> ScriptedKit:
    return ScriptedKit(["large says"], repeat=True, provider="two")


@pytest.fixture
def kit(small: ScriptedKit, large: ScriptedKit) -> RoutedKit:
    tiers = [
        RoutingTier(model="s", max_score=10, kit=small),
        RoutingTier(model="l", max_score=100, kit=large),
    ]
    return RoutedKit(CostAwareRouter(tiers))


def test_easy_and_hard_requests_go_to_their_own_kits(kit: RoutedKit, voice: Voice) -> None:
    easy, hard = voice(kit, "chat", EASY), voice(kit, "chat", HARD)
    assert (easy.content, easy.provider, easy.model) == ("small says", "one", "s")
    assert (hard.content, hard.provider, hard.model) == ("large says", "two", "l")
    *_, last = voice.iterate(kit, "stream", HARD)
    assert last.response.provider == "two"


def test_a_request_without_a_message_goes_where_its_last_question_went(
    kit: RoutedKit, voice: Voice
) -> None:
    call = ToolCallResult(id="c", name="f")
    asked = (Message.user(HARD.user_message), Message.assistant(tool_calls=[call]))
    for role in (MessageRole.TOOL, MessageRole.USER):
        answer = Message(role=role, content=(ToolResultPart(tool_call_id="c", content="42"),))
        assert voice(kit, "chat", ChatConfig(history=(*asked, answer))).model == "l"
    thanks = (*asked, answer, Message.assistant("Proven."), Message.user("Thanks"))
    assert voice(kit, "chat", ChatConfig(history=thanks)).model == "s"


def test_a_request_that_names_its_model_goes_to_that_tier(kit: RoutedKit, voice: Voice) -> None:
    named = EASY.model_copy(update={"model": "l"})
    assert voice(kit, "chat", named).provider == "two"
    with pytest.raises(ConfigurationError, match="there are: s, l"):
        voice(kit, "chat", EASY.model_copy(update={"model": "x"}))


def test_leaving_a_stream_closes_the_inner_one(
    server: OpenAIServer, make_kit: object, voice: Voice
) -> None:
    real: OpenAIDeveloperKit = make_kit()  # type: ignore[operator]
    server.say(["a ", "b ", "c "] * 200)
    kit = RoutedKit(CostAwareRouter([RoutingTier(model="m", max_score=100, kit=real)]))
    chunks = voice.iterate(kit, "stream", EASY)
    next(chunks)
    chunks.close()  # type: ignore[attr-defined]
    assert server.wait_until(lambda: server.open_connections == 0)


def test_closing_closes_every_kit(
    kit: RoutedKit, small: ScriptedKit, large: ScriptedKit, voice: Voice
) -> None:
    voice(kit, "close")
    assert small.is_closed
    assert large.is_closed


def test_tiers_without_kits_are_refused() -> None:
    tiers = [RoutingTier(model="m", max_score=100)]
    with pytest.raises(ConfigurationError, match=r"kit=.*model=\"auto\""):
        RoutedKit(CostAwareRouter(tiers))


def test_a_routed_kit_can_stand_in_a_fallback(kit: RoutedKit, voice: Voice) -> None:
    down = ScriptedKit(lambda _config: OverloadedError("busy"), provider="zero")
    reply = voice(FallbackKit([down, kit]), "chat", HARD)
    assert reply.provider == "two"
