"""A config becomes the complete request: model, system text, history that fits."""

from __future__ import annotations

import pytest
from pydantic import BaseModel, RootModel

from racto.core import ChatConfig, ConfigurationError, Message, RactoPrompt, ToolResultPart
from racto.providers import CostAwareRouter, RoutingTier
from racto.providers.kits import KitSettings
from racto.providers.kits.resolution import resolve, routed


class City(BaseModel):
    name: str


class ByLength:
    """Routes long messages to the large model."""

    def route(self, text: str) -> str:
        return "large" if len(text) > 10 else "small"


class LastOnly:
    """Keeps the last turn of a history, and what it was told of the request."""

    def __init__(self) -> None:
        self.told: list[tuple[str, str, str | None]] = []

    def truncate(
        self, chat_config: ChatConfig, model: str, *, provider: str = "", system: str | None = None
    ) -> ChatConfig:
        self.told.append((provider, model, system))
        return chat_config.model_copy(update={"history": chat_config.history[-1:]})


def test_the_model_is_the_requests_then_the_kits() -> None:
    settings = KitSettings(scope="tenant")
    request = resolve(ChatConfig(user_message="x"), provider="p", model="m", settings=settings)
    assert (request.provider, request.model, request.scope) == ("p", "m", "tenant")
    config = ChatConfig(user_message="x", model="other")
    assert resolve(config, provider="p", model="m", settings=settings).model == "other"


def test_auto_asks_the_router() -> None:
    settings = KitSettings(router=ByLength())
    for text, model in (("short", "small"), ("a much longer question", "large")):
        config = ChatConfig(user_message=text)
        assert resolve(config, provider="p", model="auto", settings=settings).model == model
    with pytest.raises(ConfigurationError, match="router"):
        resolve(ChatConfig(user_message="x"), provider="p", model="auto", settings=KitSettings())


def test_history_is_truncated_and_the_prompts_model_inferred() -> None:
    prompt = RactoPrompt(role="r", aim="a", constraints=["c"], tone="t", output_format=City)
    config = ChatConfig(user_message="x", history=(Message.user("1"), Message.assistant("2")))
    truncator = LastOnly()
    settings = KitSettings(truncator=truncator, default_prompt=prompt)
    request = resolve(config, provider="p", model="m", settings=settings)
    assert [turn.text for turn in request.config.history] == ["2"]
    assert request.config.response_model is City
    assert request.system == prompt.compile()
    # What will be sent, the kit's default prompt included, is what has to fit.
    assert truncator.told == [("p", "m", prompt.compile())]


def test_a_router_that_says_why_is_asked_why() -> None:
    tiers = [RoutingTier(model="small", max_score=10), RoutingTier(model="large", max_score=100)]
    settings = KitSettings(router=CostAwareRouter(tiers))
    config = ChatConfig(user_message="Analyze and compare.")
    route = routed(config, model="auto", settings=settings)
    assert route.model == "large"
    assert route.decision is not None
    assert route.decision.score == 17
    # Chosen once: what was settled is not chosen again.
    request = resolve(config, provider="p", model="auto", settings=KitSettings(), route=route)
    assert request.model == "large"
    assert routed(config, model="named", settings=settings) == ("named", None)


def test_a_round_of_tool_results_goes_where_its_question_went() -> None:
    answer = ToolResultPart(tool_call_id="c", name="weather", content="sunny")
    asked = Message.user("a much longer question")
    config = ChatConfig(history=(asked, Message.assistant("Wait."), Message.tool([answer])))
    for router in (ByLength(), CostAwareRouter([RoutingTier(model="large", max_score=100)])):
        assert routed(config, model="auto", settings=KitSettings(router=router)).model == "large"


def test_a_model_of_a_bare_value_is_refused_before_any_call() -> None:
    config = ChatConfig(user_message="x", response_model=RootModel[int])
    with pytest.raises(ConfigurationError, match="object or array"):
        resolve(config, provider="p", model="m", settings=KitSettings())
