"""Prompts and answers as they travel: plain text or versioned JSON in, versioned JSON out."""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from racto.core.chat import ChatConfig
from racto.core.errors import BadRequestError, RactoGatewayError
from racto.core.messages import Message, MessageRole
from racto.core.responses import FinishReason, LLMResponse
from racto.core.telemetry import error_type
from racto.core.usage import Usage

from .letters import reason_of
from .messages import KafkaMessage

PromptFormat: TypeAlias = Literal["auto", "text", "json"]
"""How a prompt is read; ``auto`` takes what begins with ``{`` as JSON, all else as text."""

_MOST_TURNS = 1000
_PROBLEMS_NAMED = 3


class Turn(BaseModel):
    """An earlier turn of the conversation.

    Attributes:
        role: ``user`` or ``assistant``; system words have their own field.
        content: What was said.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    role: Literal["user", "assistant"]
    content: str = Field(min_length=1)


class PromptRecord(BaseModel):
    """A prompt: what a stranger may ask for, and nothing that costs more than the operator set.

    Attributes:
        version: Of this schema; 1.
        user_message: The user's words.
        system: System text; the operator's when None.
        history: Earlier turns, oldest first, at most 1,000.
        temperature: Randomness, 0 to 2.
        top_p: Nucleus sampling, above 0 up to 1.
        seed: Seed for sampling that repeats as far as the provider can.
        stop: Sequences that end the answer.
        max_tokens: Most tokens to generate; never more than the operator allows.
        metadata: Labels that go to the provider.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    version: Literal[1] = 1
    user_message: str = Field(min_length=1)
    system: str | None = None
    history: tuple[Turn, ...] = Field(default=(), max_length=_MOST_TURNS)
    temperature: float | None = Field(default=None, ge=0, le=2)
    top_p: float | None = Field(default=None, gt=0, le=1)
    seed: int | None = None
    stop: tuple[str, ...] = Field(default=(), max_length=16)
    max_tokens: int | None = Field(default=None, gt=0)
    metadata: dict[str, str] = Field(default_factory=dict, max_length=16)

    def chat_config(self, *, system: str | None, max_tokens: int) -> ChatConfig:
        """The request to a kit.

        Args:
            system: The operator's system text, for prompts without one.
            max_tokens: Most tokens that the operator allows.
        """
        own = self.system if self.system is not None else system
        return ChatConfig(
            user_message=self.user_message,
            system=own or None,
            history=tuple(
                Message(role=MessageRole(turn.role), content=turn.content) for turn in self.history
            ),
            temperature=self.temperature,
            top_p=self.top_p,
            seed=self.seed,
            stop=self.stop,
            max_tokens=min(self.max_tokens or max_tokens, max_tokens),
            metadata=self.metadata,
        )


class AnswerError(BaseModel):
    """Why a prompt has no answer.

    Attributes:
        type: Class of the error, or the HTTP status.
        message: What it said, without secrets.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    type: str
    message: str


class AnswerRecord(BaseModel):
    """An answer, or the word that there will be none.

    Attributes:
        version: Of this schema; 1.
        content: What the model wrote; None when it wrote nothing.
        finish_reason: Why it stopped; ``error`` when it never began.
        usage: Tokens and cost.
        provider: Who answered.
        model: Model that answered.
        prompt: Where the prompt stood: topic, partition and offset, which tell a repeated answer.
        error: Why there is no answer; None when there is one.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    version: Literal[1] = 1
    content: str | None = None
    finish_reason: FinishReason
    usage: Usage = Field(default_factory=Usage)
    provider: str = ""
    model: str = ""
    prompt: dict[str, str | int] = Field(default_factory=dict)
    error: AnswerError | None = None


def read_prompt(value: Any, *, format: PromptFormat = "auto", limit: int) -> PromptRecord:
    """Read a prompt.

    Args:
        value: The message's value in bytes.
        format: How to read it.
        limit: Most bytes that are taken.

    Raises:
        BadRequestError: If it is no prompt; names the field and what is wrong with it.
    """
    if not isinstance(value, bytes) or not value.strip():
        raise BadRequestError("the prompt is empty", provider="kafka")
    if len(value) > limit:
        raise BadRequestError(
            f"the prompt has {len(value):,} bytes, and {limit:,} are the most", provider="kafka"
        )
    try:
        text = value.decode()
    except UnicodeDecodeError as error:
        raise BadRequestError(f"the prompt is not UTF-8: {error}", provider="kafka") from error
    if format == "text" or (format == "auto" and not text.lstrip().startswith("{")):
        return PromptRecord(user_message=text)
    try:
        return PromptRecord.model_validate_json(text)
    except ValidationError as error:
        raise BadRequestError(_problems(error), provider="kafka") from error


def answer_of(message: KafkaMessage, response: LLMResponse) -> AnswerRecord:
    """The answer to publish for a model's reply."""
    return AnswerRecord(
        content=response.content,
        finish_reason=response.finish_reason,
        usage=response.usage,
        provider=response.provider,
        model=response.model,
        prompt=_place(message),
    )


def refusal_of(message: KafkaMessage, error: Exception) -> AnswerRecord:
    """The answer to publish for a prompt that was given up."""
    used = error.usage if isinstance(error, RactoGatewayError) else None
    return AnswerRecord(
        finish_reason=FinishReason.ERROR,
        usage=used or Usage(),
        prompt=_place(message),
        error=AnswerError(type=error_type(error), message=reason_of(error)),
    )


def _place(message: KafkaMessage) -> dict[str, str | int]:
    return {"topic": message.topic, "partition": message.partition, "offset": message.offset}


def _problems(error: ValidationError) -> str:
    # Without the input: a prompt is private, and the message ends up in headers and logs.
    found = [
        f"{'.'.join(map(str, problem['loc'])) or 'the JSON'}: {problem['msg']}"
        for problem in error.errors(include_url=False, include_input=False, include_context=False)
    ]
    more = f", and {len(found) - _PROBLEMS_NAMED} more" if len(found) > _PROBLEMS_NAMED else ""
    return f"the prompt does not keep the schema: {'; '.join(found[:_PROBLEMS_NAMED])}{more}"
