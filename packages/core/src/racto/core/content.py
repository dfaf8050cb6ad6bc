"""The parts a message is made of, so that a whole conversation survives a trip through JSON.

A message's content is a string or a tuple of parts. Bytes travel as base64; a reasoning part
keeps its provider's opaque signature and is replayed to that provider only.
"""

from __future__ import annotations

import json
from typing import Annotated, Any, Literal, NoReturn, Self, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, SerializerFunctionWrapHandler, model_serializer

from .attachments import text_of
from .files import RactoFile


class _Typed(BaseModel):
    model_config = ConfigDict(defer_build=True)

    @model_serializer(mode="wrap")
    def _with_type(self, dump: SerializerFunctionWrapHandler) -> dict[str, Any]:
        # ``exclude_defaults`` and ``exclude_unset`` would drop what tells the parts apart.
        return {**dump(self), "type": self.type}  # type: ignore[attr-defined]


class _Part(_Typed):
    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        ser_json_bytes="base64",
        val_json_bytes="base64",
        defer_build=True,
    )


class TextPart(_Part):
    """Plain text.

    Attributes:
        cache: Marks the end of a prefix that the provider should cache (prompt caching).
        citations: Sources the model gave for this text, as the provider shaped them.
        signature: Opaque provider data that must come back with the text (Gemini).
    """

    type: Literal["text"] = "text"
    text: str
    cache: Literal["5m", "1h"] | None = None
    citations: tuple[dict[str, Any], ...] = ()
    signature: str | None = None


class _Media(_Part):
    data: bytes | None = None
    url: str | None = None
    mime_type: str
    name: str = ""

    def model_post_init(self, _context: Any, /) -> None:
        if (self.data is None) == (self.url is None):
            raise ValueError(f"{type(self).__name__} needs either data or url")


class ImagePart(_Media):
    """An image, as bytes or by URL. ``detail`` is the resolution hint some providers take."""

    type: Literal["image"] = "image"
    mime_type: str = "image/png"
    detail: Literal["auto", "low", "high"] | None = None


class AudioPart(_Media):
    """A sound recording, as bytes or by URL, with its transcript when the model gave one."""

    type: Literal["audio"] = "audio"
    mime_type: str = "audio/wav"
    transcript: str | None = None


class DocumentPart(_Media):
    """A document such as a PDF, as bytes or by URL."""

    type: Literal["document"] = "document"
    mime_type: str = "application/pdf"


class UploadedFilePart(_Part):
    """A file that the provider already holds; valid for that provider only."""

    type: Literal["uploaded_file"] = "uploaded_file"
    file_id: str
    provider: str
    mime_type: str | None = None


class LinkPart(_Part):
    """Something that is pointed at and not included, as tools and prompts over MCP do.

    The URI may be of a scheme that only its server can read, so kits show it as text and never
    ask a provider to fetch it.

    Attributes:
        uri: Where it is.
        name: What it is called.
        description: What it holds.
        mime_type: Its kind, when it is known.
        size: Its size in bytes, when it is known.
    """

    type: Literal["link"] = "link"
    uri: str
    name: str = ""
    description: str = ""
    mime_type: str | None = None
    size: int | None = Field(default=None, ge=0)

    @property
    def text(self) -> str:
        """The link in one line, for models: name, URI, kind and description."""
        kind = f" ({self.mime_type})" if self.mime_type else ""
        about = f": {self.description}" if self.description else ""
        return f"{self.name} <{self.uri}>{kind}{about}".strip()


class ToolCallResult(BaseModel):
    """A call of a tool that the model asks for.

    Attributes:
        id: The provider's id of the call; the tool's answer must carry it.
        name: Name of the tool.
        arguments: The arguments; empty when the model's JSON was malformed.
        raw_arguments: The model's text, kept only when it is not a JSON object.
        signature: Opaque provider data that must come back with the call (Gemini).
    """

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    id: str = ""
    name: str
    arguments: dict[str, Any] = Field(default_factory=dict)
    raw_arguments: str | None = None
    signature: str | None = None

    @classmethod
    def of_text(cls, text: str, *, name: str, id: str = "", signature: str | None = None) -> Self:
        """A call whose arguments are the model's text, kept raw when it is no JSON object.

        No text at all means no arguments. NaN, infinities and halves of surrogate pairs, which
        neither JSON nor UTF-8 can carry, are malformed too.
        """
        arguments = _object_in(text)
        if arguments is None:
            return cls(id=id, name=name, raw_arguments=text, signature=signature)
        return cls(id=id, name=name, arguments=arguments, signature=signature)

    @property
    def is_malformed(self) -> bool:
        """Whether the model's arguments could not be read as a JSON object."""
        return self.raw_arguments is not None


class ToolCallPart(_Typed, ToolCallResult):
    """A tool call as part of an assistant message."""

    type: Literal["tool_call"] = "tool_call"

    @classmethod
    def of(cls, call: ToolCallResult) -> ToolCallPart:
        """Wrap a call from a response so that it can stand in the history."""
        return cls(**{name: getattr(call, name) for name in ToolCallResult.model_fields})


class ToolResultPart(_Part):
    """What a tool answered: text or parts, and whether it is an error message.

    Attributes:
        tool_call_id: The id of the call that this answers.
        content: Text for the model, or parts where the provider takes them.
        structured: The tool's answer as data, for programs rather than for the model.
    """

    type: Literal["tool_result"] = "tool_result"
    tool_call_id: str
    name: str = ""
    content: str | tuple[TextPart | ImagePart | AudioPart | DocumentPart | LinkPart, ...] = ""
    is_error: bool = False
    structured: Any = None

    @property
    def text(self) -> str:
        """The textual content, parts joined as they are; a link is a line of its own."""
        return _text_of(self.content)


class ReasoningPart(_Part):
    """The model's thinking.

    Attributes:
        text: Readable thinking or its summary; may be empty.
        signature: Opaque data that proves the thinking to its provider.
        provider: Who wrote it; it is replayed to this provider only.
        model: Which model wrote it.
        redacted: Whether the provider hid the text and left the signature.
        id: The provider's id of the item, where it has one.
    """

    type: Literal["reasoning"] = "reasoning"
    text: str = ""
    signature: str | None = None
    provider: str = ""
    model: str = ""
    redacted: bool = False
    id: str | None = None


class RefusalPart(_Part):
    """The model's words for why it will not answer."""

    type: Literal["refusal"] = "refusal"
    text: str


class ProviderPart(_Part):
    """A block that only its provider understands: a server-side tool's call, a compaction.

    Attributes:
        provider: Who wrote it; it is replayed to this provider only, as it is.
        data: The block as the provider shaped it.
    """

    type: Literal["provider"] = "provider"
    provider: str
    data: dict[str, Any]


ContentPart: TypeAlias = Annotated[
    TextPart
    | ImagePart
    | AudioPart
    | DocumentPart
    | UploadedFilePart
    | LinkPart
    | ToolCallPart
    | ToolResultPart
    | ReasoningPart
    | RefusalPart
    | ProviderPart,
    Field(discriminator="type"),
]
"""Any part of a message, told apart by its ``type``."""


def part_of_file(file: RactoFile) -> TextPart | ImagePart | AudioPart | DocumentPart:
    """Turn an attachment into the part that its MIME type asks for.

    Text files become text under a line with their name; images and sounds become their own
    parts; everything else is a document, which a provider that cannot take it refuses.

    Raises:
        UnsupportedFeatureError: If a text file is not UTF-8.
    """
    if file.is_text:
        return TextPart(text=text_of(file))
    kind = AudioPart if file.mime_type.startswith("audio/") else DocumentPart
    if file.mime_type.startswith("image/"):
        return ImagePart(data=file.data, mime_type=file.mime_type, name=file.name)
    return kind(data=file.data, mime_type=file.mime_type, name=file.name)


def _object_in(text: str) -> dict[str, Any] | None:
    if not text.strip():
        return {}
    try:
        found = json.loads(text, parse_constant=_refuse)
        if "\\u" in text:
            json.dumps(found, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")


def _text_of(content: str | tuple[Any, ...]) -> str:
    if isinstance(content, str):
        return content
    shown = {"text": "{}", "link": "\n{}\n"}
    return "".join(shown[part.type].format(part.text) for part in content if part.type in shown)
