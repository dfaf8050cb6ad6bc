"""What a provider must bring: a pure wire that shapes requests and replies, and a transport.

A wire never does I/O and a transport never looks into a body, so each is tested alone, and the
flow of a chat is written once for all providers.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias

from racto.core.chat import ChatConfig
from racto.core.errors import RactoGatewayError, StreamTruncatedError
from racto.core.messages import Message
from racto.core.requests import EncodedRequest
from racto.core.responses import LLMResponse
from racto.core.retries import Deadline
from racto.core.stream import StreamChunk


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One call to be made.

    Attributes:
        model: Model to ask.
        messages: The whole conversation: system text, history, tool rounds and repairs.
        config: The caller's settings.
        tool_choice: As in ``ChatConfig``; ``auto`` again once a forced tool has run.
        stream: Whether the reply shall come piece by piece.
    """

    model: str
    messages: Sequence[Message]
    config: ChatConfig
    tool_choice: str = "auto"
    stream: bool = False


WireRequest: TypeAlias = EncodedRequest
"""A request as it goes out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WireReply:
    """A whole reply as it came in, status below 400.

    Attributes:
        body: The bytes of the body.
        request_id: The provider's id of the request.
        headers: Response headers, names in lower case.
    """

    body: bytes
    request_id: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


class Assembler(Protocol):
    """Makes chunks of one stream's events, and the response in the end."""

    @property
    def is_done(self) -> bool:
        """Whether the stream's terminal event has been seen."""
        ...

    def push(self, event: str) -> Sequence[StreamChunk]:
        """Take the data of one event; the chunks it makes, none when it adds nothing.

        Raises:
            RactoGatewayError: If the event reports an error, or is no event of this wire.
        """
        ...

    def final(self) -> StreamChunk:
        """The final chunk.

        Raises:
            StreamTruncatedError: If the terminal signal never came.
        """
        ...

    def cut(self, why: str) -> StreamTruncatedError:
        """The error for a stream that broke off: a truncation that carries what had come."""
        ...


class Wire(Protocol):
    """One wire protocol of a provider, as pure functions."""

    @property
    def provider(self) -> str:
        """Name of the provider, for responses and errors."""
        ...

    def encode(self, turn: Turn) -> WireRequest:
        """Shape a request.

        Raises:
            UnsupportedFeatureError: If the wire cannot carry something, unless the caller's
                ``on_unsupported`` allows to drop it.
        """
        ...

    def decode(self, request: WireRequest, reply: WireReply) -> LLMResponse:
        """Read a whole reply.

        Raises:
            InvalidResponseError: If it is not what the wire's protocol allows.
        """
        ...

    def assembler(self, request: WireRequest, request_id: str | None) -> Assembler:
        """A fresh assembler for one stream."""
        ...


class EventSource(Protocol):
    """The events of one open stream: an iterator over the data of each event.

    Raises its errors from :mod:`racto.core.errors`.

    Attributes:
        deadline: When reading ends with a timeout. Whoever reads lifts it when the first chunk is
            made: a server may send signs of life for ever and never begin its reply.
    """

    deadline: Deadline

    @property
    def request_id(self) -> str | None:
        """The provider's id of the request."""
        ...

    def __iter__(self) -> Iterator[str]: ...

    def __next__(self) -> str: ...

    def close(self, *, drain: bool = False) -> None:
        """Hang up; ``drain`` reads what little is left, so that the connection can be kept."""
        ...


class AsyncEventSource(Protocol):
    """Async twin of :class:`EventSource`."""

    deadline: Deadline

    @property
    def request_id(self) -> str | None:
        """The provider's id of the request."""
        ...

    def __aiter__(self) -> AsyncIterator[str]: ...

    async def __anext__(self) -> str: ...

    async def aclose(self, *, drain: bool = False) -> None:
        """Hang up; ``drain`` reads what little is left, so that the connection can be kept."""
        ...


class Transport(Protocol):
    """Carries requests to a provider and back, and translates all its errors."""

    def send(self, request: WireRequest, deadline: Deadline) -> WireReply:
        """Make one call, without retries."""
        ...

    async def asend(self, request: WireRequest, deadline: Deadline) -> WireReply:
        """Async twin of :meth:`send`."""
        ...

    def open(self, request: WireRequest, deadline: Deadline) -> EventSource:
        """Begin one streamed call, without retries."""
        ...

    async def aopen(self, request: WireRequest, deadline: Deadline) -> AsyncEventSource:
        """Async twin of :meth:`open`."""
        ...

    def refused(
        self, status: int | None, headers: Mapping[str, str], body: bytes
    ) -> RactoGatewayError:
        """The error that a refusal reports which came another way; of unknown status when None."""
        ...

    def close(self) -> None:
        """Give all connections back."""
        ...

    async def aclose(self) -> None:
        """Async twin of :meth:`close`."""
        ...
