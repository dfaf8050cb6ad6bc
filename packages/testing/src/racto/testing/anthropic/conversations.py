"""Rules on a conversation as a whole: who says what, in which order, and that it is something."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from . import caching, schemas, tool_rounds
from .beta import BetaPart
from .reading import Objection
from .requests import CountRequest, Message, MessageRequest

OLD_VERSION = "2023-06-01"
NEW_VERSION = "2026-10-21"

# Images and documents are shown to the model, never by it; calls and thinking are its alone.
_SAID_BY_USERS = frozenset(
    {"text", "image", "document", "search_result", "tool_result", "container_upload"}
)
# The provider runs these itself, so that call and result stand in one turn of the assistant.
_SERVER_TOOLS = frozenset(
    {
        "server_tool_use",
        "web_search_tool_result",
        "web_fetch_tool_result",
        "code_execution_tool_result",
        "bash_code_execution_tool_result",
        "text_editor_code_execution_tool_result",
        "tool_search_tool_result",
    }
)
_SAID_BY = {
    "user": _SAID_BY_USERS,
    "assistant": {"text", "thinking", "redacted_thinking", "tool_use", *_SERVER_TOOLS},
    "system": {"text"},
}
_EMPTY = "messages.{turn}: all messages must have non-empty content"
_MISPLACED = "messages.{turn}.content.{block}: `{type}` blocks cannot be in `{role}` messages"
_SYSTEM_TOO_EARLY = (
    "messages.{turn}: role 'system' must follow a 'user' message or an 'assistant' message ending "
    "in a server tool result"
)
_SYSTEM_TOO_LATE = (
    "messages.{turn}: role 'system' must be the last message or be followed by an 'assistant' "
    "message"
)
_PREFILL = (
    "This model does not support assistant message prefill. The conversation must end with a user "
    "message."
)


def objections(request: MessageRequest | CountRequest, version: str) -> Iterator[Objection]:
    """Tell what is wrong with a request whose fields are all right by themselves.

    Args:
        request: The request.
        version: The API version that it was sent with.

    Yields:
        One objection after the other; the API tells the first.
    """
    # Roughly in the order of the real API, which reads from the outside in.
    yield from _order(request.messages)
    for turn, message in enumerate(request.messages):
        yield from _content(turn, message, version)
    yield from _empty_words("system", [block.text for block in request.system or ()])
    yield from tool_rounds.objections(request.messages)
    # Models of the time of the old version go on from what they are given.
    if version != OLD_VERSION:
        yield from _ending(request.messages)
    yield from _tools(request)
    yield from caching.objections(request)
    yield from schemas.objections(list(request.strict_schemas))


def _order(messages: Sequence[Message]) -> Iterator[Objection]:
    if not messages:
        yield "messages: at least one message is required"
        return
    if messages[0].role == "assistant":
        yield 'messages: first message must use the "user" role'
    # Turns of one role in a row are one turn to the API. A later system prompt has its place
    # between what was asked and what is answered, so that the cached turns before it stay valid.
    for turn, message in enumerate(messages):
        if message.role != "system":
            continue
        before = messages[turn - 1] if turn else None
        if before is None or before.role == "system" or not _may_be_interrupted(before):
            yield _SYSTEM_TOO_EARLY.format(turn=turn)
        if turn + 1 < len(messages) and messages[turn + 1].role != "assistant":
            yield _SYSTEM_TOO_LATE.format(turn=turn)


def _may_be_interrupted(message: Message) -> bool:
    return message.role == "user" or _is_paused(message)


def _is_paused(message: Message) -> bool:
    """Whether the provider's own tools were at work when this turn ended."""
    last = message.content[-1] if message.content else None
    return isinstance(last, BetaPart) or (last is not None and last.type in _SERVER_TOOLS)


def _content(turn: int, message: Message, version: str) -> Iterator[Objection]:
    if not message.content:
        yield _EMPTY.format(turn=turn)
    for number, block in enumerate(message.content):
        place = f"messages.{turn}.content.{number}"
        allowed = isinstance(block, BetaPart) or block.type in _SAID_BY[message.role]
        # The old version still takes such documents, and such citations.
        if not allowed and not (block.type == "document" and version == OLD_VERSION):
            yield _MISPLACED.format(turn=turn, block=number, type=block.type, role=message.role)
        cited = block.type == "text" and message.role == "user" and block.citations
        if cited and version != OLD_VERSION:
            yield f"{place}.text.citations: Extra inputs are not permitted"
    texts = [block.text for block in message.content if block.type == "text"]
    yield from _empty_words("messages", texts)
    if message.role == "assistant" and message.content and "thinking" in message.content[-1].type:
        yield f"messages.{turn}: The final block in an assistant message cannot be `thinking`."


def _empty_words(place: str, texts: Sequence[str]) -> Iterator[Objection]:
    # A block without words is the classic trace of a reply that was only a tool call.
    for text in texts:
        if not text:
            yield f"{place}: text content blocks must be non-empty"
        elif not text.strip():
            yield f"{place}: text content blocks must contain non-whitespace text"


def _ending(messages: Sequence[Message]) -> Iterator[Objection]:
    # A paused turn is sent back as it is, to be gone on with; that is no prefill.
    if messages and messages[-1].role == "assistant" and not _is_paused(messages[-1]):
        yield _PREFILL


def _tools(request: MessageRequest | CountRequest) -> Iterator[Objection]:
    # Toolsets have no name of their own.
    names = [name for tool in request.tools or () if (name := getattr(tool, "name", None))]
    if len(set(names)) < len(names):
        yield "tools: Tool names must be unique."
    choice = request.tool_choice
    if choice and choice.type != "none" and not request.tools:
        yield "tool_choice: tool_choice may only be specified while providing tools"
    elif any(isinstance(tool, BetaPart) for tool in request.tools or ()):
        # It may bring any names, as a toolset of an MCP server does.
        return
    elif choice and choice.type == "tool" and choice.name not in names:
        yield f"tool_choice: Tool '{choice.name}' not found in provided tools"
