"""From the caller's config to the complete request: prompt, model, history that fits."""

from __future__ import annotations

from racto.core.chat import ChatConfig
from racto.core.errors import ConfigurationError
from racto.core.requests import ChatRequest

from .settings import KitSettings
from .structured import with_inferred_model
from .systems import effective_prompt, system_text

AUTO = "auto"


def resolve(config: ChatConfig, *, provider: str, model: str, settings: KitSettings) -> ChatRequest:
    """Everything that decides the reply, which is also what caches go by.

    Args:
        config: What the caller asks.
        provider: Who will be asked.
        model: The kit's own model, or ``auto``.
        settings: The kit's settings.

    Raises:
        ConfigurationError: If the model is ``auto`` and there is no router.
        SchemaError: If the prompt's output model has no JSON Schema.
    """
    # First, so that caches key on the model that the reply will be checked against.
    config = with_inferred_model(effective_prompt(config, settings.default_prompt))
    chosen = config.model or model
    if chosen == AUTO:
        if settings.router is None:
            raise ConfigurationError('model="auto" needs a router=, which chooses the model')
        # The user's words alone: a long system prompt would make every question look hard.
        chosen = settings.router.route(config.user_message)
    # After routing: how much fits depends on the model.
    if settings.truncator is not None:
        config = settings.truncator.truncate(config, chosen)
    return ChatRequest(
        provider=provider,
        model=chosen,
        system=system_text(config),
        config=config,
        scope=settings.scope,
    )
