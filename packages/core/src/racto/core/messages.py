"""One turn of a conversation, as text or as typed parts."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict

from .content import (
    ContentPart,
    ReasoningPart,
    TextPart,
    ToolCallPart,
    ToolCallResult,
    ToolResultPart,
    part_of_file,
)
from .files import RactoFile


class MessageRole(StrEnum):
    """Who speaks. ``tool`` carries the answers to an assistant's tool calls."""

    SYSTEM = "system"
    USER = "user"
    ASSISTANT = "assistant"
    TOOL = "tool"


class Message(BaseModel):
    """A single turn, usable in ``ChatConfig.history`` and loss-free through JSON.

    Attributes:
        role: Who speaks.
        content: Plain text, or parts in the order in which they were said.
        name: Name of the speaker, for providers that take one.
    """

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        defer_build=True,
        ser_json_bytes="base64",
        val_json_bytes="base64",
    )

    role: MessageRole
    content: str | tuple[ContentPart, ...]
    name: str | None = None

    @classmethod
    def system(cls, text: str) -> Message:
        """A system message."""
        return cls(role=MessageRole.SYSTEM, content=text)

    @classmethod
    def user(cls, text: str, attachments: Iterable[RactoFile] = ()) -> Message:
        """A user's turn; attachments come before the text, as the providers advise."""
        files = tuple(part_of_file(file) for file in attachments)
        if not files:
            return cls(role=MessageRole.USER, content=text)
        # Providers refuse empty text beside a file.
        words = (TextPart(text=text),) if text else ()
        return cls(role=MessageRole.USER, content=(*files, *words))

    @classmethod
    def assistant(
        cls,
        text: str = "",
        *,
        tool_calls: Iterable[ToolCallResult] = (),
        reasoning: Iterable[ReasoningPart] = (),
    ) -> Message:
        """An assistant's turn: its thinking, then its words, then its tool calls."""
        # Signed thinking must come first, or its provider refuses the turn.
        parts: list[Any] = [*reasoning]
        if text:
            parts.append(TextPart(text=text))
        parts.extend(ToolCallPart.of(call) for call in tool_calls)
        if len(parts) == 1 and isinstance(parts[0], TextPart):
            return cls(role=MessageRole.ASSISTANT, content=text)
        return cls(role=MessageRole.ASSISTANT, content=tuple(parts))

    @classmethod
    def tool(cls, results: Iterable[ToolResultPart]) -> Message:
        """The answers to all tool calls of one assistant turn."""
        return cls(role=MessageRole.TOOL, content=tuple(results))

    @property
    def parts(self) -> tuple[ContentPart, ...]:
        """The content as parts, whichever way it was given."""
        if isinstance(self.content, str):
            return (TextPart(text=self.content),) if self.content else ()
        return self.content

    @property
    def text(self) -> str:
        """All text of the turn, joined as it is."""
        if isinstance(self.content, str):
            return self.content
        return "".join(part.text for part in self.content if isinstance(part, TextPart))

    @property
    def tool_calls(self) -> tuple[ToolCallPart, ...]:
        """The tool calls in this turn."""
        return tuple(part for part in self.parts if isinstance(part, ToolCallPart))
