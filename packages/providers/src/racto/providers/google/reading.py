"""Bodies and events of Google's protocols, read as JSON; every other shape is an error."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

from racto.core.errors import InvalidResponseError, StreamTruncatedError
from racto.core.stream import StreamChunk
from racto.providers.connections.failures import Translator
from racto.providers.connections.payloads import SHAPE_ERRORS, load_event


class Assembling(Protocol):
    """What takes the events of one protocol in."""

    @property
    def request_id(self) -> str | None:
        """Google's id of the request."""
        ...

    @property
    def is_done(self) -> bool:
        """Whether the stream's terminal event has come."""
        ...

    def take(self, data: Mapping[str, Any]) -> Sequence[StreamChunk]:
        """Take one event; the chunks it makes."""
        ...

    def final(self) -> StreamChunk:
        """The final chunk."""
        ...

    def cut(self, why: str) -> StreamTruncatedError:
        """The truncation error with what had arrived."""
        ...


class EventAssembler:
    """Assembles one stream.

    Args:
        assembly: Takes the events.
        translator: Makes the errors.
    """

    def __init__(self, assembly: Assembling, translator: Translator) -> None:
        self._assembly = assembly
        self._translator = translator

    @property
    def is_done(self) -> bool:
        """Whether the stream's terminal event has come."""
        return self._assembly.is_done

    def push(self, event: str) -> Sequence[StreamChunk]:
        """Take one event; the chunks it makes, none when it adds nothing.

        Raises:
            RactoGatewayError: If the event reports an error, whatever the HTTP status was, or a
                blocked prompt.
            InvalidResponseError: If the event is no reply of this API.
        """
        if event.startswith("[DONE]"):
            return ()
        request_id = self._assembly.request_id
        data = load_event(event, self._translator, request_id)
        with reading(event, self._translator, request_id):
            return self._assembly.take(data)

    def final(self) -> StreamChunk:
        """The final chunk.

        Raises:
            StreamTruncatedError: If no finish reason came.
            InvalidResponseError: If the pieces make no reply.
        """
        with reading("", self._translator, self._assembly.request_id):
            return self._assembly.final()

    def cut(self, why: str) -> StreamTruncatedError:
        """The truncation error with what had arrived."""
        return self._assembly.cut(why)


@contextmanager
def reading(text: str | bytes, translator: Translator, request_id: str | None) -> Iterator[None]:
    """Read what came; whatever is not as the protocol has it becomes an error.

    Args:
        text: What came, to be shown in the error.
        translator: Makes the errors.
        request_id: Google's id of the request.

    Raises:
        InvalidResponseError: If it has another shape.
    """
    try:
        yield
    except SHAPE_ERRORS as error:
        why = f"the reply has another shape than Gemini's ({error!r})"
        raise invalid(why, text, translator, request_id) from error


def invalid(
    why: str, text: str | bytes, translator: Translator, request_id: str | None
) -> InvalidResponseError:
    """The error for what is no reply of this API.

    Args:
        why: What is wrong with it.
        text: What came, to be shown in the error.
        translator: Makes the errors.
        request_id: Google's id of the request.
    """
    body = text.encode("utf-8", "replace") if isinstance(text, str) else text
    return translator.invalid(why, body=body, request_id=request_id)
