"""A reply as a chat completion."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from racto.core.logprobs import TokenLogprob
from racto.core.responses import FinishReason
from racto.testing.replies import Reply

from .chat_requests import ChatRequest
from .chat_tools import CustomTool
from .ids import Ids
from .quirks import Quirks
from .saying import arguments_of, chat_usage, logprobs_of

# A refusal ends with "stop": the API has no word of its own for it here.
_FINISH: Mapping[FinishReason, str] = {
    FinishReason.LENGTH: "length",
    FinishReason.TOOL_CALL: "tool_calls",
    FinishReason.CONTENT_FILTER: "content_filter",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Completion:
    """One reply to one request, ready to be sent whole or in chunks.

    Attributes:
        request: What was asked.
        reply: What is said.
        ids: Makes the ids of the reply and of its calls.
        quirks: Habits of the server.
    """

    request: ChatRequest
    reply: Reply
    ids: Ids
    quirks: Quirks

    def body(self) -> dict[str, Any]:
        """The body of a whole reply."""
        choice = {
            "message": self._message(),
            "logprobs": self.logprobs(self.reply.logprobs),
            "finish_reason": self.finish,
        }
        choices = [{"index": number, **choice} for number in range(self.request.n or 1)]
        return {**self.head("chat.completion"), "choices": choices, **self.usage()}

    def head(self, kind: str) -> dict[str, Any]:
        """What a reply and each of its chunks begin with."""
        return {
            "id": self.ids.make("chatcmpl-"),
            "object": kind,
            "created": int(time.time()),
            "model": self.reply.model or self.request.model,
            "service_tier": "default",
            "system_fingerprint": "fp_loopback",
        }

    @property
    def finish(self) -> str:
        """The API's word for why the model stops."""
        return self.reply.raw_finish or _FINISH.get(self.reply.outcome, "stop")

    def usage(self) -> dict[str, Any]:
        """The usage as a field; empty when none is told."""
        if self.reply.usage is None or self.quirks.no_usage:
            return {}
        return {"usage": chat_usage(self.reply.usage)}

    def logprobs(self, tokens: Sequence[TokenLogprob]) -> dict[str, Any] | None:
        """Log-probabilities of tokens; None when they were not asked for."""
        if not self.request.logprobs:
            return None
        return {"content": logprobs_of(tokens, self.request.top_logprobs or 0), "refusal": None}

    def calls(self) -> list[dict[str, Any]]:
        """The calls of tools, each in the form of its tool."""
        tools = self.request.tools or ()
        custom = {tool.custom.name for tool in tools if isinstance(tool, CustomTool)}
        # A custom tool is called in its own form only because the request declared it so.
        calls = []
        for call in self.reply.tool_calls:
            text = arguments_of(call)
            own: dict[str, Any] = {}
            if not self.quirks.no_call_ids:
                own["id"] = call.id or self.ids.make("call_")
            if call.name in custom:
                own |= {"type": "custom", "custom": {"name": call.name, "input": text}}
            else:
                function = {"name": call.name, "arguments": text}
                own |= {"type": "function", "function": function}
            calls.append(own)
        return calls

    def _message(self) -> dict[str, Any]:
        reply = self.reply
        message: dict[str, Any] = {
            "role": "assistant",
            "content": reply.whole_text,
            "refusal": reply.refusal,
            "annotations": [dict(citation) for citation in reply.citations],
        }
        # OpenAI counts the tokens of thinking here and never shows it.
        if self.quirks.reasoning_content and reply.thoughts:
            message["reasoning_content"] = "".join(reply.thoughts)
        if reply.tool_calls:
            message["tool_calls"] = self.calls()
        return message
