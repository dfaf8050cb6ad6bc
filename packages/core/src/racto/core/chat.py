"""What is asked of a model: one validated request for every provider."""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field

from .files import RactoFile
from .messages import Message
from .prompts import RactoPrompt
from .tools import ToolRegistry

OnUnsupported: TypeAlias = Literal["raise", "warn", "drop"]
"""What to do with a field that the provider or model cannot take."""


class ChatConfig(BaseModel):
    """Input of every ``chat``, ``achat``, ``stream`` and ``astream`` call.

    Fields and defaults are the reference package's, with one difference that today's providers
    force: a sampling field that is not set is not sent, so ``temperature`` defaults to None.

    Attributes:
        user_message: The user's words, at least one character. May be empty only when
            ``history`` ends with a turn that the model should answer, such as tool results.
        prompt: Structured system prompt; the kit's ``default_prompt`` when None.
        system: Plain system text for those who need no structured prompt; excludes ``prompt``.
        temperature: Randomness, 0 to 2; None leaves it to the model.
        max_tokens: Most tokens to generate, thinking included.
        tools: Tools that the model may call.
        tool_choice: ``auto``, ``required``, ``none``, or the name of one tool.
        parallel_tool_calls: Whether several calls a turn are allowed; None: provider's default.
        auto_execute_tools: Run the tools and ask again until the model answers in words.
        tool_context: Objects for the tools' injected parameters, matched by type; they stay in
            this process, and are no part of the JSON.
        max_tool_turns: Most rounds of tools, 1 to 10.
        response_model: Pydantic model that the reply must satisfy.
        max_validation_retries: Repairs to ask for when the reply does not satisfy it, 0 to 5.
        history: Earlier turns, oldest first.
        attachments: Files sent with ``user_message``.
        chain_of_thought: Ask in the prompt for step-by-step reasoning.
        native_thinking: Ask the model for its own reasoning output.
        thinking_budget: Most tokens for that reasoning, where the provider takes a number.
        reasoning_effort: Effort level, where the provider takes a word instead.
        top_p: Nucleus sampling, above 0 up to 1.
        top_k: Sample among this many tokens only.
        seed: Seed for sampling that repeats as far as the provider can.
        stop: Sequences that end the reply.
        presence_penalty: Penalty for tokens already present, -2 to 2.
        frequency_penalty: Penalty by how often a token occurred, -2 to 2.
        logprobs: How many alternatives' log-probabilities to return a token; None for none.
        cache: Ask the provider to cache the unchanging prefix, for five minutes or one hour.
        model: Model for this call instead of the kit's own.
        timeout: Seconds for the whole call, retries included; None: the kit's setting.
        on_unsupported: What to do with a field that the provider cannot take: ``raise`` (the
            default), ``warn``, or ``drop``; what is dropped stands in ``LLMResponse.dropped``.
        metadata: Labels for telemetry and the provider's dashboards; never secrets.
        extra: Provider-specific fields, sent as they are.
    """

    model_config = ConfigDict(
        arbitrary_types_allowed=True,
        extra="forbid",
        frozen=True,
        defer_build=True,
        ser_json_bytes="base64",
        val_json_bytes="base64",
    )

    user_message: str = ""
    prompt: RactoPrompt | None = None
    system: str | None = None
    temperature: float | None = Field(default=None, ge=0.0, le=2.0)
    # Alone among the sampling fields it has a number: one provider refuses requests without it.
    max_tokens: int = Field(default=4096, gt=0)
    tools: ToolRegistry | None = None
    tool_choice: str = "auto"
    parallel_tool_calls: bool | None = None
    auto_execute_tools: bool = False
    tool_context: tuple[Any, ...] = Field(default=(), exclude=True, repr=False)
    max_tool_turns: int = Field(default=3, ge=1, le=10)
    response_model: type[BaseModel] | None = None
    max_validation_retries: int = Field(default=2, ge=0, le=5)
    history: tuple[Message, ...] = ()
    attachments: tuple[RactoFile, ...] | None = None
    chain_of_thought: bool = False
    native_thinking: bool = False
    thinking_budget: int = Field(default=10000, gt=0)
    reasoning_effort: str | None = None
    top_p: float | None = Field(default=None, gt=0.0, le=1.0)
    top_k: int | None = Field(default=None, gt=0)
    seed: int | None = None
    stop: tuple[str, ...] = ()
    presence_penalty: float | None = Field(default=None, ge=-2.0, le=2.0)
    frequency_penalty: float | None = Field(default=None, ge=-2.0, le=2.0)
    logprobs: int | None = Field(default=None, ge=0, le=20)
    cache: Literal["5m", "1h"] | None = None
    model: str | None = None
    timeout: float | None = Field(default=None, gt=0.0)
    on_unsupported: OnUnsupported = "raise"
    metadata: dict[str, str] = Field(default_factory=dict)
    extra: dict[str, Any] = Field(default_factory=dict)

    def model_post_init(self, _context: Any, /) -> None:
        """Check what no single field can say."""
        if not self.user_message and not (self.history or self.attachments):
            raise ValueError("user_message needs at least 1 character, or a history to answer")
        if self.prompt is not None and self.system is not None:
            raise ValueError("give either prompt or system, not both")
        named = self.tool_choice not in ("auto", "required", "none")
        if named and (self.tools is None or self.tool_choice not in self.tools):
            raise ValueError(f"tool_choice names no registered tool: {self.tool_choice!r}")
        if self.auto_execute_tools and self.tools is None:
            raise ValueError("auto_execute_tools needs tools")

    def messages(self, system: str | None = None) -> list[Message]:
        """The whole conversation to send: system text, history, then the user's turn.

        Args:
            system: System text; None sends none.
        """
        turns = [Message.system(system)] if system else []
        turns.extend(self.history)
        if self.user_message or self.attachments:
            turns.append(Message.user(self.user_message, self.attachments or ()))
        return turns
