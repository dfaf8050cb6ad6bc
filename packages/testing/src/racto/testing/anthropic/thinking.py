"""Thinking: the rules on asking for it, and the proof that it comes back as it was."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Iterator, Sequence

from .blocks import RedactedThinkingBlock, ThinkingBlock
from .reading import Objection
from .requests import EnabledThinking, Message, MessageRequest

_BUDGET = (
    "`max_tokens` must be greater than `thinking.budget_tokens`. Please consult our documentation "
    "at https://docs.claude.com/en/docs/build-with-claude/extended-thinking"
    "#max-tokens-and-context-window-size"
)
_MISSING = (
    "messages.{turn}.content.0.type: Expected `thinking` or `redacted_thinking`, but found "
    "`{found}`. When `thinking` is enabled, a final `assistant` message must start with a thinking "
    "block (preceeding the lastmost set of `tool_use` and `tool_result` blocks)."
)


class Seals:
    """Signs thinking as it goes out, and knows it again when it comes back.

    What the server signs itself it can check without keeping it; only signatures and hidden
    thinking of a test's own are kept.
    """

    def __init__(self) -> None:
        # New for each server: thinking of another one is not known here, as at the real API.
        self._key = secrets.token_bytes(32)
        self._given: dict[str, str] = {}

    def seal(self, thinking: str, *, given: str | None = None) -> str:
        """The signature of some thinking.

        Args:
            thinking: The text as it is sent.
            given: The signature to use, and to accept with this text from now on.
        """
        if given is not None:
            self._given[given] = thinking
            return given
        # With a nonce two equal thoughts, such as omitted ones, have signatures of their own.
        nonce = secrets.token_bytes(16)
        return base64.b64encode(nonce + self._proof(nonce, thinking)).decode()

    def hold(self, data: str) -> None:
        """Accept hidden thinking from now on."""
        self._given[data] = data

    def know(self, block: ThinkingBlock | RedactedThinkingBlock) -> bool:
        """Whether the block is one that went out, unchanged."""
        if isinstance(block, RedactedThinkingBlock):
            return self._given.get(block.data) == block.data
        if block.signature in self._given:
            return self._given[block.signature] == block.thinking
        try:
            sealed = base64.b64decode(block.signature, validate=True)
        except ValueError:
            return False
        return hmac.compare_digest(sealed[16:], self._proof(sealed[:16], block.thinking))

    def _proof(self, nonce: bytes, thinking: str) -> bytes:
        return hmac.digest(self._key, nonce + thinking.encode(), hashlib.sha256)


def objections(request: MessageRequest) -> Iterator[Objection]:
    """Tell what is wrong with the way in which a request asks for thinking."""
    thinking, choice = request.thinking, request.tool_choice
    if isinstance(thinking, EnabledThinking):
        # Without words to come, as when a cache is warmed, there is nothing to think about.
        if request.max_tokens and request.max_tokens <= thinking.budget_tokens:
            yield _BUDGET
        yield from _left_out(request.messages)
    # A forced call leaves the model no room to begin with a thought.
    if thinking and thinking.type in ("enabled", "adaptive"):
        if choice and choice.type in ("any", "tool"):
            yield "Thinking may not be enabled when tool_choice forces tool use."
        if getattr(request, "temperature", None) not in (None, 1):
            yield "`temperature` may only be set to 1 when thinking is enabled."


def replayed(messages: Sequence[Message], seals: Seals) -> Iterator[Objection]:
    """Tell which thinking was changed on its way back, or is not this server's."""
    for turn, message in enumerate(messages):
        for number, block in enumerate(message.content):
            if isinstance(block, ThinkingBlock | RedactedThinkingBlock) and not seals.know(block):
                field = "signature" if block.type == "thinking" else "data"
                place = f"messages.{turn}.content.{number}"
                yield f"{place}: Invalid `{field}` in `{block.type}` block"


def _left_out(messages: Sequence[Message]) -> Iterator[Objection]:
    """A tool round goes on with the thinking that led to its calls."""
    if len(messages) < 2 or not any(b.type == "tool_result" for b in messages[-1].content):
        return
    first = messages[-2].content[0].type if messages[-2].content else ""
    if messages[-2].role == "assistant" and first not in ("thinking", "redacted_thinking"):
        yield _MISSING.format(turn=len(messages) - 2, found=first)
