"""Media in tools' answers that a model cannot be shown, put into words instead."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from racto.core.content import AudioPart, DocumentPart, ImagePart, TextPart, ToolResultPart
from racto.core.messages import Message, MessageRole

_MEDIA = (ImagePart, AudioPart, DocumentPart)


def without_media(messages: Sequence[Message], feature: str) -> list[Message] | None:
    """The conversation whose latest answers with such media say in words what is missing.

    Args:
        messages: The conversation.
        feature: What a kit cannot take, as its error names it: ``tool result of type image``.

    Returns:
        The changed conversation; None when no tool's answer holds what the feature names.
    """
    # From the end: what stood before was taken by the kit in the turn before.
    for place in range(len(messages) - 1, -1, -1):
        turn = messages[place]
        if turn.role is MessageRole.TOOL and any(_holds(part, feature) for part in turn.parts):
            changed = Message.tool(_worded(part, feature) for part in turn.parts)
            return [*messages[:place], changed, *messages[place + 1 :]]
    return None


def _holds(part: Any, feature: str) -> bool:
    content = part.content if isinstance(part, ToolResultPart) else ()
    return not isinstance(content, str) and any(_is_meant(inner, feature) for inner in content)


def _is_meant(part: Any, feature: str) -> bool:
    return isinstance(part, _MEDIA) and part.type in feature


def _worded(part: Any, feature: str) -> Any:
    if not _holds(part, feature):
        return part
    inner = tuple(_note(each) if _is_meant(each, feature) else each for each in part.content)
    return part.model_copy(update={"content": inner})


def _note(part: Any) -> TextPart:
    size = f", {len(part.data):,} bytes" if part.data is not None else ""
    name = f" {part.name!r}" if part.name else ""
    return TextPart(
        text=f"[{part.type}{name} ({part.mime_type}{size}): not shown, because this model takes no "
        f"such {part.type} from a tool]"
    )
