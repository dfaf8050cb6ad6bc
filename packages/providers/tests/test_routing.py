"""The ladder: the first tier that reaches as far, the last one for the rest, and the reasons why."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from pydantic import ValidationError

from racto.core import ChatConfig, ConfigurationError, Message, RactoFile
from racto.core.telemetry import RecordingTracer
from racto.providers import CostAwareRouter, RoutingTier
from racto.providers.openai import OpenAIDeveloperKit
from racto.providers.routing import question_of

LADDER = [
    RoutingTier(model="small", max_score=10),
    RoutingTier(model="middle", max_score=40),
    RoutingTier(model="large", max_score=100),
]
HARD = (
    "Analyze and compare both designs, prove the bound, justify the trade-offs, derive the "
    "algorithm, and optimize the architecture."
)


def test_each_message_goes_to_the_first_tier_that_reaches_as_far() -> None:
    router = CostAwareRouter(LADDER)
    assert router.route("Hello") == "small"
    assert router.route("Analyze and compare these") == "middle"
    assert router.route(HARD) == "large"
    assert router.tiers == tuple(LADDER)


def test_a_score_that_meets_the_limit_is_still_within_it() -> None:
    text = "tea at noon " * 30
    score = CostAwareRouter(LADDER).score(text)
    tiers = [RoutingTier(model="a", max_score=score), RoutingTier(model="b", max_score=100)]
    assert CostAwareRouter(tiers).route(text) == "a"
    lower = [RoutingTier(model="a", max_score=score - 1), tiers[1]]
    assert CostAwareRouter(lower).route(text) == "b"


def test_the_last_tier_takes_the_rest_whatever_its_number() -> None:
    tiers = [RoutingTier(model="small", max_score=1), RoutingTier(model="large", max_score=2)]
    decision = CostAwareRouter(tiers).decide(HARD)
    assert (decision.model, decision.tier) == ("large", 1)
    assert decision.score > 2
    assert "above the others" in decision.reasons[-1]
    assert CostAwareRouter(tiers[:1]).route(HARD) == "small"


def test_a_decision_says_why() -> None:
    router = CostAwareRouter(LADDER)
    decision = router.decide("Analyze and compare these")
    assert decision.score == router.score("Analyze and compare these") == 17
    assert decision.model == router.route("Analyze and compare these")
    assert decision.reasons[1] == "analyze, compare: 16 points"
    assert "6 tokens" in decision.reasons[0]
    assert router.decide("Hello").reasons[1] == "no sign of hard work"


def test_words_of_ones_own_move_the_score() -> None:
    assert CostAwareRouter(LADDER).route("Our indemnity clause and its novation") == "small"
    router = CostAwareRouter(LADDER, keywords=["indemnity", "novation"])
    assert router.route("Our indemnity clause and its novation") == "middle"


@pytest.mark.parametrize("scores", [[], [50, 20], [30, 30]])
def test_a_ladder_that_does_not_rise_is_refused(scores: list[int]) -> None:
    tiers = [RoutingTier(model="m", max_score=score) for score in scores]
    with pytest.raises(ValueError, match="tiers") as caught:
        CostAwareRouter(tiers)
    assert isinstance(caught.value, ConfigurationError)


def test_a_tier_beyond_the_scale_is_refused() -> None:
    for score in (-1, 101):
        with pytest.raises(ValidationError):
            RoutingTier(model="m", max_score=score)


def test_the_decision_is_in_the_span(make_kit: Callable[..., OpenAIDeveloperKit]) -> None:
    tracer = RecordingTracer()
    kit = make_kit("auto", router=CostAwareRouter(LADDER), tracer=tracer)
    reply = kit.chat(ChatConfig(user_message=HARD, system="Analyze, prove and design."))
    kit.chat(ChatConfig(user_message="Hi", model="named"))
    assert reply.model == "large"
    routed, named = tracer.spans
    assert routed.name == "chat large"
    assert routed.attributes["racto.routing.score"] == CostAwareRouter(LADDER).score(HARD)
    assert "points" in routed.attributes["racto.routing.reasons"][0]
    assert "racto.routing.score" not in named.attributes


def test_the_question_is_the_message_or_else_the_last_words_of_the_user() -> None:
    turns = (Message.system("Be brief."), Message.user("Why?"), Message.assistant("Because."))
    assert question_of(ChatConfig(user_message="How?", history=turns)) == "How?"
    assert question_of(ChatConfig(history=turns)) == "Why?"
    picture = Message.user("", [RactoFile(b"x", "image/png")])
    assert question_of(ChatConfig(history=(*turns, picture))) == "Why?"
    assert question_of(ChatConfig(history=(picture, Message.assistant("A cat.")))) == ""
