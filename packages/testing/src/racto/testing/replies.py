"""What a model server shall answer, said once for all providers: words, tool calls and failures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, TypeAlias, get_args

from racto.core.logprobs import TokenLogprob
from racto.core.responses import FinishReason
from racto.core.usage import Usage

from .mistakes import expect, expect_each, expect_headers, expect_seconds

FailureKind: TypeAlias = Literal[
    "bad_request",
    "unauthorized",
    "quota_exhausted",
    "forbidden",
    "not_found",
    "context_overflow",
    "content_filtered",
    "rate_limited",
    "overloaded",
    "server_error",
]
"""What went wrong; each provider has a status, a code and words of its own for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Conduct:
    """How an answer travels; the default is at once, whole and to its end.

    Attributes:
        delay: Seconds before the first byte.
        pause: Seconds between the events of a stream, or between the pieces of a whole body,
            which then goes out in at most 50.
        cut_after: Close the connection after so many events of a stream, or bytes of a body, as
            a server does that dies: no terminal event, no end of the body.
        reset: Reset the connection at the place of the cut (at once without ``cut_after``).
        garbage: Bytes to send instead of HTTP; the connection is closed after them.
        hang_up: Close the connection without an answer, as a server does that was restarted.

    Raises:
        TypeError: If a field has not its type.
        ValueError: If a number is negative or not finite.
    """

    delay: float = 0.0
    pause: float = 0.0
    cut_after: int | None = None
    reset: bool = False
    garbage: bytes = b""
    hang_up: bool = False

    def __post_init__(self) -> None:
        expect_seconds(self, delay=self.delay, pause=self.pause)
        expect(self, "a number of events or bytes", int, type(None), cut_after=self.cut_after)
        expect(self, "True or False", bool, reset=self.reset, hang_up=self.hang_up)
        expect(self, "bytes", bytes, garbage=self.garbage)
        if self.cut_after is not None and self.cut_after < 0:
            raise ValueError(f"Conduct.cut_after takes 0 or more, not {self.cut_after}")


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolCall:
    """A tool that the model asks for.

    Attributes:
        name: Name of the tool.
        arguments: Its arguments; text is sent as it is, so that it may be no JSON.
        id: Id of the call; the server makes one when None, where its protocol has ids.
        signature: Opaque data that must come back with the call (Gemini).

    Raises:
        TypeError: If a field has not its type.
    """

    name: str
    arguments: Mapping[str, Any] | str = field(default_factory=dict)
    id: str | None = None
    signature: str | None = None

    def __post_init__(self) -> None:
        expect(self, "text", str, name=self.name)
        expect(self, "a mapping or text", Mapping, str, arguments=self.arguments)
        expect(self, "text or None", str, type(None), id=self.id, signature=self.signature)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What the model says, for any provider; a server renders it as its own protocol does.

    Attributes:
        text: The words; a sequence gives the pieces of a stream, joined for a whole reply.
        thinking: The model's thinking, in pieces or whole, where the protocol shows it.
        signature: Opaque proof of the thinking, where the protocol has one.
        redacted_thinking: Opaque thinking that the provider hides (Anthropic), a block each.
        tool_calls: Tools that it asks for.
        refusal: Words for why it will not answer.
        citations: Sources of the text, in the provider's own shape.
        finish: Why it stops, also by its word, such as ``"length"``; a tool call or a stop when
            None.
        raw_finish: The provider's own word for it, instead of ``finish``.
        usage: Tokens to report; None reports none.
        logprobs: Log-probabilities of the tokens, sent when they were asked for.
        model: Model to name; the one that was asked when None.
        headers: Headers to add.
        body: Bytes or JSON to send instead of a rendered reply; whole, also to a request for a
            stream, unless there are ``events``.
        events: Data of events to send instead of a rendered stream: text is sent as it is, all
            else as JSON.
        failure_after: A failure that a stream reports after all its pieces, instead of its end.
        conduct: How the answer travels.

    Raises:
        TypeError: If a field has not its type.
        ValueError: If there is no such reason to finish.
    """

    text: str | Sequence[str] | None = None
    thinking: str | Sequence[str] = ""
    signature: str | None = None
    redacted_thinking: Sequence[str] = ()
    tool_calls: Sequence[ToolCall] = ()
    refusal: str | None = None
    citations: Sequence[Mapping[str, Any]] = ()
    finish: FinishReason | None = None
    raw_finish: str | None = None
    usage: Usage | None = Usage(input_tokens=10, output_tokens=5)  # noqa: RUF009 - frozen
    logprobs: Sequence[TokenLogprob] = ()
    model: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    events: Sequence[Any] | None = None
    failure_after: Failure | None = None
    conduct: Conduct = Conduct()

    def __post_init__(self) -> None:
        self._check_words()
        expect_each(self, "ToolCall", ToolCall, tool_calls=self.tool_calls)
        expect_each(self, "mappings", Mapping, citations=self.citations)
        expect_each(self, "TokenLogprob", TokenLogprob, logprobs=self.logprobs)
        expect(self, "a Usage or None", Usage, type(None), usage=self.usage)
        expect(self, "a Failure or None", Failure, type(None), failure_after=self.failure_after)
        expect(self, "a Conduct", Conduct, conduct=self.conduct)
        expect_headers(self, self.headers)
        if self.finish is not None:
            object.__setattr__(self, "finish", _reason(self.finish))
        if self.events is not None and isinstance(self.events, str | bytes | Mapping):
            expect(self, "a sequence of events", list, events=self.events)

    def _check_words(self) -> None:
        for name in ("text", "thinking"):
            value = getattr(self, name)
            if value is not None and not isinstance(value, str):
                expect_each(self, "text", str, **{name: value})
        expect_each(self, "text", str, redacted_thinking=self.redacted_thinking)
        for name in ("signature", "refusal", "raw_finish", "model"):
            expect(self, "text or None", str, type(None), **{name: getattr(self, name)})

    @property
    def pieces(self) -> tuple[str, ...]:
        """The words as a stream sends them."""
        return _pieces(self.text)

    @property
    def thoughts(self) -> tuple[str, ...]:
        """The thinking as a stream sends it."""
        return _pieces(self.thinking)

    @property
    def whole_text(self) -> str | None:
        """The words in one piece; None when there are none."""
        return None if self.text is None else "".join(self.pieces)

    @property
    def is_wordless(self) -> bool:
        """Whether a model says nothing in it, so that it may also answer, say, an embedding."""
        said = (self.pieces, self.thoughts, self.tool_calls, self.refusal, self.events)
        return not any(said)

    @property
    def outcome(self) -> FinishReason:
        """Why the model stops."""
        if self.finish is not None:
            return self.finish
        if self.refusal is not None:
            return FinishReason.REFUSAL
        return FinishReason.TOOL_CALL if self.tool_calls else FinishReason.STOP


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """What goes wrong, for any provider; a server renders it as its own protocol does.

    Attributes:
        kind: What went wrong.
        message: The words; the server's own when empty.
        status: HTTP status instead of the provider's for the kind.
        retry_after: Seconds to wait, or a moment, told in the provider's way.
        limit: Most tokens, for ``context_overflow``.
        count: Tokens that were sent, for ``context_overflow``.
        headers: Headers to add.
        body: Bytes or JSON to send instead of the rendered error.
        conduct: How the answer travels.

    Raises:
        TypeError: If a field has not its type.
        ValueError: If there is no such kind.
    """

    kind: FailureKind = "server_error"
    message: str = ""
    status: int | None = None
    retry_after: float | datetime | None = None
    limit: int | None = None
    count: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    conduct: Conduct = Conduct()

    def __post_init__(self) -> None:
        if self.kind not in get_args(FailureKind):
            kinds = ", ".join(get_args(FailureKind))
            raise ValueError(f"Failure.kind takes one of {kinds}, not {self.kind!r:.80}")
        expect(self, "text", str, message=self.message)
        numbers = {"status": self.status, "limit": self.limit, "count": self.count}
        expect(self, "a whole number or None", int, type(None), **numbers)
        times = (int, float, datetime, type(None))
        expect(self, "seconds, a datetime or None", *times, retry_after=self.retry_after)
        expect(self, "a Conduct", Conduct, conduct=self.conduct)
        expect_headers(self, self.headers)


def _reason(finish: str) -> FinishReason:
    try:
        return FinishReason(finish)
    except ValueError as error:
        reasons = ", ".join(FinishReason)
        raise ValueError(f"Reply.finish takes one of {reasons}, not {finish!r:.80}") from error


def _pieces(text: str | Sequence[str] | None) -> tuple[str, ...]:
    if text is None or text == "":
        return ()
    return (text,) if isinstance(text, str) else tuple(text)
