"""What goes into Kafka and comes out of it: requests, receipts and messages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeAlias

from pydantic import BaseModel, ConfigDict, Field

from racto.core.errors import InvalidResponseError, RactoGatewayError

from .serialisers import key_text

Place: TypeAlias = tuple[str, int]
"""A topic and one of its partitions."""

Offsets: TypeAlias = Mapping[Place, int]
"""An offset for each partition; of a commit it is the next one to read."""

HeaderValue: TypeAlias = str | bytes | None
"""What a header may hold; text travels as UTF-8."""

Headers: TypeAlias = Mapping[str, HeaderValue] | Sequence[tuple[str, HeaderValue]]
"""Headers to send; pairs when a name comes twice or the order counts."""


class KafkaPublishRequest(BaseModel):
    """One record to publish.

    Attributes:
        topic: Where it goes.
        value: What the value serialiser takes; None deletes the key on a compacted topic.
        key: Records of one key go to one partition, in order.
        headers: Facts beside the value.
        partition: The partition; None lets the key decide, or spreads records without one.
        timestamp_ms: Milliseconds since 1970; None for now.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    topic: str = Field(min_length=1)
    value: Any = None
    key: Any = None
    headers: Headers | None = None
    partition: int | None = Field(default=None, ge=0)
    timestamp_ms: int | None = Field(default=None, gt=0)


class KafkaProduceResult(BaseModel):
    """Where a delivered record is.

    Attributes:
        topic: Its topic.
        partition: Its partition.
        offset: Its offset; -1 when the broker was asked for no acknowledgement.
        timestamp_ms: Its time in milliseconds since 1970; None when the broker told none.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    topic: str
    partition: int
    offset: int
    timestamp_ms: int | None = None


class _Record:
    """A record that no broker sent, in the shape of those that one did."""

    __slots__ = ("_facts",)

    def __init__(self, *facts: Any) -> None:
        self._facts = facts

    def topic(self) -> Any:
        return self._facts[0]

    def partition(self) -> Any:
        return self._facts[1]

    def offset(self) -> Any:
        return self._facts[2]

    def key(self) -> Any:
        return self._facts[3]

    def value(self) -> Any:
        return self._facts[4]

    def headers(self) -> Any:
        return self._facts[5]

    def timestamp(self) -> Any:
        return self._facts[6]


class _Headless(_Record):
    """A record whose headers cannot be read."""

    __slots__ = ()

    def headers(self) -> Any:
        raise self._facts[5]


UNREAD: Final = object()
"""In place of a key that is decoded when somebody asks for it."""


class KafkaMessage:
    """One record as it was read; it cannot be changed.

    Its facts are fetched from librdkafka's record when they are asked for, which is what keeps a
    poll of thousands of messages cheap.

    Args:
        topic: Its topic.
        partition: Its partition.
        offset: Its offset there.
        key: Its key, deserialised; None when it has none.
        value: Its value, deserialised; None is a tombstone.
        headers: Its headers as pairs, in order.
        timestamp_ms: Its time in milliseconds since 1970, if it has one.
        error: Why key or value could not be deserialised.
    """

    __slots__ = ("_error", "_key", "_record", "_value")

    def __init__(
        self,
        *,
        topic: str,
        partition: int,
        offset: int,
        key: Any = None,
        value: Any = None,
        headers: Headers | None = None,
        timestamp_ms: int | None = None,
        error: RactoGatewayError | None = None,
    ) -> None:
        pairs = list(headers.items()) if isinstance(headers, Mapping) else list(headers or ())
        time = (1, timestamp_ms) if timestamp_ms is not None else (0, -1)
        self._record: Any = _Record(topic, partition, offset, key, value, pairs, time)
        self._key, self._value, self._error = key, value, error

    @classmethod
    def of(
        cls, record: Any, key: Any, value: Any, *, error: RactoGatewayError | None = None
    ) -> KafkaMessage:
        """Wrap a record of librdkafka.

        Args:
            record: A ``confluent_kafka.Message``, or what has its methods.
            key: Its key, deserialised; :data:`UNREAD` to read it as text when it is asked for.
            value: Its value, deserialised.
            error: Why one of the two is still as it came.
        """
        # Once a message: the constructor would build what librdkafka's record holds already.
        message = cls.__new__(cls)
        message._record, message._key, message._value = record, key, value
        message._error = error
        return message

    @property
    def topic(self) -> str:
        """The topic that it was read from."""
        topic: str = self._record.topic()
        return topic

    @property
    def partition(self) -> int:
        """Its partition."""
        partition: int = self._record.partition()
        return partition

    @property
    def offset(self) -> int:
        """Its place within the partition, counted from 0."""
        offset: int = self._record.offset()
        return offset

    @property
    def place(self) -> Place:
        """Its topic and partition, as offsets are keyed."""
        return self._record.topic(), self._record.partition()

    @property
    def key(self) -> Any:
        """Its key, deserialised; the bytes when that failed; None when it has none."""
        if self._key is UNREAD:
            data = self._record.key()
            self._key = None if data is None else key_text(data, "")
        return self._key

    @property
    def value(self) -> Any:
        """Its value, deserialised; the bytes when that failed; None is a tombstone."""
        return self._value

    @property
    def error(self) -> RactoGatewayError | None:
        """Why key or value is still in bytes; None when both were understood."""
        return self._error

    @property
    def raw_key(self) -> Any:
        """Its key as it came, in bytes."""
        return self._record.key()

    @property
    def raw_value(self) -> Any:
        """Its value as it came, in bytes."""
        return self._record.value()

    @property
    def headers(self) -> tuple[tuple[str, HeaderValue], ...]:
        """Its headers as pairs, in order; a name may come twice, and a value may be None.

        Raises:
            InvalidResponseError: If a name is not UTF-8, which Kafka's own clients cannot send.
        """
        try:
            return tuple(self._record.headers() or ())
        except SystemError as error:
            # The client raises that once, and then returns a list with holes in it that can crash
            # the interpreter: it must not be asked again.
            self._record = _headless(self._record)
            raise self._record._facts[5] from error

    def header(self, name: str) -> str | None:
        """The last header of a name as text; None when there is none, or it holds nothing.

        Bytes that are no UTF-8 become replacement characters; :attr:`headers` has them whole.
        """
        found = [value for key, value in self.headers if key == name]
        last = found[-1] if found else None
        return last.decode(errors="replace") if isinstance(last, bytes) else last

    @property
    def timestamp_ms(self) -> int | None:
        """Its time in milliseconds since 1970; None when it has none."""
        kind, time = self._record.timestamp()
        return time if kind else None

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, KafkaMessage):
            return NotImplemented
        return self._facts() == other._facts()

    def __hash__(self) -> int:
        return hash((self.topic, self.partition, self.offset))

    def __repr__(self) -> str:
        # The value may be anybody's prompt, and reprs end up in logs.
        return (
            f"KafkaMessage(topic={self.topic!r}, partition={self.partition}, "
            f"offset={self.offset}, error={self._error!r})"
        )

    def _facts(self) -> tuple[Any, ...]:
        place = (self.topic, self.partition, self.offset, self.timestamp_ms)
        return (*place, self.key, self._value, self.headers)


def _headless(record: Any) -> _Headless:
    topic, partition, offset = record.topic(), record.partition(), record.offset()
    error = InvalidResponseError(
        f"a header of the message at {topic}, partition {partition}, offset {offset} has a name "
        "that is not UTF-8",
        provider="kafka",
        retryable=False,
    )
    facts = (topic, partition, offset, record.key(), record.value(), error, record.timestamp())
    return _Headless(*facts)
