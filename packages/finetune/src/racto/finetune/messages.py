"""One turn of a training conversation: text, or typed parts in the order in which they were said."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from racto.core.content import (
    AudioPart,
    ContentPart,
    DocumentPart,
    ImagePart,
    TextPart,
    ToolCallPart,
    ToolCallResult,
    ToolResultPart,
)
from racto.core.files import FALLBACK_TYPE, RactoFile

if TYPE_CHECKING:
    from racto.core.messages import Message

ROLES = ("system", "developer", "user", "assistant", "tool")
"""The roles that training data knows; ``validate`` names every other."""

_set = object.__setattr__


class RactoTrainingMessage:
    """One conversational turn inside a training example; it cannot be changed.

    Source: the reference package's class of this name. Beyond it a turn may hold tool calls, tool
    results, reasoning, and media by URL, as the parts of ``racto.core``.

    Args:
        role: Who speaks: ``system``, ``developer``, ``user``, ``assistant`` or ``tool``. Any
            other is kept, so that validation can name it.
        content: The words, or typed parts in their order.
        attachments: Files that come before the words.
        name: Name of the speaker, where the format has one.
        weight: Whether an assistant's turn is trained on: 1, or 0 for no; None leaves it open.
        extra: Further fields of the message, as the file had them.

    Attributes:
        role: Who speaks.
        name: Name of the speaker.
        weight: 1, 0 or None.
        extra: Further fields of the message.
    """

    __slots__ = ("_body", "extra", "name", "role", "weight")

    role: str
    name: str | None
    weight: float | None
    extra: Mapping[str, Any]
    _body: str | tuple[ContentPart, ...]

    def __init__(
        self,
        role: str,
        content: str | Sequence[ContentPart] = "",
        attachments: Iterable[RactoFile] = (),
        *,
        name: str | None = None,
        weight: float | None = None,
        extra: Mapping[str, Any] | None = None,
    ) -> None:
        body: Any = content if isinstance(content, str) else tuple(content)
        if files := tuple(_part_of(file) for file in attachments or ()):
            # Empty text beside a file is refused by providers.
            words = ((TextPart(text=body),) if body else ()) if isinstance(body, str) else body
            body = (*files, *words)
        # Members of an enumeration become the words that they stand for.
        _set(self, "role", str(role))
        _set(self, "_body", str(body) if isinstance(body, str) else _simplest(body))
        _set(self, "name", name)
        _set(self, "weight", weight)
        _set(self, "extra", dict(extra) if extra else {})

    @classmethod
    def assistant(
        cls,
        content: str = "",
        *,
        tool_calls: Iterable[ToolCallResult] = (),
        weight: float | None = None,
    ) -> RactoTrainingMessage:
        """A turn of the model: its words, then the tools it calls."""
        words = [TextPart(text=content)] if content else []
        calls = [
            call if isinstance(call, ToolCallPart) else ToolCallPart.of(call) for call in tool_calls
        ]
        return cls("assistant", [*words, *calls], weight=weight)

    @classmethod
    def tool(cls, tool_call_id: str, content: str, *, name: str = "") -> RactoTrainingMessage:
        """What a tool answered to one call."""
        result = ToolResultPart(tool_call_id=tool_call_id, name=name, content=content)
        return cls("tool", (result,))

    @classmethod
    def from_message(cls, message: Message) -> RactoTrainingMessage:
        """A turn of a real conversation, from a chat's history or a log."""
        return cls(str(message.role), message.content, name=message.name)

    @property
    def body(self) -> str | tuple[ContentPart, ...]:
        """The content as it is held: plain text, or parts."""
        return self._body

    @property
    def content(self) -> str:
        """All words of the turn, joined as they are; of a tool's turn what the tools answered."""
        if isinstance(self._body, str):
            return self._body
        return "".join(
            part.text for part in self._body if isinstance(part, TextPart | ToolResultPart)
        )

    @property
    def parts(self) -> tuple[ContentPart, ...]:
        """The content as parts, whichever way it was given."""
        if isinstance(self._body, str):
            return (TextPart(text=self._body),) if self._body else ()
        return self._body

    @property
    def attachments(self) -> list[RactoFile]:
        """The files in the turn whose bytes are here, in their order."""
        return [
            RactoFile(part.data, part.mime_type, part.name)
            for part in self.media
            if part.data is not None
        ]

    @property
    def media(self) -> tuple[ImagePart | AudioPart | DocumentPart, ...]:
        """Images, sounds and documents of the turn, as bytes or by URL."""
        if isinstance(self._body, str):
            return ()
        return tuple(
            part for part in self._body if isinstance(part, ImagePart | AudioPart | DocumentPart)
        )

    @property
    def tool_calls(self) -> tuple[ToolCallPart, ...]:
        """The tool calls of the turn."""
        if isinstance(self._body, str):
            return ()
        return tuple(part for part in self._body if isinstance(part, ToolCallPart))

    @property
    def tool_results(self) -> tuple[ToolResultPart, ...]:
        """What tools answered in the turn."""
        if isinstance(self._body, str):
            return ()
        return tuple(part for part in self._body if isinstance(part, ToolResultPart))

    @property
    def is_empty(self) -> bool:
        """Whether nothing is said: no part, or nothing but white space."""
        if isinstance(self._body, str):
            return not self._body.strip()
        return all(isinstance(part, TextPart) and not part.text.strip() for part in self._body)

    def to_openai(self) -> dict[str, Any]:
        """The message as OpenAI takes it.

        Text alone is ``{"role": ..., "content": str}``; with files the content is a list of
        blocks. A turn with the answers of several tools has no such form: see
        ``RactoTrainingExample.to_openai_dict``.

        Raises:
            UnsupportedFeatureError: If the format cannot carry the turn.
        """
        from .formats.openai_messages import encode_one

        return encode_one(self)

    def to_anthropic(self) -> dict[str, Any]:
        """The message as Anthropic takes it; system turns are lifted by the example.

        Raises:
            UnsupportedFeatureError: If the format cannot carry the turn.
        """
        from .formats.anthropic import encode_one

        return encode_one(self)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, RactoTrainingMessage):
            return NotImplemented
        return _state(self) == _state(other)

    # Arguments of tool calls are dictionaries, which have no hash.
    __hash__ = None  # type: ignore[assignment]

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"a training message cannot be changed; make a new one to set {name}")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"a training message cannot be changed; make one without {name}")

    def __reduce__(self) -> tuple[Any, ...]:
        # The default recipe would set attributes, which is refused.
        return (_restored, _state(self))

    def __repr__(self) -> str:
        told = [repr(self.role), repr(self._body)]
        told += [f"{key}={value!r}" for key, value in self._facts().items()]
        return f"RactoTrainingMessage({', '.join(told)})"

    def _facts(self) -> dict[str, Any]:
        facts = {"name": self.name, "weight": self.weight, "extra": self.extra or None}
        return {key: value for key, value in facts.items() if value is not None}


def plain_message(role: str, text: str) -> RactoTrainingMessage:
    """A turn of text alone, without the checks: for readers that make millions of them.

    Args:
        role: Who speaks.
        text: The words; must be a ``str``.
    """
    made = RactoTrainingMessage.__new__(RactoTrainingMessage)
    _set(made, "role", role)
    _set(made, "_body", text)
    _set(made, "name", None)
    _set(made, "weight", None)
    _set(made, "extra", {})
    return made


def _state(message: RactoTrainingMessage) -> tuple[Any, ...]:
    return (message.role, message.body, message.name, message.weight, message.extra)


def _restored(
    role: str, body: Any, name: str | None, weight: float | None, extra: Any
) -> RactoTrainingMessage:
    return RactoTrainingMessage(role, body, name=name, weight=weight, extra=extra)


def _simplest(parts: tuple[ContentPart, ...]) -> str | tuple[ContentPart, ...]:
    """One form for one meaning: a single plain text part is its text, and nothing is ``""``."""
    if not parts:
        return ""
    if len(parts) == 1 and isinstance(parts[0], TextPart):
        only = parts[0]
        if only.cache is None and not only.citations and only.signature is None:
            return only.text
    return parts


def _part_of(file: RactoFile) -> ImagePart | AudioPart | DocumentPart:
    # Text files stay files, so that ``attachments`` gives back what was given.
    kind = file.mime_type or FALLBACK_TYPE
    if kind.startswith("image/"):
        return ImagePart(data=file.data, mime_type=kind, name=file.name)
    if kind.startswith("audio/"):
        return AudioPart(data=file.data, mime_type=kind, name=file.name)
    return DocumentPart(data=file.data, mime_type=kind, name=file.name)
