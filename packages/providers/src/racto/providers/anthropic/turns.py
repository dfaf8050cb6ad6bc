"""A conversation in the shape of the Messages API: system text apart, turns that alternate."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import takewhile
from typing import Any, TypeAlias

from racto.core.content import ContentPart, ProviderPart, TextPart
from racto.core.messages import Message, MessageRole
from racto.providers.kits.omissions import Omissions

from .api import HOW_TO_SEND_IT, APIVersion
from .blocks import assistant_blocks, user_blocks
from .media import Block

Content: TypeAlias = str | list[Block]


def encode_conversation(
    messages: Sequence[Message], version: APIVersion, omissions: Omissions
) -> dict[str, Any]:
    """The fields ``system`` and ``messages``.

    Turns of one side that follow each other become one, so that all answers to the calls of a
    turn stand together. Instructions in mid-conversation stay there, at the end of the user's
    turn in which they came: nowhere else does the API take them.

    Args:
        messages: The conversation.
        version: The API's version.
        omissions: Takes what the API cannot carry.
    """
    if any(message.name for message in messages):
        omissions.omit("name", "its turns name no speaker; write the name into the text")
    leading = list(takewhile(_is_system, messages))
    turns = _Turns(omissions)
    for message in messages[len(leading) :]:
        turns.add(message)
    turns.end()
    if turns.is_left_open and not version.is_old:
        omissions.omit(
            "prefill",
            "a user's turn must follow the assistant's, or the answers to its tool calls; "
            f"{HOW_TO_SEND_IT}",
        )
        turns.encoded.pop()
    system = _instructions(leading, omissions)
    return {**({"system": system} if system else {}), "messages": turns.encoded}


class _Turns:
    """The turns as they grow."""

    def __init__(self, omissions: Omissions) -> None:
        self.encoded: list[dict[str, Any]] = []
        self._omissions = omissions
        self._waiting: list[Message] = []
        self._latest: Message | None = None

    @property
    def is_left_open(self) -> bool:
        """Whether the last word is the assistant's, and no server-side tool paused it."""
        if self._latest is None or not self.encoded or self.encoded[-1]["role"] != "assistant":
            return False
        return not any(isinstance(part, ProviderPart) for part in self._latest.parts)

    def add(self, message: Message) -> None:
        """Take the next message."""
        if message.role is MessageRole.SYSTEM:
            self._waiting.append(message)
        elif message.role is MessageRole.ASSISTANT:
            self.end()
            self._latest = message
            self._say("assistant", _content(message, assistant_blocks, self._omissions))
        else:
            self._say("user", _content(message, user_blocks, self._omissions))

    def end(self) -> None:
        """End a run of user's turns: the instructions that came among them follow."""
        if self._waiting:
            self._say("system", _instructions(self._waiting, self._omissions))
            self._waiting = []

    def _say(self, role: str, content: Content) -> None:
        # Nothing is left of a turn that only another provider understood.
        if not content:
            return
        if self.encoded and self.encoded[-1]["role"] == role:
            turn = self.encoded[-1]
            turn["content"] = [*_as_blocks(turn["content"]), *_as_blocks(content)]
        else:
            self.encoded.append({"role": role, "content": content})


def _is_system(message: Message) -> bool:
    return message.role is MessageRole.SYSTEM


def _content(
    message: Message,
    encode: Callable[[Iterable[ContentPart], Omissions], list[Block]],
    omissions: Omissions,
) -> Content:
    if isinstance(message.content, str):
        # The API refuses blank text.
        return message.content if message.content.strip() else ""
    return encode(message.content, omissions)


def _instructions(messages: Sequence[Message], omissions: Omissions) -> Content:
    """System text: a string, or blocks where the prompt cache is marked."""
    parts = [part for message in messages for part in message.parts]
    texts = [part for part in parts if isinstance(part, TextPart)]
    for part in parts:
        if not isinstance(part, TextPart):
            omissions.omit(part.type, "instructions are text")
    if any(part.cache for part in texts):
        return user_blocks(texts, omissions)
    return "\n\n".join(message.text for message in messages if message.text)


def _as_blocks(content: Content) -> list[Block]:
    return [{"type": "text", "text": content}] if isinstance(content, str) else content
