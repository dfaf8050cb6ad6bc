"""Streaming: the chunks a caller sees, and the builder that makes one response of any stream.

The accumulated text of a chunk is joined only when it is read, so a stream of n chunks costs
O(n), not O(n^2). A stream that ends without its terminal signal is a
:class:`~racto.core.StreamTruncatedError` that carries the partial response.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from .content import (
    ContentPart,
    ReasoningPart,
    RefusalPart,
    TextPart,
    ToolCallPart,
    ToolCallResult,
)
from .errors import ConfigurationError, StreamTruncatedError
from .logprobs import TokenLogprob
from .responses import FinishReason, LLMResponse
from .usage import Usage, UsageState


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamDelta:
    """What one event added: text, thinking, or a piece of a tool call.

    Attributes:
        text: New text.
        thinking: New reasoning text.
        tool_call_id: Id of the tool call that the piece belongs to, when the event told.
        tool_call_name: Name of the tool, in the event that opens the call.
        tool_call_args_fragment: A piece of the call's JSON arguments.
        tool_call_index: Position of the call in the turn, when the event told.
    """

    text: str = ""
    thinking: str = ""
    tool_call_id: str | None = None
    tool_call_name: str | None = None
    tool_call_args_fragment: str | None = None
    tool_call_index: int | None = None


EMPTY_DELTA = StreamDelta()
_VAGUE = (FinishReason.STOP, FinishReason.UNKNOWN)


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamChunk:
    """One piece of a streamed reply; exactly one chunk, the last, has ``is_final``.

    Attributes:
        delta: What this chunk adds.
        accumulated_text: All text of the reply so far; where tools run between replies, each
            reply begins anew, as the final ``response`` holds the last one alone.
        accumulated_thinking: All reasoning text of the reply so far.
        is_thinking: Whether this chunk adds reasoning.
        finish_reason: None until the final chunk.
        tool_calls: Complete tool calls; empty until the final chunk.
        usage: Tokens of the call, on the final chunk.
        is_final: Whether this is the last chunk.
        parsed: The structured reply, on the final chunk, with ``response_model`` only.
        response: The whole reply, on the final chunk.
        raw: The provider's event.
    """

    delta: StreamDelta = EMPTY_DELTA
    is_thinking: bool = False
    finish_reason: FinishReason | None = None
    tool_calls: list[ToolCallResult] = field(default_factory=list)
    usage: Usage = field(default_factory=Usage)
    is_final: bool = False
    parsed: dict[str, Any] | list[Any] | None = None
    response: LLMResponse | None = None
    raw: Any = field(default=None, repr=False)
    _texts: tuple[list[str], int] = field(default=([], 0), repr=False, compare=False)
    _thoughts: tuple[list[str], int] = field(default=([], 0), repr=False, compare=False)

    @property
    def accumulated_text(self) -> str:
        """All text of this reply up to and including this chunk."""
        pieces, count = self._texts
        return "".join(pieces[:count])

    @property
    def accumulated_thinking(self) -> str:
        """All reasoning text of this reply up to and including this chunk."""
        pieces, count = self._thoughts
        return "".join(pieces[:count])


@dataclass(slots=True)
class _OpenCall:
    """A tool call whose arguments are still arriving."""

    index: int | None
    id: str
    name: str
    pieces: list[str] = field(default_factory=list)
    signature: str | None = None

    def close(self) -> ToolCallResult:
        text = _mended("".join(self.pieces))
        return ToolCallResult.of_text(text, name=self.name, id=self.id, signature=self.signature)

    def is_whole(self) -> bool:
        """Whether nothing is missing in the arguments."""
        # Looking at the end first keeps this cheap for servers that repeat the name every time.
        if not (self.pieces and self.pieces[-1].rstrip().endswith("}")):
            return False
        return not self.close().is_malformed

    def is_left_by(self, delta: StreamDelta) -> bool:
        """Whether a piece that could go on with this call begins another one."""
        name, piece = delta.tool_call_name, delta.tool_call_args_fragment
        if delta.tool_call_id and self.id:
            # Pieces of arguments under fresh ids but no name still belong here.
            return bool(name or not piece)
        if not name or not self.name:
            return False
        if name != self.name:
            return True
        return self.is_whole() if piece else delta.tool_call_index is None


@dataclass(frozen=True, slots=True)
class _TextEnd:
    """Where a block of text was closed, and what belongs to it."""

    citations: tuple[dict[str, Any], ...] = ()
    signature: str | None = None


class _Refusal:
    """Where the model began to refuse."""


_Mark: TypeAlias = ContentPart | _OpenCall | _TextEnd | _Refusal


class StreamBuilder:
    """Assembles deltas into one :class:`LLMResponse` and hands out the chunks on the way.

    A kit feeds it events in whatever shape its provider sends. Pieces of tool calls are matched
    by id, else by index, else they go on with the last call; a new name after complete JSON
    opens another one. Ids that no event told stay empty. The response's parts stand in the order
    in which they arrived, which providers check when the turn comes back to them.

    Args:
        provider: Name of the provider, for the response and for errors.
        model: Model that was asked; replaced by what the stream says.
    """

    def __init__(self, *, provider: str = "", model: str = "") -> None:
        self.provider = provider
        self.model = model
        self.response_id: str | None = None
        self.request_id: str | None = None
        # Nearly all chunks share it; building it anew would double the cost of a chunk.
        self._no_usage = Usage()
        self.usage = self._no_usage
        self.dropped: tuple[str, ...] = ()
        self.logprobs: list[TokenLogprob] = []
        self._texts: list[str] = []
        self._thoughts: list[str] = []
        self._refusals: list[str] = []
        self._calls: list[_OpenCall] = []
        # The latest call of each id and index, None standing for any: found without a search.
        self._latest: dict[tuple[str | None, int | None], _OpenCall] = {}
        # What is no text, each with the number of pieces of text before it.
        self._marks: list[tuple[int, _Mark]] = []
        self._finish: FinishReason | None = None
        self._raw_finish: str | None = None
        self._is_closed = False

    def add(self, delta: StreamDelta, raw: Any = None) -> StreamChunk:
        """Take what one event added and return the chunk for the caller."""
        if delta.text:
            self._texts.append(delta.text)
        if delta.thinking:
            self._thoughts.append(delta.thinking)
        if delta.tool_call_id or delta.tool_call_name or delta.tool_call_args_fragment is not None:
            self._add_call(delta)
        return StreamChunk(
            delta=delta,
            is_thinking=bool(delta.thinking),
            usage=self._no_usage,
            raw=raw,
            _texts=(self._texts, len(self._texts)),
            _thoughts=(self._thoughts, len(self._thoughts)),
        )

    def add_part(self, part: ContentPart) -> None:
        """Keep a complete part for the next turn: signed reasoning, an image, a provider's block.

        Text, refusals and tool calls come piece by piece, through the other methods.
        """
        self._mark(part)

    def end_text(
        self, *, citations: Sequence[dict[str, Any]] = (), signature: str | None = None
    ) -> None:
        """Close the open block of text; what follows is a part of its own.

        Args:
            citations: Sources the model gave for the block, as the provider shaped them.
            signature: Opaque data that must come back with the block.
        """
        self._mark(_TextEnd(tuple(citations), signature))

    def add_refusal(self, text: str) -> None:
        """Keep a piece of the model's refusal."""
        if not self._refusals:
            self._mark(_Refusal())
        self._refusals.append(text)

    def sign_call(self, signature: str) -> None:
        """Attach opaque provider data to the tool call that arrived last."""
        if self._calls:
            self._calls[-1].signature = signature

    def add_usage(self, usage: Usage) -> None:
        """Take a usage report; reports about one call only ever add knowledge."""
        self.usage = self.usage.merge(usage)

    def finish(self, reason: FinishReason, raw: str | None = None) -> None:
        """Note the terminal signal; a reason that says more outweighs a ``stop`` after it."""
        if self._finish not in (None, *_VAGUE) and reason in _VAGUE:
            return
        # The stream goes on after it: usage is often reported last.
        self._finish = reason
        self._raw_finish = raw or reason.value

    @property
    def is_finished(self) -> bool:
        """Whether the terminal signal has arrived."""
        return self._finish is not None

    def final(self, raw: Any = None, *, parsed: Any = None) -> StreamChunk:
        """The one final chunk.

        Raises:
            StreamTruncatedError: If no terminal signal arrived; carries the partial response.
            ConfigurationError: If it was handed out before.
        """
        if self._finish is None:
            raise self.truncated()
        if self._is_closed:
            raise ConfigurationError("a stream has one final chunk, and it was handed out")
        self._is_closed = True
        response = self.response(raw)
        if parsed is not None:
            response.parsed = parsed
        return StreamChunk(
            finish_reason=response.finish_reason,
            tool_calls=response.tool_calls,
            usage=response.usage,
            is_final=True,
            parsed=response.parsed,
            response=response,
            raw=raw,
            _texts=(self._texts, len(self._texts)),
            _thoughts=(self._thoughts, len(self._thoughts)),
        )

    def truncated(
        self, why: str = "the stream ended without its terminal event"
    ) -> StreamTruncatedError:
        """The error for a stream that was cut, holding all that had arrived."""
        partial = self.response(None)
        return StreamTruncatedError(
            f"{self.provider or 'provider'}: {why}, after {len(partial.content or '')} characters "
            f"and {len(partial.tool_calls)} tool calls; the partial response is in .partial",
            partial=partial,
            provider=self.provider or None,
            request_id=self.request_id,
        )

    def response(self, raw: Any = None) -> LLMResponse:
        """The reply as assembled so far; its finish reason is ``error`` when it is not whole."""
        calls = [call.close() for call in self._calls]
        usage = self.usage
        # The numbers of a cut stream stop where the stream did.
        if self._finish is None and usage.state is UsageState.MEASURED:
            usage = usage.model_copy(update={"state": UsageState.PARTIAL})
        finish = self._finish or FinishReason.ERROR
        # Several servers end a turn of tool calls with a plain stop.
        if calls and finish is FinishReason.STOP:
            finish = FinishReason.TOOL_CALL
        parts = self._parts(calls)
        text = "".join(part.text for part in parts if isinstance(part, TextPart))
        refusal = "".join(part.text for part in parts if isinstance(part, RefusalPart))
        return LLMResponse(
            content=text or None,
            thinking=_mended("".join(self._thoughts)) or None,
            tool_calls=calls,
            finish_reason=finish,
            usage=usage,
            raw=raw,
            parts=tuple(parts),
            refusal=refusal or None,
            logprobs=tuple(self.logprobs) or None,
            provider=self.provider,
            model=self.model,
            request_id=self.request_id,
            response_id=self.response_id,
            raw_finish_reason=self._raw_finish,
            dropped=self.dropped,
        )

    def _parts(self, calls: list[ToolCallResult]) -> list[ContentPart]:
        parts: list[ContentPart] = []
        signed = any(isinstance(mark, ReasoningPart) for _, mark in self._marks)
        if self._thoughts and not signed:
            thinking = _mended("".join(self._thoughts))
            parts.append(ReasoningPart(text=thinking, provider=self.provider, model=self.model))
        done, following = 0, iter(calls)
        for count, mark in [*self._marks, (len(self._texts), _TextEnd())]:
            text, done = _mended("".join(self._texts[done:count])), count
            end = mark if isinstance(mark, _TextEnd) else _TextEnd()
            # Without text there may still be a signature, which some models send by itself.
            if text or end.citations or end.signature:
                parts.append(TextPart(text=text, citations=end.citations, signature=end.signature))
            if isinstance(mark, _OpenCall):
                parts.append(ToolCallPart.of(next(following)))
            elif isinstance(mark, _Refusal):
                parts.append(RefusalPart(text=_mended("".join(self._refusals))))
            elif not isinstance(mark, _TextEnd):
                parts.append(mark)
        return parts

    def _mark(self, mark: _Mark) -> None:
        self._marks.append((len(self._texts), mark))

    def _add_call(self, delta: StreamDelta) -> None:
        call = self._find_call(delta)
        if call is None:
            call = _OpenCall(delta.tool_call_index, delta.tool_call_id or "", "")
            self._calls.append(call)
            self._mark(call)
            self._index(call, None)
            self._index(call, call.id or None)
        if delta.tool_call_id and not call.id:
            call.id = delta.tool_call_id
            self._index(call, call.id)
        if delta.tool_call_name and not call.name:
            call.name = delta.tool_call_name
        if delta.tool_call_args_fragment:
            call.pieces.append(delta.tool_call_args_fragment)

    def _find_call(self, delta: StreamDelta) -> _OpenCall | None:
        """The open call that a piece belongs to; None when the piece opens a new one."""
        index, call_id = delta.tool_call_index, delta.tool_call_id
        named = self._latest.get((call_id, index)) if call_id else None
        if named is not None:
            return named
        # Some servers send every call of a turn under index 0, others send no index at all.
        near = self._latest.get((None, index))
        return None if near is None or near.is_left_by(delta) else near

    def _index(self, call: _OpenCall, call_id: str | None) -> None:
        self._latest[call_id, None] = self._latest[call_id, call.index] = call


def _mended(text: str) -> str:
    """The text with surrogate pairs joined that the server cut in two; lone halves become U+FFFD."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text
