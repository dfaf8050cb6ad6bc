"""What the model says, as Ollama sends it: whole, or a line for each piece."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from racto.core.logprobs import TokenLogprob
from racto.core.responses import FinishReason
from racto.core.usage import Usage
from racto.testing.arguments import argument_object
from racto.testing.replies import Reply, ToolCall

from .failures import error_of
from .requests import Generation

_LENGTH = (FinishReason.LENGTH, FinishReason.CONTEXT_OVERFLOW)
# How long a slow machine takes, in nanoseconds: to load a model, to read a token, to write one.
_LOAD, _READ, _WRITE = 50_000_000, 1_000_000, 20_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Completion:
    """One reply to one request, ready to be sent whole or in lines.

    Attributes:
        request: What was asked.
        reply: What is said.
        wrap: Puts the words, the thinking and the calls where the method has them.
    """

    request: Generation
    reply: Reply
    wrap: Callable[..., dict[str, Any]]

    @property
    def malformed(self) -> str | None:
        """Words about a call whose arguments are no JSON object; None when all are."""
        for call in self.reply.tool_calls:
            if argument_object(call) is None:
                return f"error parsing tool call: raw='{call.arguments}', err=invalid JSON"
        return None

    def body(self) -> dict[str, Any]:
        """The body of a whole reply."""
        reply = self.reply
        said = self.wrap("".join(self._pieces), "".join(self._thoughts), self._calls)
        return {**self._head(), **said, **self._logprobs(reply.logprobs), **self._end()}

    def lines(self) -> Iterator[dict[str, Any]]:
        """The lines of a stream."""
        reply = self.reply
        for thought in self._thoughts:
            yield self._line(self.wrap("", thought, ()))
        pieces = self._pieces
        matched = len(reply.logprobs) == len(pieces)
        for number, piece in enumerate(pieces):
            tokens = reply.logprobs[number : number + 1] if matched else ()
            yield self._line({**self.wrap(piece, "", ()), **self._logprobs(tokens)})
        if self.malformed:
            yield {"error": self.malformed}
            return
        # Calls are parsed out of the words, and sent whole, one to a line.
        for call in self._calls:
            yield self._line(self.wrap("", "", (call,)))
        if reply.failure_after is not None:
            yield error_of(reply.failure_after, self.request.model)
            return
        rest = {} if matched else self._logprobs(reply.logprobs)
        yield {**self._head(), **self.wrap("", "", ()), **rest, **self._end()}

    @property
    def _pieces(self) -> Sequence[str]:
        # There are no refusals here: the words are words.
        return self.reply.pieces or ((self.reply.refusal,) if self.reply.refusal else ())

    @property
    def _thoughts(self) -> Sequence[str]:
        return () if self.request.think is False else self.reply.thoughts

    @property
    def _calls(self) -> Sequence[dict[str, Any]]:
        return [_call(call, number) for number, call in enumerate(self.reply.tool_calls)]

    def _line(self, said: Mapping[str, Any]) -> dict[str, Any]:
        return {**self._head(), **said, "done": False}

    def _head(self) -> dict[str, Any]:
        return head(self.reply.model or self.request.model)

    def _end(self) -> dict[str, Any]:
        reason = "length" if self.reply.outcome in _LENGTH else "stop"
        usage = {} if self.reply.usage is None else counts(self.reply.usage)
        return {"done": True, "done_reason": self.reply.raw_finish or reason, **usage}

    def _logprobs(self, tokens: Sequence[TokenLogprob]) -> dict[str, Any]:
        if not self.request.logprobs or not tokens:
            return {}
        return {"logprobs": [_logprob(each, self.request.top_logprobs or 0) for each in tokens]}


def head(model: str) -> dict[str, Any]:
    """What every answer begins with.

    Args:
        model: The model that answers.
    """
    return {"model": model, "created_at": datetime.now(UTC).isoformat().replace("+00:00", "Z")}


def chat_words(text: str, thinking: str, calls: Sequence[Any]) -> dict[str, Any]:
    """Words, thinking and calls as ``/api/chat`` has them."""
    message: dict[str, Any] = {"role": "assistant", "content": text}
    if thinking:
        message["thinking"] = thinking
    if calls:
        message["tool_calls"] = list(calls)
    return {"message": message}


def generate_words(text: str, thinking: str, calls: Sequence[Any]) -> dict[str, Any]:
    """Words, thinking and calls as ``/api/generate`` has them."""
    return {
        "response": text,
        **({"thinking": thinking} if thinking else {}),
        **({"tool_calls": list(calls)} if calls else {}),
    }


def counts(usage: Usage) -> dict[str, int]:
    """Tokens and the time that they took."""
    read, written = usage.prompt_tokens * _READ, usage.output_tokens * _WRITE
    return {
        "total_duration": _LOAD + read + written,
        "load_duration": _LOAD,
        "prompt_eval_count": usage.prompt_tokens,
        "prompt_eval_duration": read,
        "eval_count": usage.output_tokens,
        "eval_duration": written,
    }


def _call(call: ToolCall, number: int) -> dict[str, Any]:
    function = {"index": number, "name": call.name, "arguments": argument_object(call)}
    return {**({"id": call.id} if call.id else {}), "function": function}


def _logprob(token: TokenLogprob, most: int) -> dict[str, Any]:
    told = _one(token)
    if most:
        told["top_logprobs"] = [_one(each) for each in token.alternatives[:most]]
    return told


def _one(token: TokenLogprob) -> dict[str, Any]:
    return {"token": token.token, "logprob": token.logprob, "bytes": list(token.token.encode())}
