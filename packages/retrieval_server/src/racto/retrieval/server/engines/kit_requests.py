"""What the engines that work with a kit ask of it, and how: one request, its limits, its reply."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from racto.core.chat import ChatConfig
from racto.core.errors import InvalidResponseError
from racto.core.flows import Flow, step
from racto.core.protocols import ChatKit
from racto.core.responses import LLMResponse

from .plugins import part
from .quotations import RULE
from .settings import Settings

MOST_QUERY = 4000
"""Characters of a query that a kit gets to see."""

KNOWN = ("kit", "prompt", "max_tokens", "width", "temperature")
"""Settings that all engines with a kit have."""


class KitRequests:
    """Asks a kit with one engine's prompt and limits.

    Args:
        engine: The engine's name.
        kit: The kit; None to make it from the settings.
        config: The engine's settings, for the kit.
        settings: The same, read.
        prompt: The prompt where the settings have none.
        max_tokens: Most tokens of a reply where the settings say nothing.

    Raises:
        ConfigurationError: If a setting is wrong, or there is no kit.
        PluginNotFoundError: If the plug-in is not installed.
    """

    def __init__(
        self,
        engine: str,
        kit: ChatKit | None,
        *,
        config: Mapping[str, Any],
        settings: Settings,
        prompt: str,
        max_tokens: int,
    ) -> None:
        self.engine = engine
        self.width = settings.count("width", 8, 1, 256)
        self._temperature = (
            settings.number("temperature", 0.0, 0.0, 2.0) if settings.has("temperature") else None
        )
        self._max_tokens = settings.count("max_tokens", max_tokens, 1, 1_000_000)
        # Whoever writes the prompt, strangers' texts stay data.
        self._system = f"{settings.text('prompt', prompt)}\n\n{RULE}"
        self.kit: ChatKit = part(engine, "chat_kits", "kit", kit, config)

    def ask(
        self, message: str, *, logprobs: int | None = None, model: type[BaseModel] | None = None
    ) -> Flow[LLMResponse]:
        """Ask for one reply, in the step of a flow.

        Args:
            message: What the user says, strangers' texts between tags.
            logprobs: How many alternatives a token; kits that cannot say leave them out.
            model: What the reply must satisfy.

        Raises:
            RactoGatewayError: What the kit raises.
        """
        config = ChatConfig(
            user_message=message,
            system=self._system,
            temperature=self._temperature,
            max_tokens=self._max_tokens,
            logprobs=logprobs,
            response_model=model,
            # Not every model can tell its log-probabilities, and its word is enough then.
            on_unsupported="drop",
        )
        return step(self.kit.chat, self.kit.achat, config)

    def unusable(self, wanted: str, reply: LLMResponse) -> InvalidResponseError:
        """The error for a reply that cannot be used.

        Args:
            wanted: What was asked for.
            reply: The reply; its words are not repeated.
        """
        reason = "a refusal" if reply.refusal else f"{len(reply.content or '')} characters"
        return InvalidResponseError(
            f"{self.kit.provider} was asked for {wanted} and answered without ({reason}, finish "
            f"reason {reply.finish_reason}); try again, or another model",
            provider=self.kit.provider,
            partial=reply,
        )
