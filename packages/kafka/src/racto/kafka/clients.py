"""The one room that makes confluent-kafka's clients, which are imported when the first is made."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from .failures import failure, translated

if TYPE_CHECKING:
    from confluent_kafka import Consumer, Producer, TopicPartition

    from .messages import Offsets, Place

LOGGER = logging.getLogger("racto.kafka")
"""Where racto says what nobody waits to be told, such as a record that was not delivered."""

_LIBRARY = logging.getLogger("racto.kafka.librdkafka")


def _is_news(line: logging.LogRecord) -> bool:
    # Each failed attempt to connect comes as an error too, and is logged from there, once.
    return not line.getMessage().startswith("FAIL")


_LIBRARY.addFilter(_is_news)


def new_producer(options: Mapping[str, Any]) -> Producer:
    """Make a producer.

    Raises:
        ConfigurationError: If librdkafka refuses an option.
    """
    from confluent_kafka import Producer

    with translated("making a producer"):
        return Producer({"logger": _LIBRARY, **options})


def new_consumer(options: Mapping[str, Any]) -> Consumer:
    """Make a consumer.

    Raises:
        ConfigurationError: If librdkafka refuses an option.
    """
    from confluent_kafka import Consumer

    with translated("making a consumer"):
        return Consumer({"logger": _LIBRARY, **options})


def positions(offsets: Offsets) -> list[TopicPartition]:
    """Offsets as the client takes them."""
    from confluent_kafka import TopicPartition

    return [TopicPartition(topic, part, offset) for (topic, part), offset in offsets.items()]


def partitions(places: Iterable[Place]) -> list[TopicPartition]:
    """Partitions as the client takes them, with no offset."""
    from confluent_kafka import TopicPartition

    return [TopicPartition(topic, partition) for topic, partition in places]


def known(found: Iterable[TopicPartition]) -> dict[Place, int]:
    """The client's partitions as ours, without those that have no offset.

    Raises:
        RactoGatewayError: If the broker refused one of them.
    """
    offsets: dict[Place, int] = {}
    for each in found:
        if each.error is not None:
            raise failure(each.error, f"asking for {each.topic!r}, partition {each.partition}")
        # Below zero are librdkafka's marks for unknown, beginning and end.
        if each.offset >= 0:
            offsets[each.topic, each.partition] = each.offset
    return offsets


def both(
    ours: Callable[[Any], object], theirs: Callable[[Any], object] | None
) -> Callable[[Any], object]:
    """One callback for librdkafka that calls ours and then the user's, if there is one."""
    if theirs is None:
        return ours

    def call(given: Any) -> None:
        ours(given)
        theirs(given)

    return call


def contained(callback: Callable[[Any], object]) -> Callable[[Any], None]:
    """A callback for a producer that raises nothing: no publisher is to meet somebody else's error."""

    def call(given: Any) -> None:
        try:
            callback(given)
        except Exception:
            LOGGER.exception("a callback of the producer raised")

    return call
