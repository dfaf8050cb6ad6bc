"""Messages of a conversation as the input items of the Responses API."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from racto.core.content import (
    AudioPart,
    DocumentPart,
    ImagePart,
    LinkPart,
    ProviderPart,
    ReasoningPart,
    RefusalPart,
    TextPart,
    ToolCallPart,
    ToolResultPart,
    UploadedFilePart,
)
from racto.core.messages import Message, MessageRole
from racto.providers.kits.omissions import Omissions

from .caching import marked
from .dialects import ChatDialect
from .media import data_uri, file_name, image_url

Item = dict[str, Any]


def encode_items(
    messages: Sequence[Message], dialect: ChatDialect, omissions: Omissions, *, stored: bool
) -> list[Item]:
    """The ``input`` of a request: messages, tool calls and their outputs as items of their own.

    Args:
        messages: The conversation.
        dialect: How the server speaks.
        omissions: Takes what the API cannot carry.
        stored: Whether the server keeps its replies, and knows reasoning by its id alone.
    """
    items: list[Item] = []
    for message in messages:
        role, content = message.role, message.content
        if message.name:
            omissions.omit("name", "a message of the Responses API names no speaker")
        if role is MessageRole.TOOL:
            items.extend(_outputs(message, dialect, omissions))
        elif role is MessageRole.ASSISTANT:
            turn = _AssistantTurn(dialect, omissions, stored=stored)
            items.extend(turn.items(message))
        else:
            speaker = dialect.system_role if role is MessageRole.SYSTEM else "user"
            said = content if isinstance(content, str) else _blocks(content, dialect, omissions)
            items.append({"role": speaker, "content": said})
    return items


class _AssistantTurn:
    """The items of one reply that comes back: in their order, reasoning before what it led to."""

    def __init__(self, dialect: ChatDialect, omissions: Omissions, *, stored: bool) -> None:
        self._provider = dialect.provider
        self._omissions = omissions
        self._stored = stored
        self._items: list[Item] = []
        self._words: list[str] = []
        # What a call or a message has beyond its words; a message's stands before it.
        self._of_calls: dict[str, Item] = {}
        self._of_message: Item = {}

    def items(self, message: Message) -> list[Item]:
        """The items of a message."""
        if isinstance(message.content, str):
            return [{"role": "assistant", "content": message.content}] if message.content else []
        for part in message.content:
            if isinstance(part, ProviderPart) and self._is_own(part, "function_call"):
                self._of_calls[str(part.data.get("call_id"))] = dict(part.data)
        for part in message.content:
            self._add(part)
        self._end_message()
        # Thinking that led to nothing, as in a reply that was cut, is refused.
        while self._items and self._items[-1].get("type") == "reasoning":
            self._items.pop()
        return self._items

    def _is_own(self, part: ProviderPart, kind: str) -> bool:
        return part.provider == self._provider and part.data.get("type") == kind

    def _add(self, part: Any) -> None:
        if isinstance(part, (TextPart, RefusalPart)):
            if isinstance(part, TextPart) and part.cache:
                self._omissions.omit("cache mark", "a model's own turn cannot carry one")
            self._words.append(part.text)
            return
        if isinstance(part, ToolCallPart):
            self._end_message()
            self._items.append({**self._of_calls.get(part.id, {}), **_call(part)})
            return
        self._end_message()
        if isinstance(part, ReasoningPart):
            self._add_reasoning(part)
        elif isinstance(part, ProviderPart):
            self._add_own(part)
        elif not (isinstance(part, ImagePart) and self._was_made_here()):
            self._omissions.omit(part.type, "a model's own turn takes text only")

    def _add_reasoning(self, part: ReasoningPart) -> None:
        # Another provider's thinking is refused, and so is what this one neither signed nor kept.
        if part.provider != self._provider or part.id is None:
            return
        last = self._items[-1] if self._items else {}
        summary = [{"type": "summary_text", "text": part.text}] if part.text else []
        if last.get("type") == "reasoning" and last["id"] == part.id:
            last["summary"].extend(summary)
        elif part.signature or self._stored:
            item: Item = {"type": "reasoning", "id": part.id, "summary": summary}
            if part.signature:
                item["encrypted_content"] = part.signature
            self._items.append(item)

    def _add_own(self, part: ProviderPart) -> None:
        if self._is_own(part, "message"):
            self._of_message = dict(part.data)
        elif part.provider == self._provider and not self._is_own(part, "function_call"):
            self._items.append(dict(part.data))

    def _was_made_here(self) -> bool:
        """Whether the item before is the call that made the picture, which holds it as well."""
        return bool(self._items) and self._items[-1].get("type") == "image_generation_call"

    def _end_message(self) -> None:
        text, self._words = "".join(self._words), []
        if text:
            more, self._of_message = self._of_message, {}
            self._items.append({**more, "role": "assistant", "content": text})


def _call(part: ToolCallPart) -> Item:
    # As the model wrote them: it can mend only what it sees.
    if part.raw_arguments is not None:
        arguments = part.raw_arguments
    else:
        arguments = json.dumps(part.arguments, ensure_ascii=False, separators=(",", ":"))
    return {
        "type": "function_call",
        "call_id": part.id,
        "name": part.name,
        "arguments": arguments,
    }


def _outputs(message: Message, dialect: ChatDialect, omissions: Omissions) -> Iterator[Item]:
    for part in message.parts:
        # The answer to a call of the API's own making, such as an approval.
        if isinstance(part, ProviderPart) and part.provider == dialect.provider:
            yield dict(part.data)
            continue
        if not isinstance(part, ToolResultPart):
            omissions.omit(part.type, "a tool's turn holds tool results only")
            continue
        inner = part.content
        is_text = isinstance(inner, str) or all(isinstance(each, _TEXTS) for each in inner)
        output = part.text if is_text else _blocks(inner, dialect, omissions)
        yield {"type": "function_call_output", "call_id": part.tool_call_id, "output": output}


def _blocks(parts: Sequence[Any], dialect: ChatDialect, omissions: Omissions) -> list[Item]:
    blocks = (_block(part, dialect, omissions) for part in parts)
    return [block for block in blocks if block is not None]


def _block(part: Any, dialect: ChatDialect, omissions: Omissions) -> Item | None:
    if isinstance(part, TextPart):
        return marked({"type": "input_text", "text": part.text}, part, dialect, omissions)
    if isinstance(part, LinkPart):
        return {"type": "input_text", "text": part.text}
    if isinstance(part, ImagePart):
        url, detail = image_url(part), part.detail or "auto"
        return {"type": "input_image", "image_url": url, "detail": detail}
    if isinstance(part, DocumentPart):
        if part.url is not None:
            return {"type": "input_file", "file_url": part.url}
        return {"type": "input_file", "filename": file_name(part), "file_data": data_uri(part)}
    if isinstance(part, UploadedFilePart):
        return _uploaded(part, dialect, omissions)
    if isinstance(part, ProviderPart) and part.provider == dialect.provider:
        return dict(part.data)
    if isinstance(part, AudioPart):
        omissions.omit("audio", 'the Responses API takes no sound; models that do want api="chat"')
        return None
    omissions.omit(part.type, "a user's turn takes text, images and files")
    return None


def _uploaded(part: UploadedFilePart, dialect: ChatDialect, omissions: Omissions) -> Item | None:
    if part.provider != dialect.provider:
        omissions.omit("uploaded_file", f"the file lies with {part.provider}; upload it here")
        return None
    if (part.mime_type or "").startswith("image/"):
        return {"type": "input_image", "file_id": part.file_id, "detail": "auto"}
    return {"type": "input_file", "file_id": part.file_id}


_TEXTS = (TextPart, LinkPart)
