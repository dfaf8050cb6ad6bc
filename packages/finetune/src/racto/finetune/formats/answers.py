"""What a tool answered, made of the parts that a tool can answer with."""

from __future__ import annotations

from collections.abc import Sequence

from racto.core.content import (
    AudioPart,
    ContentPart,
    DocumentPart,
    ImagePart,
    LinkPart,
    TextPart,
    ToolResultPart,
)
from racto.core.errors import ConfigurationError

_TAKEN = (TextPart, ImagePart, AudioPart, DocumentPart, LinkPart)


def tool_answer(
    content: str | Sequence[ContentPart],
    where: str,
    *,
    call: str = "",
    name: str = "",
    is_error: bool = False,
) -> ToolResultPart:
    """The answer of a tool.

    Args:
        content: A text, or parts; no part at all is an empty text.
        where: Names the place in a message.
        call: Id of the call that it answers.
        name: Name of the tool.
        is_error: Whether it says what went wrong.

    Raises:
        ConfigurationError: If a part is none that a tool can answer with.
    """
    if isinstance(content, str):
        return ToolResultPart(tool_call_id=call, name=name, content=content, is_error=is_error)
    parts = tuple(part for part in content if isinstance(part, _TAKEN))
    if len(parts) < len(content):
        raise ConfigurationError(f"{where}: a tool answers with text and media, and nothing else")
    return ToolResultPart(tool_call_id=call, name=name, content=parts or "", is_error=is_error)
