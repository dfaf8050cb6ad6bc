"""What a remote tool answered: its text, all its parts, its data, and whether it is an error."""

from __future__ import annotations

from typing import Any

import mcp_types as types
from pydantic import BaseModel, ConfigDict, Field

from racto.core import TextPart, ToolCallResult, ToolResultPart
from racto.core.schemas import json_text

from .contents import Part, parts_of


class MCPToolResult(BaseModel):
    """The answer of a remote tool.

    Attributes:
        content: All its texts, joined by line breaks.
        is_error: Whether the tool says that it failed; ``content`` then says why.
        parts: Everything it answered, in order: texts, images, sounds, documents, links.
        structured: Its answer as data, when it gave any.
        meta: What the server noted beside it.
    """

    model_config = ConfigDict(
        frozen=True, extra="forbid", ser_json_bytes="base64", val_json_bytes="base64"
    )

    content: str
    is_error: bool = False
    parts: tuple[Part, ...] = ()
    structured: Any = None
    meta: dict[str, Any] = Field(default_factory=dict)

    @classmethod
    def of(cls, result: types.CallToolResult) -> MCPToolResult:
        """Read a result of the SDK."""
        parts = parts_of(result.content)
        return cls(
            content="\n".join(part.text for part in parts if isinstance(part, TextPart)),
            is_error=result.is_error,
            parts=parts,
            structured=result.structured_content,
            meta=dict(result.meta or {}),
        )

    def to_part(self, call: ToolCallResult) -> ToolResultPart:
        """The answer to a model's call, with everything that the tool gave."""
        content: str | tuple[Part, ...] = self.parts
        if all(isinstance(part, TextPart) for part in self.parts):
            content = self.content
        # Data alone says nothing to a model, which reads text.
        if not self.parts and self.structured is not None:
            content = json_text(self.structured)
        return ToolResultPart(
            tool_call_id=call.id,
            name=call.name,
            content=content,
            is_error=self.is_error,
            structured=self.structured,
        )
