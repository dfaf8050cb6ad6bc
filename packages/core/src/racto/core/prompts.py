"""The structured system prompt: Role, Aim, Constraints, Tone, Output, checked and compiled."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    PrivateAttr,
    field_serializer,
    field_validator,
    model_validator,
)

from .files import RactoFile

_LEGACY_DEFAULTS = {
    "role": "You are a helpful assistant.",
    "constraints": ("Do not make anything up.",),
    "tone": "Clear and concise.",
    "output_format": "text",
}

_OUTPUT_WORDS = {
    "json": (
        "Answer with one valid JSON value and nothing else: no code fence around it, "
        "no words before or after it."
    ),
    "markdown": "Answer in well-formed Markdown.",
    "text": "Answer in plain text without any markup.",
}

_SCHEMA_WORDS = (
    "Answer with one JSON value that is valid against the JSON Schema below, and nothing else: "
    "no code fence around it, no words before or after it.\n\nJSON Schema:\n"
)

_GUARDRAILS = """\
- If you do not know, or the information given is not enough, say so instead of guessing.
- Never invent facts, quotations, sources, links, figures or code that you cannot vouch for.
- Answer what was asked and add nothing that was not asked for.
- If the answer rests on assumptions, name each of them first."""


class RactoPrompt(BaseModel):
    """A system prompt in fixed sections, so that models read each instruction as what it is.

    The reference's legacy shape ``RactoPrompt(instructions=...)`` is still taken: it becomes
    ``aim``, and missing fields get plain defaults.

    Attributes:
        role: Who the model is.
        aim: What it must achieve.
        constraints: Rules that it must never break; at least one, none blank.
        tone: How it should sound.
        output_format: ``json``, ``text``, ``markdown``, a description in words, a pydantic model
            or a JSON Schema that the reply must satisfy.
        context: Background that the model needs.
        examples: Pairs that show what is wanted; each needs ``input`` and ``output``.
        anti_hallucination: Whether to end with rules against making things up.
    """

    model_config = ConfigDict(
        arbitrary_types_allowed=True, frozen=True, extra="forbid", defer_build=True
    )

    role: str = Field(min_length=1)
    aim: str = Field(min_length=1)
    constraints: list[str] = Field(min_length=1)
    tone: str = Field(min_length=1)
    output_format: str | type[BaseModel] | dict[str, Any]
    context: str | None = None
    examples: list[dict[str, str]] | None = None
    anti_hallucination: bool = True

    _compiled: tuple[Any, str] | None = PrivateAttr(default=None)

    @model_validator(mode="before")
    @classmethod
    def _take_legacy(cls, data: Any) -> Any:
        if not isinstance(data, dict) or "instructions" not in data:
            return data
        # The reference drops one of the two in silence.
        if "aim" in data:
            raise ValueError("instructions is the old name of aim; give one of them, not both")
        rest = {key: value for key, value in data.items() if key != "instructions"}
        return {**_LEGACY_DEFAULTS, "aim": data["instructions"], **rest}

    @field_validator("constraints")
    @classmethod
    def _no_blanks(cls, constraints: list[str]) -> list[str]:
        for number, rule in enumerate(constraints):
            if not rule.strip():
                raise ValueError(f"constraints[{number}] is blank; say a rule or leave it out")
        return constraints

    @field_validator("output_format")
    @classmethod
    def _no_blank_format(cls, output_format: Any) -> Any:
        if isinstance(output_format, str) and not output_format.strip():
            raise ValueError("output_format is blank; 'text' asks for plain text")
        return output_format

    @field_validator("examples")
    @classmethod
    def _whole_examples(cls, examples: list[dict[str, str]] | None) -> list[dict[str, str]] | None:
        for number, example in enumerate(examples or ()):
            missing = [key for key in ("input", "output") if key not in example]
            if missing:
                raise ValueError(f"examples[{number}] lacks {' and '.join(missing)}")
        return examples

    # A prompt in a queue or a log is JSON, and a class has no JSON form of its own.
    @field_serializer("output_format", when_used="json")
    def _format_as_data(self, output_format: Any) -> Any:
        """A model class travels as its JSON Schema, which compiles to the same text."""
        return output_format if isinstance(output_format, str) else _schema(output_format)

    def compile(self) -> str:
        """The system prompt as text: sections under headings, in fixed order.

        ``[ROLE] [AIM] [CONTEXT] [CONSTRAINTS] [TONE] [OUTPUT] [EXAMPLES] [GUARDRAILS]``, with a
        blank line between them and a line break at the end. The text is made once and kept.

        Raises:
            SchemaError: If the model in ``output_format`` has no JSON Schema.
        """
        state = self._state()
        if self._compiled is None or self._compiled[0] != state:
            self._compiled = (state, self._text())
        return self._compiled[1]

    def _state(self) -> tuple[Any, ...]:
        # Lists inside a frozen model can still be changed; the text must not lag behind them.
        pairs = tuple(tuple(example.items()) for example in self.examples or ())
        format_ = self.output_format
        return (
            self.role,
            self.aim,
            self.context,
            tuple(self.constraints),
            self.tone,
            repr(format_) if isinstance(format_, dict) else format_,
            pairs,
            self.anti_hallucination,
        )

    def _text(self) -> str:
        rules = "\n".join(f"- {rule}" for rule in self.constraints)
        shown = "\n\n".join(
            f"Example {number}:\n  Input:  {example['input']}\n  Output: {example['output']}"
            for number, example in enumerate(self.examples or (), start=1)
        )
        sections = {
            "ROLE": self.role,
            "AIM": self.aim,
            "CONTEXT": self.context,
            "CONSTRAINTS": rules,
            "TONE": self.tone,
            "OUTPUT": _output_words(self.output_format),
            "EXAMPLES": shown,
            "GUARDRAILS": _GUARDRAILS if self.anti_hallucination else None,
        }
        return "\n\n".join(f"[{name}]\n{text}" for name, text in sections.items() if text) + "\n"

    def to_messages(
        self,
        user_message: str,
        *,
        attachments: Sequence[RactoFile] | None = None,
        provider: str = "generic",
    ) -> list[dict[str, Any]]:
        """A system and a user message in the shape of a provider's API.

        Args:
            user_message: The user's words.
            attachments: Files to send before the words.
            provider: ``openai``, ``anthropic``, ``google``, ``ollama``, or ``generic`` for other
                OpenAI-compatible servers.

        Raises:
            ValueError: If the provider is another one.
            UnsupportedFeatureError: If the provider cannot take a file, or a text file is not
                UTF-8 (the reference package sends such files as garbled text).
        """
        from .attachments import user_turn

        turn = user_turn(user_message, attachments or (), provider=provider)
        return [{"role": "system", "content": self.compile()}, turn]

    def __str__(self) -> str:
        return self.compile()

    def __eq__(self, other: object) -> bool:
        # Pydantic's own would compare the kept text too, which one of the two may not have yet.
        return self._state() == other._state() if isinstance(other, RactoPrompt) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._state())


def _output_words(output_format: str | type[BaseModel] | dict[str, Any]) -> str:
    if isinstance(output_format, str):
        known = _OUTPUT_WORDS.get(output_format.strip().lower())
        return known or f"Answer in this format:\n{output_format}"
    import json

    return _SCHEMA_WORDS + json.dumps(_schema(output_format), indent=2, ensure_ascii=False)


def _schema(output_format: type[BaseModel] | dict[str, Any]) -> dict[str, Any]:
    if isinstance(output_format, dict):
        return output_format
    from .schemas import type_schema

    return type_schema(output_format)
