"""The content blocks that Anthropic's messages hold, as a client may send them."""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BeforeValidator, ConfigDict, Field

from racto.testing.fields import Given, Strict

from .beta import open_to_beta
from .media import FetchedURL, ImageData, PDFData


class CacheControl(Strict):
    """A breakpoint of the prompt cache."""

    type: Literal["ephemeral"]
    ttl: Given[Literal["5m", "1h"]] = None


class CharLocation(Strict):
    """A citation of a text document."""

    type: Literal["char_location"]
    cited_text: str
    document_index: Annotated[int, Field(ge=0)]
    document_title: str | None
    # Replies tell it, so that it comes back with them.
    file_id: str | None = None
    start_char_index: Annotated[int, Field(ge=0)]
    end_char_index: int


class PageLocation(Strict):
    """A citation of a PDF."""

    type: Literal["page_location"]
    cited_text: str
    document_index: Annotated[int, Field(ge=0)]
    document_title: str | None
    file_id: str | None = None
    start_page_number: Annotated[int, Field(ge=1)]
    end_page_number: int


class BlockLocation(Strict):
    """A citation of a document that was given as blocks."""

    type: Literal["content_block_location"]
    cited_text: str
    document_index: Annotated[int, Field(ge=0)]
    document_title: str | None
    file_id: str | None = None
    start_block_index: Annotated[int, Field(ge=0)]
    end_block_index: int


class WebLocation(Strict):
    """A citation of a result of the web search."""

    type: Literal["web_search_result_location"]
    cited_text: str
    encrypted_index: str
    title: str | None
    url: str


class SearchLocation(Strict):
    """A citation of a search result that the client gave."""

    type: Literal["search_result_location"]
    cited_text: str
    search_result_index: Annotated[int, Field(ge=0)]
    source: str
    title: str | None
    start_block_index: Annotated[int, Field(ge=0)]
    end_block_index: int


Citation: TypeAlias = Annotated[
    CharLocation | PageLocation | BlockLocation | WebLocation | SearchLocation,
    Field(discriminator="type"),
]


class Citations(Strict):
    """Whether the model shall cite a document."""

    enabled: Given[bool] = None


class TextBlock(Strict):
    """Words of either side."""

    type: Literal["text"]
    text: str
    cache_control: CacheControl | None = None
    citations: list[Citation] | None = None


class Base64Image(Strict):
    """An image in the request itself."""

    type: Literal["base64"]
    media_type: Literal["image/jpeg", "image/png", "image/gif", "image/webp"]
    data: ImageData


class Base64PDF(Strict):
    """A PDF in the request itself."""

    type: Literal["base64"]
    media_type: Literal["application/pdf"]
    data: PDFData


class URLSource(Strict):
    """An image or a PDF that the API fetches."""

    type: Literal["url"]
    url: FetchedURL


class FileSource(Strict):
    """An image or a document that was uploaded before."""

    type: Literal["file"]
    file_id: str


class TextSource(Strict):
    """A document of plain text."""

    type: Literal["text"]
    media_type: Literal["text/plain"]
    data: str


class Transformations(Strict):
    """What becomes of an image that is too large."""

    oversized_image: Given[Literal["downsize", "error"]] = None


class ImageBlock(Strict):
    """An image for the model to look at."""

    type: Literal["image"]
    source: Annotated[Base64Image | URLSource | FileSource, Field(discriminator="type")]
    cache_control: CacheControl | None = None
    transformations: Transformations | None = None


def as_blocks(content: object) -> object:
    """A plain string is short for one block of text."""
    return [{"type": "text", "text": content}] if isinstance(content, str) else content


class ContentSource(Strict):
    """A document that is given as blocks, each of which can be cited."""

    type: Literal["content"]
    content: Annotated[
        list[Annotated[TextBlock | ImageBlock, Field(discriminator="type")]],
        BeforeValidator(as_blocks),
    ]


class DocumentBlock(Strict):
    """A document for the model to read."""

    type: Literal["document"]
    source: Annotated[
        Base64PDF | TextSource | ContentSource | URLSource | FileSource,
        Field(discriminator="type"),
    ]
    cache_control: CacheControl | None = None
    citations: Citations | None = None
    context: str | None = None
    title: str | None = None


class SearchResultBlock(Strict):
    """A search result that the client found."""

    type: Literal["search_result"]
    content: list[TextBlock]
    source: str
    title: str
    cache_control: CacheControl | None = None
    citations: Given[Citations] = None


class ThinkingBlock(Strict):
    """The model's thinking, given back as it came."""

    type: Literal["thinking"]
    thinking: str
    signature: str


class RedactedThinkingBlock(Strict):
    """Hidden thinking, given back as it came."""

    type: Literal["redacted_thinking"]
    data: str


# Ids are the provider's own, yet other providers' ids come along when a conversation moves here,
# and are refused for their dots and colons.
ToolId: TypeAlias = Annotated[str, Field(pattern=r"^[a-zA-Z0-9_-]+$")]
ServerToolId: TypeAlias = Annotated[str, Field(pattern=r"^srvtoolu_[a-zA-Z0-9_]+$")]


class ToolUseBlock(Strict):
    """A tool that the model asked for."""

    type: Literal["tool_use"]
    id: ToolId
    name: Annotated[str, Field(min_length=1, max_length=200)]
    input: dict[str, Any]
    cache_control: CacheControl | None = None
    caller: Given[dict[str, Any]] = None
    toolset_name: str | None = None


class ToolReferenceBlock(Strict):
    """A tool that a search for tools found."""

    type: Literal["tool_reference"]
    tool_name: str
    cache_control: CacheControl | None = None


class BrowserStateBlock(Strict):
    """What a browser showed; its own fields are not looked at."""

    model_config = ConfigDict(extra="allow")

    type: Literal["browser_state"]


_ResultPart: TypeAlias = (
    TextBlock
    | ImageBlock
    | SearchResultBlock
    | DocumentBlock
    | ToolReferenceBlock
    | BrowserStateBlock
)


class ToolResultBlock(Strict):
    """What a tool gave."""

    type: Literal["tool_result"]
    tool_use_id: ToolId
    content: Annotated[
        list[
            Annotated[
                _ResultPart,
                Field(discriminator="type"),
                open_to_beta(_ResultPart),
            ]
        ],
        BeforeValidator(as_blocks),
    ] = Field(default_factory=list)
    cache_control: CacheControl | None = None
    is_error: Given[bool] = None
    toolset_name: str | None = None


class ServerToolUseBlock(Strict):
    """A tool of the provider's own that the model used."""

    type: Literal["server_tool_use"]
    id: ServerToolId
    name: Literal[
        "web_search",
        "web_fetch",
        "code_execution",
        "bash_code_execution",
        "text_editor_code_execution",
        "tool_search_tool_regex",
        "tool_search_tool_bm25",
    ]
    input: dict[str, Any]
    cache_control: CacheControl | None = None
    caller: Given[dict[str, Any]] = None


class WebResultBlock(Strict):
    """What the provider found on the web; given back as it came."""

    type: Literal["web_search_tool_result", "web_fetch_tool_result"]
    tool_use_id: ServerToolId
    # Encrypted in parts, and of no use to a client but to be sent back.
    content: Any
    cache_control: CacheControl | None = None
    caller: Given[dict[str, Any]] = None


class CodeResultBlock(Strict):
    """What code that the provider ran gave, or its search for tools; given back as it came."""

    type: Literal[
        "code_execution_tool_result",
        "bash_code_execution_tool_result",
        "text_editor_code_execution_tool_result",
        "tool_search_tool_result",
    ]
    tool_use_id: ServerToolId
    content: Any
    cache_control: CacheControl | None = None


class ContainerUploadBlock(Strict):
    """A file for the container in which code runs."""

    type: Literal["container_upload"]
    file_id: str
    cache_control: CacheControl | None = None


_Block: TypeAlias = (
    TextBlock
    | ImageBlock
    | DocumentBlock
    | SearchResultBlock
    | ThinkingBlock
    | RedactedThinkingBlock
    | ToolUseBlock
    | ToolResultBlock
    | ServerToolUseBlock
    | WebResultBlock
    | CodeResultBlock
    | ContainerUploadBlock
)
Block: TypeAlias = Annotated[_Block, Field(discriminator="type"), open_to_beta(_Block)]
"""Anything that a message may hold, whoever says it."""
