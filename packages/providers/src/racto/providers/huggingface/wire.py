"""Chat Completions as Hugging Face's router and TGI speak them."""

from __future__ import annotations

from dataclasses import replace

from racto.core.errors import ConfigurationError
from racto.providers.connections.failures import Translator
from racto.providers.kits.wires import Turn, WireRequest
from racto.providers.openai.chat_wire import ChatWire
from racto.providers.openai.dialects import ChatDialect

from .connection import PROVIDER

HUGGINGFACE = ChatDialect(
    provider=PROVIDER,
    token_limit="max_tokens",  # noqa: S106
    strict_schemas=False,
    lacks=frozenset(["parallel_tool_calls", "strict", "audio", "document", "uploaded_file"]),
    caches_prompts=False,
    takes_cache_marks=False,
    returns_reasoning=True,
)
"""What the router and TGI understand."""

AUTO = "auto"


class HuggingFaceWire(ChatWire):
    """Shapes requests and reads replies of ``/v1/chat/completions``.

    Args:
        dialect: How the server speaks.
        translator: Makes the errors.
        provider: Who shall answer: an inference provider such as ``groq``, or one of the
            router's policies ``fastest``, ``cheapest`` and ``preferred``; the account's own
            choice when ``auto``.
    """

    def __init__(
        self, dialect: ChatDialect, translator: Translator, *, provider: str = AUTO
    ) -> None:
        super().__init__(dialect, translator)
        self._route = provider

    def encode(self, turn: Turn) -> WireRequest:
        """The request for a turn.

        Raises:
            UnsupportedFeatureError: If the API cannot carry something and the caller does not
                allow to drop it.
            ConfigurationError: If the model names its inference provider, and the kit another.
        """
        request = super().encode(replace(turn, model=self._routed(turn.model)))
        # First, so that the router need not read megabytes of images to know where they go.
        body = {"model": request.body["model"], **request.body}
        return replace(request, path="/v1/chat/completions", body=body)

    def _routed(self, model: str) -> str:
        """The model with the router's suffix; no name on the Hub has a colon of its own."""
        if self._route == AUTO:
            return model
        if ":" in model:
            raise ConfigurationError(
                f"the model {model!r} names who shall answer, and provider={self._route!r} does "
                "too; say it once"
            )
        return f"{model}:{self._route}"
