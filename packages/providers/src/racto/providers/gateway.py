"""The gateway: one entry point over any adapter, with tools and a prompt that are always there."""

from __future__ import annotations

from types import TracebackType
from typing import Any, Protocol, Self, runtime_checkable

from pydantic import BaseModel

from racto.core.chat import ChatConfig
from racto.core.errors import ConfigurationError
from racto.core.prompts import RactoPrompt
from racto.core.protocols.chat import ChatKit
from racto.core.responses import LLMResponse
from racto.core.tools import ToolRegistry


@runtime_checkable
class LLMAdapter(Protocol):
    """What a gateway asks of a provider: one request, without state."""

    def run(
        self,
        prompt: RactoPrompt,
        user_message: str,
        *,
        tools: ToolRegistry | None = None,
        temperature: float | None = None,
        max_tokens: int = 4096,
        response_model: type[BaseModel] | None = None,
        **kwargs: Any,
    ) -> LLMResponse:
        """Make one request."""
        ...

    async def arun(
        self,
        prompt: RactoPrompt,
        user_message: str,
        *,
        tools: ToolRegistry | None = None,
        temperature: float | None = None,
        max_tokens: int = 4096,
        response_model: type[BaseModel] | None = None,
        **kwargs: Any,
    ) -> LLMResponse:
        """Async twin of :meth:`run`."""
        ...


class KitAdapter:
    """An adapter over any chat kit: the reference's low-level interface.

    Args:
        kit: The kit that makes the calls.
    """

    def __init__(self, kit: ChatKit) -> None:
        self._kit = kit

    @property
    def kit(self) -> ChatKit:
        """The kit that makes the calls."""
        return self._kit

    @property
    def model(self) -> str:
        """Model that is asked."""
        return self._kit.model

    def close(self) -> None:
        """Close the kit: give all connections back."""
        self._kit.close()

    async def aclose(self) -> None:
        """Async twin of :meth:`close`."""
        await self._kit.aclose()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.aclose()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._kit!r})"

    def run(
        self,
        prompt: RactoPrompt,
        user_message: str,
        *,
        tools: ToolRegistry | None = None,
        temperature: float | None = None,
        max_tokens: int = 4096,
        response_model: type[BaseModel] | None = None,
        **kwargs: Any,
    ) -> LLMResponse:
        """Make one request.

        Args:
            prompt: System prompt.
            user_message: The user's words.
            tools: Tools that the model may call; they are not run.
            temperature: Randomness; None leaves it to the model, where the reference sends 0.0,
                which today's models refuse.
            max_tokens: Most tokens to generate.
            response_model: Model that the reply must satisfy; a reply that does not is an
                error, and is not repaired.
            **kwargs: Further fields of :class:`~racto.core.ChatConfig`.

        Raises:
            ResponseModelValidationError: If the reply does not satisfy ``response_model``.
            RactoGatewayError: What the provider answered.
        """
        return self._kit.chat(
            _config(prompt, user_message, tools, temperature, max_tokens, response_model, kwargs)
        )

    async def arun(
        self,
        prompt: RactoPrompt,
        user_message: str,
        *,
        tools: ToolRegistry | None = None,
        temperature: float | None = None,
        max_tokens: int = 4096,
        response_model: type[BaseModel] | None = None,
        **kwargs: Any,
    ) -> LLMResponse:
        """Async twin of :meth:`run`."""
        return await self._kit.achat(
            _config(prompt, user_message, tools, temperature, max_tokens, response_model, kwargs)
        )


class Gateway:
    """Unified entry point over an adapter.

    Args:
        adapter: The adapter that makes the requests, or a chat kit.
        tools: Tools for every request that brings none of its own.
        default_prompt: Prompt for requests without one.

    Raises:
        ConfigurationError: If ``adapter`` is neither.
    """

    def __init__(
        self,
        adapter: LLMAdapter | ChatKit,
        *,
        tools: ToolRegistry | None = None,
        default_prompt: RactoPrompt | None = None,
    ) -> None:
        if not isinstance(adapter, (LLMAdapter, ChatKit)):
            raise ConfigurationError(
                f"Gateway takes an adapter or a chat kit, not {adapter!r}; "
                'racto.core.discovery.create("racto.chat_kits", name) makes a kit by its name'
            )
        # A kit is what most callers hold; they need not wrap it themselves.
        self._adapter = KitAdapter(adapter) if isinstance(adapter, ChatKit) else adapter
        self._tools = tools
        self._default_prompt = default_prompt

    def run(
        self,
        prompt: RactoPrompt | None = None,
        user_message: str = "",
        *,
        tools: ToolRegistry | None = None,
        temperature: float | None = None,
        max_tokens: int = 4096,
        response_model: type[BaseModel] | None = None,
        **kwargs: Any,
    ) -> LLMResponse:
        """Make one request.

        Args:
            prompt: System prompt; the gateway's own when None.
            user_message: The user's words.
            tools: Tools instead of the gateway's.
            temperature: Randomness; None leaves it to the model.
            max_tokens: Most tokens to generate.
            response_model: Model that the reply must satisfy.
            **kwargs: Passed on to the adapter.

        Raises:
            ValueError: If there is no prompt at all.
            ResponseModelValidationError: If the reply does not satisfy ``response_model``.
        """
        # An empty registry is a way to offer no tools this time, so None alone falls back.
        return self._adapter.run(
            self._prompt(prompt),
            user_message,
            tools=tools if tools is not None else self._tools,
            temperature=temperature,
            max_tokens=max_tokens,
            response_model=response_model,
            **kwargs,
        )

    async def arun(
        self,
        prompt: RactoPrompt | None = None,
        user_message: str = "",
        *,
        tools: ToolRegistry | None = None,
        temperature: float | None = None,
        max_tokens: int = 4096,
        response_model: type[BaseModel] | None = None,
        **kwargs: Any,
    ) -> LLMResponse:
        """Async twin of :meth:`run`."""
        return await self._adapter.arun(
            self._prompt(prompt),
            user_message,
            tools=tools if tools is not None else self._tools,
            temperature=temperature,
            max_tokens=max_tokens,
            response_model=response_model,
            **kwargs,
        )

    def _prompt(self, prompt: RactoPrompt | None) -> RactoPrompt:
        found = prompt or self._default_prompt
        if found is None:
            raise ConfigurationError("give a prompt, or make the gateway with default_prompt=")
        return found


def _config(
    prompt: RactoPrompt,
    user_message: str,
    tools: ToolRegistry | None,
    temperature: float | None,
    max_tokens: int,
    response_model: type[BaseModel] | None,
    more: dict[str, Any],
) -> ChatConfig:
    fields: dict[str, Any] = {
        "prompt": prompt,
        "user_message": user_message,
        "tools": tools,
        "temperature": temperature,
        "max_tokens": max_tokens,
        "response_model": response_model,
        # The reference checks once and never asks again; callers may raise it.
        "max_validation_retries": 0,
    }
    # What the caller spells out wins over what the interface implies.
    return ChatConfig(**fields | more)
