"""Takes records from librdkafka, deserialises them, and keeps what nobody has taken yet."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from typing import Any

from pydantic_core import from_json

from racto.core.errors import ConfigurationError, InvalidResponseError, RactoGatewayError

from .failures import PROVIDER, failure, name_of
from .messages import UNREAD, KafkaMessage, Offsets, Place
from .serialisers import json_value, key_text

# Another thread that closes the consumer waits for no more than one slice of a poll.
_SLICE_SECONDS = 0.2

# With nothing to wait for, a loop of polls would take a whole core.
_LEAST_SECONDS = 0.0011

_NO_ERRORS = frozenset(("_PARTITION_EOF", "NO_ERROR"))


class Inbox:
    """The way of records out of librdkafka.

    Args:
        client: A consumer of confluent-kafka, or what has its ``consume``.
        key: Bytes to keys, given bytes and topic; None for text.
        value: Bytes to values, given bytes and topic; None for JSON.
    """

    def __init__(
        self,
        client: Any,
        *,
        key: Callable[[Any, str], Any] | None = None,
        value: Callable[[Any, str], Any] | None = None,
    ) -> None:
        self._client = client
        self._key = key
        self._value = value
        self._kept: deque[KafkaMessage] = deque()
        self._errors: deque[RactoGatewayError] = deque()
        self._owed: deque[Exception] = deque()
        self._gone: set[Place] = set()
        self._lock = threading.RLock()
        self._is_closing = False

    def take(self, most: int, seconds: float) -> list[KafkaMessage]:
        """Wait for a first message, and return it with what else is there.

        Args:
            most: Most messages to return.
            seconds: Most seconds to wait.

        Raises:
            RactoGatewayError: If librdkafka reports an error that it does not mend by itself;
                messages that came before it have been returned first.
            Exception: What :meth:`keep_error` kept.
            ConfigurationError: If ``most`` is not positive, or ``seconds`` is negative.
        """
        if most < 1 or seconds < 0:
            raise ConfigurationError(
                f"poll: max_records must be 1 or more, not {most}; timeout_ms 0 or more, not "
                f"{seconds * 1000:g}"
            )
        with self._lock:
            if self._owed:
                raise self._owed.popleft()
            if self._kept:
                return [self._kept.popleft() for _ in range(min(most, len(self._kept)))]
            if self._errors:
                raise self._errors.popleft()
            messages = self._read(self._waited(max(seconds, _LEAST_SECONDS)), most)
            if self._errors and not messages:
                raise self._errors.popleft()
            return messages

    def keep(self, messages: Collection[KafkaMessage]) -> None:
        """Take back messages that did not reach the caller; the next :meth:`take` has them."""
        with self._lock:
            self._kept.extendleft(reversed(tuple(messages)))

    def keep_error(self, error: Exception) -> None:
        """Take back an error that did not reach the caller; the next :meth:`take` raises it."""
        with self._lock:
            self._owed.append(error)

    def drop(self, places: Collection[Place]) -> None:
        """Forget messages of partitions that were taken away, or read from elsewhere."""
        with self._lock:
            self._gone.update(places)
            self._kept = deque(m for m in self._kept if m.place not in places)

    def starts(self) -> Offsets:
        """Of each partition with kept messages, the offset of the first."""
        with self._lock:
            starts: dict[Place, int] = {}
            for message in self._kept:
                starts.setdefault(message.place, message.offset)
            return starts

    @contextmanager
    def closing(self) -> Iterator[None]:
        """End the poll that runs, and let no other begin."""
        self._is_closing = True
        with self._lock:
            yield

    def _waited(self, seconds: float) -> list[Any]:
        """The first record, or nothing when the time is up."""
        end = time.monotonic() + seconds
        while not self._is_closing:
            left = end - time.monotonic()
            if left <= 0:
                break
            # The client counts in whole milliseconds, and the rest of one would be none at all.
            wait = max(_LEAST_SECONDS, min(left, _SLICE_SECONDS))
            if found := self._consumed(1, wait):
                return found
        return []

    def _read(self, records: list[Any], most: int) -> list[KafkaMessage]:
        if records and most > 1:
            self._gone.clear()
            others = self._consumed(most - 1, 0)
            if self._gone:
                # Partitions moved just now, inside of that call.
                records = [r for r in records if (r.topic(), r.partition()) not in self._gone]
            records += others
        if self._key is self._value is None:
            return self._json_messages(records)
        messages: list[KafkaMessage] = []
        for record in records:
            error = record.error()
            if error is None:
                messages.append(self._message(record))
            else:
                self._note(error, record)
        return messages

    def _json_messages(self, records: list[Any]) -> list[KafkaMessage]:
        # The way of most messages: each call that is left out is a tenth of the whole.
        messages: list[KafkaMessage] = []
        append, make, kind = messages.append, KafkaMessage.__new__, KafkaMessage
        for record in records:
            error = record.error()
            if error is not None:
                self._note(error, record)
                continue
            value, problem = record.value(), None
            try:
                if value is not None:
                    value = from_json(value)
            except ValueError as broken:
                problem = _undeserialisable(record, broken)
            message = make(kind)
            message._record, message._value = record, value
            message._key, message._error = UNREAD, problem
            append(message)
        return messages

    def _note(self, error: Any, record: Any) -> None:
        if name_of(error) not in _NO_ERRORS:
            self._errors.append(_reported(error, record))

    def _consumed(self, most: int, seconds: float) -> list[Any]:
        try:
            found: list[Any] = self._client.consume(most, seconds)
        except Exception as error:
            self._errors.append(failure(error, "polling"))
            return []
        return found

    def _message(self, record: Any) -> KafkaMessage:
        key, value, topic = record.key(), record.value(), record.topic()
        try:
            # A tombstone has no value to deserialise, and a record without a key no key.
            if value is not None:
                value = (self._value or json_value)(value, topic)
            if key is not None:
                key = (self._key or key_text)(key, topic)
        except Exception as error:
            return KafkaMessage.of(
                record, record.key(), record.value(), error=_undeserialisable(record, error)
            )
        return KafkaMessage.of(record, key, value)


def _undeserialisable(record: Any, error: Exception) -> RactoGatewayError:
    place = f"{record.topic()}, partition {record.partition()}, offset {record.offset()}"
    # The text of a parser's error may quote the value, which may be anybody's prompt.
    found = InvalidResponseError(
        f"the message at {place} cannot be deserialised ({type(error).__name__}); its bytes are "
        "in raw_key and raw_value",
        provider=PROVIDER,
        retryable=False,
    )
    found.__cause__ = error
    return found


def _reported(error: Any, record: Any) -> RactoGatewayError:
    topic, partition = record.topic(), record.partition()
    where = f" {topic!r}, partition {partition}" if topic else ""
    hint = ""
    if name_of(error) == "_AUTO_OFFSET_RESET":
        hint = "; seek() to where to begin, or choose earliest or latest as auto_offset_reset"
    return failure(error, f"reading{where}", hint=hint)
