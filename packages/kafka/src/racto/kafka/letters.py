"""Dead letters: messages that were given up, with why and from where, and the way back."""

from __future__ import annotations

from dataclasses import dataclass

from racto.core.errors import InvalidResponseError, RactoGatewayError
from racto.core.secrets import redact
from racto.core.telemetry import error_type

from .messages import HeaderValue, KafkaMessage, KafkaPublishRequest

PREFIX = "racto.dead-letter."
"""What the names of a dead letter's own headers begin with."""

_OMITTED = f"{PREFIX}omitted"
_LONGEST_REASON = 1000
_LONGEST_KEY = 1000
_FACTS = ("error-type", "error-message", "attempts", "topic", "partition", "offset", "timestamp")


@dataclass(frozen=True, kw_only=True, slots=True)
class DeadLetter:
    """A message that was given up, as its dead letter tells.

    Attributes:
        topic: Where the message stood.
        partition: Its partition there.
        offset: Its offset there.
        timestamp_ms: Its time in milliseconds since 1970; None when it had none.
        error_type: Class of the error, or the HTTP status.
        error_message: What the error said, without secrets, at most 1,000 characters.
        attempts: How often its handler was called; 0 for a message that could not be read.
        key: Its key in bytes.
        value: Its value in bytes, as it came.
        headers: Its own headers.
        omitted: What of it did not fit into the letter, such as ``value``; its own topic has it
            until it is deleted there.
    """

    topic: str
    partition: int
    offset: int
    timestamp_ms: int | None
    error_type: str
    error_message: str
    attempts: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, HeaderValue], ...] = ()
    omitted: tuple[str, ...] = ()

    def again(self) -> KafkaPublishRequest:
        """The message as it was, to be published to its topic once more.

        Whoever can write to the dead-letter topic chooses that topic: look at it first.

        Raises:
            InvalidResponseError: If not all of the message is in the letter.
        """
        if self.omitted:
            raise InvalidResponseError(
                f"the dead letter lacks {', '.join(self.omitted)} of its message; read it from "
                f"{self.topic}, partition {self.partition}, offset {self.offset}",
                provider="kafka",
                retryable=False,
            )
        return KafkaPublishRequest(
            topic=self.topic, value=self.value, key=self.key, headers=list(self.headers)
        )


def dead_letter(
    message: KafkaMessage, error: Exception, *, topic: str, attempts: int
) -> KafkaPublishRequest:
    """What to publish for a message that is given up: its bytes, and the error in headers.

    Args:
        message: The message. Should it be a dead letter itself, the older facts are replaced.
        error: Why it is given up.
        topic: The dead-letter topic.
        attempts: How often its handler was called.
    """
    time = message.timestamp_ms
    facts = (
        error_type(error),
        reason_of(error),
        str(attempts),
        message.topic,
        str(message.partition),
        str(message.offset),
        None if time is None else str(time),
    )
    own = _own_headers(message)
    # Names are repeated in each letter, so that other tools can filter by them.
    told: list[tuple[str, HeaderValue]] = [
        (PREFIX + name, value) for name, value in zip(_FACTS, facts, strict=True)
    ]
    if own is None:
        told.append((_OMITTED, "headers"))
    return KafkaPublishRequest(
        topic=topic, value=message.raw_value, key=message.raw_key, headers=[*(own or ()), *told]
    )


def shortened(letter: KafkaPublishRequest) -> KafkaPublishRequest:
    """A dead letter without what makes it large: where the message is, and why it is given up.

    With the error beside it a message of the largest size fits into no record, and must not be
    able to stop a stream.

    Args:
        letter: What :func:`dead_letter` made.
    """
    key = letter.key if len(letter.key or b"") <= _LONGEST_KEY else None
    facts = [pair for pair in letter.headers or () if pair[0].startswith(PREFIX)]
    told = [pair for pair in facts if pair[0] != _OMITTED]
    omitted = "value headers" if key is letter.key else "key value headers"
    return letter.model_copy(
        update={"value": None, "key": key, "headers": [*told, (_OMITTED, omitted)]}
    )


def reason_of(error: Exception) -> str:
    """What an error said, as it may travel: without secrets, at most 1,000 characters of UTF-8."""
    # Half a surrogate pair, which a text of JSON may hold, is none.
    text = str(error).encode(errors="backslashreplace").decode()
    return redact(text)[:_LONGEST_REASON]


def read_dead_letter(message: KafkaMessage) -> DeadLetter:
    """The facts of a dead letter.

    Args:
        message: A message of a dead-letter topic.

    Raises:
        InvalidResponseError: If it is no dead letter of racto's; names the header.
    """
    time = message.header(f"{PREFIX}timestamp")
    return DeadLetter(
        topic=_text(message, "topic"),
        partition=_number(message, "partition"),
        offset=_number(message, "offset"),
        timestamp_ms=None if time is None else _number(message, "timestamp"),
        error_type=_text(message, "error-type"),
        error_message=_text(message, "error-message"),
        attempts=_number(message, "attempts"),
        key=message.raw_key,
        value=message.raw_value,
        headers=tuple(pair for pair in message.headers if not pair[0].startswith(PREFIX)),
        omitted=tuple((message.header(_OMITTED) or "").split()),
    )


def _own_headers(message: KafkaMessage) -> list[tuple[str, HeaderValue]] | None:
    try:
        return [pair for pair in message.headers if not pair[0].startswith(PREFIX)]
    except RactoGatewayError:
        # A name that is no UTF-8; the letter says that they are left out.
        return None


def _text(message: KafkaMessage, name: str) -> str:
    text = message.header(PREFIX + name)
    if text is None:
        raise InvalidResponseError(
            f"{message!r} is no dead letter: it has no header {PREFIX}{name}", provider="kafka"
        )
    return text


def _number(message: KafkaMessage, name: str) -> int:
    text = _text(message, name)
    # int() would take "1_000", and text of any length.
    if not (text.isascii() and text.isdigit() and len(text) < 20):
        raise InvalidResponseError(
            f"{message!r} is no dead letter: its header {PREFIX}{name} holds {text!r:.40}, "
            "which is no number",
            provider="kafka",
        )
    return int(text)
