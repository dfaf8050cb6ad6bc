"""A reply as a response: its items, and the object around them."""

from __future__ import annotations

import base64
import time
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from racto.core.logprobs import TokenLogprob
from racto.core.responses import FinishReason
from racto.testing.replies import Reply

from .ids import Ids
from .response_requests import ResponseRequest
from .response_tools import CustomTool
from .saying import arguments_of, logprobs_of, response_usage

_REASONS: Mapping[FinishReason, str] = {
    FinishReason.LENGTH: "max_output_tokens",
    FinishReason.CONTENT_FILTER: "content_filter",
}
_STATUSES: Mapping[FinishReason, str] = {
    FinishReason.CANCELLED: "cancelled",
    FinishReason.ERROR: "failed",
}

# What steers the transport, or would repeat the conversation itself.
_NOT_REPEATED = {
    "input", "include", "stream", "stream_options", "access_programs", "background_options",
    "context_management", "image", "moderation",
}  # fmt: skip
# A response names every setting, also those that the request left to the API.
_DEFAULTS: Mapping[str, Any] = {
    "background": False,
    "instructions": None,
    "max_output_tokens": None,
    "max_tool_calls": None,
    "metadata": {},
    "parallel_tool_calls": True,
    "previous_response_id": None,
    "prompt_cache_key": None,
    "safety_identifier": None,
    "service_tier": "default",
    "store": True,
    "temperature": 1.0,
    "tool_choice": "auto",
    "tools": [],
    "top_logprobs": 0,
    "top_p": 1.0,
    "truncation": "disabled",
    "user": None,
}


class Answer:
    """One reply to one request, ready to be sent whole or as events.

    Args:
        request: What was asked.
        reply: What is said.
        given: The body of the request as it was sent; a response repeats its settings.
        ids: Makes the ids of the response and of its items.

    Attributes:
        request: What was asked.
        reply: What is said.
        items: The items of the output, whole.
    """

    def __init__(
        self, request: ResponseRequest, reply: Reply, *, given: Mapping[str, Any], ids: Ids
    ) -> None:
        self.request = request
        self.reply = reply
        self._given = given
        self._ids = ids
        self._id = ids.make("resp_")
        self._created = int(time.time())
        # There is no reason for stopping here, only one for stopping short.
        self._reason = reply.raw_finish or _REASONS.get(reply.outcome)
        # In the order in which a model makes them: it thinks, speaks, and acts.
        self.items = [*self._thinking(), *self._message(), *self._calls()]

    def body(self) -> dict[str, Any]:
        """The finished response."""
        status = "incomplete" if self._reason else _STATUSES.get(self.reply.outcome, "completed")
        ended: dict[str, Any] = {"status": status, "output": self.items}
        if self._reason:
            ended["incomplete_details"] = {"reason": self._reason}
        if status == "completed":
            ended["completed_at"] = int(time.time())
        if status == "failed":
            ended["error"] = {"code": "server_error", "message": "The model failed."}
        if self.reply.usage is not None:
            ended["usage"] = response_usage(self.reply.usage)
        return {**self.beginning(), **ended}

    def beginning(self) -> dict[str, Any]:
        """The response before anything was said."""
        return {
            "id": self._id,
            "object": "response",
            "created_at": self._created,
            "status": "in_progress",
            "completed_at": None,
            "error": None,
            "incomplete_details": None,
            "output": [],
            "usage": None,
            **self._settings,
        }

    @cached_property
    def _settings(self) -> dict[str, Any]:
        """The request's settings, which a response repeats, with the API's defaults."""
        asked = {
            name: value
            for name, value in self._given.items()
            if name not in _NOT_REPEATED and value is not None
        }
        text = {"format": {"type": "text"}, "verbosity": "medium", **asked.pop("text", {})}
        reasoning = {"effort": None, "summary": None, **asked.pop("reasoning", {})}
        settings = {**_DEFAULTS, **asked, "text": text, "reasoning": reasoning}
        if self.reply.model is not None:
            settings["model"] = self.reply.model
        return settings

    def _thinking(self) -> list[dict[str, Any]]:
        reply, asked = self.reply, self.request
        if not any(reply.thoughts) and reply.signature is None:
            return []
        item: dict[str, Any] = {
            "id": self._ids.make("rs_"),
            "type": "reasoning",
            "summary": [{"type": "summary_text", "text": part} for part in self.summary],
        }
        if "reasoning.encrypted_content" in (asked.include or ()):
            item["encrypted_content"] = reply.signature or _sealed(item["id"])
        return [item]

    @property
    def summary(self) -> list[str]:
        """The thinking as far as it is shown: in one part, when a summary was asked for."""
        reasoning = self.request.reasoning
        asked = reasoning and (reasoning.summary or reasoning.generate_summary)
        return ["".join(self.reply.thoughts)] if asked and any(self.reply.thoughts) else []

    def _message(self) -> list[dict[str, Any]]:
        content = []
        if self.reply.text is not None:
            content.append(self.text_part(self.reply.whole_text or ""))
        if self.reply.refusal is not None:
            content.append({"type": "refusal", "refusal": self.reply.refusal})
        if not content:
            return []
        message = {"id": self._ids.make("msg_"), "type": "message", "role": "assistant"}
        status = "incomplete" if self._reason else "completed"
        return [{**message, "status": status, "content": content}]

    def _calls(self) -> list[dict[str, Any]]:
        tools = self.request.tools or ()
        custom = {tool.name for tool in tools if isinstance(tool, CustomTool)}
        items = []
        for call in self.reply.tool_calls:
            own = {"call_id": call.id or self._ids.make("call_"), "name": call.name}
            text = arguments_of(call)
            if call.name in custom:
                own |= {"id": self._ids.make("ctc_"), "type": "custom_tool_call", "input": text}
            else:
                # Two ids: the item's own, and the one under which it is answered.
                own |= {"id": self._ids.make("fc_"), "type": "function_call", "arguments": text}
                own["status"] = "completed"
            items.append(own)
        return items

    def text_part(self, text: str) -> dict[str, Any]:
        """The words as a part of a message, with all that belongs to them."""
        citations = [dict(citation) for citation in self.reply.citations]
        logprobs = self.logprobs(self.reply.logprobs)
        return {"type": "output_text", "text": text, "annotations": citations, "logprobs": logprobs}

    def logprobs(self, tokens: Sequence[TokenLogprob]) -> list[dict[str, Any]]:
        """Log-probabilities of tokens; none when they were not asked for."""
        if "message.output_text.logprobs" not in (self.request.include or ()):
            return []
        return logprobs_of(tokens, self.request.top_logprobs or 0)


def _sealed(id: str) -> str:
    """Reasoning that only the server can read; here it says whose it is."""
    return "gAAAAA" + base64.urlsafe_b64encode(f"reasoning {id}".encode()).decode()
