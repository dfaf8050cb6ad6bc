"""From the caller's config to the complete request: prompt, model, history that fits."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from racto.core.chat import ChatConfig
from racto.core.errors import ConfigurationError
from racto.core.requests import ChatRequest
from racto.providers.retirements import warn_of_retirement

from .settings import AUTO, DecidingRouter, KitSettings
from .structured import check_model, with_inferred_model
from .systems import effective_prompt, system_text

if TYPE_CHECKING:
    from racto.providers.routing import RoutingDecision


class Route(NamedTuple):
    """The model that a request goes to, and what the router says about it."""

    model: str
    decision: RoutingDecision | None = None


def routed(config: ChatConfig, *, model: str, settings: KitSettings) -> Route:
    """Choose the model: the request's, then the kit's, and the router's where that is ``auto``.

    Raises:
        ConfigurationError: If the model is ``auto`` and there is no router.
    """
    chosen = config.model or model
    if chosen != AUTO:
        return Route(chosen)
    if settings.router is None:
        raise ConfigurationError('model="auto" needs a router=, which chooses the model')
    from racto.providers.routing import question_of

    # The user's words alone: a long system prompt would make every question look hard.
    question = question_of(config)
    if isinstance(settings.router, DecidingRouter):
        decision = settings.router.decide(question)
        return Route(decision.model, decision)
    return Route(settings.router.route(question))


def resolve(
    config: ChatConfig,
    *,
    provider: str,
    model: str,
    settings: KitSettings,
    route: Route | None = None,
) -> ChatRequest:
    """Everything that decides the reply, which is also what caches go by.

    Args:
        config: What the caller asks.
        provider: Who will be asked.
        model: The kit's own model, or ``auto``.
        settings: The kit's settings.
        route: Where the request goes, when that is settled already.

    Raises:
        ConfigurationError: If the model is ``auto`` and there is no router, or
            ``response_model`` is a bare value.
        SchemaError: If the prompt's output model has no JSON Schema.
        ContextLengthError: If there is a truncator, and it cannot make the request fit.
    """
    # First, so that caches key on the model that the reply will be checked against.
    config = with_inferred_model(effective_prompt(config, settings.default_prompt))
    if config.response_model is not None:
        check_model(config.response_model)
    chosen = (route or routed(config, model=model, settings=settings)).model
    warn_of_retirement(provider, chosen)
    system = system_text(config)
    # After routing: how much fits depends on the model.
    if settings.truncator is not None:
        config = settings.truncator.truncate(config, chosen, provider=provider, system=system)
    return ChatRequest(
        provider=provider, model=chosen, system=system, config=config, scope=settings.scope
    )
