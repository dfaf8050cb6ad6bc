"""What a stream reads: batches, in the group even while it has no room, and again after a failure."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping

from racto.core.flows import Flow, step

from .consumer import KafkaConsumerClient
from .endings import Ending
from .messages import KafkaMessage, Place
from .stream_config import KafkaStreamConfig

_SECONDS_UNPOLLED = 1.0
_PAUSED_POLL_MS = 100


class Intake:
    """Collects messages of a consumer, and keeps those that were read and not taken yet.

    Args:
        consumer: Reads.
        config: Batches and waits.
    """

    def __init__(self, consumer: KafkaConsumerClient, config: KafkaStreamConfig) -> None:
        self._consumer = consumer
        self._config = config
        self._read: list[KafkaMessage] = []
        self._starts: dict[Place, int] = {}

    def collect(self, limit: int, ending: Ending) -> Flow[list[KafkaMessage]]:
        """Read up to ``limit`` messages within the config's waits.

        What a poll has brought is kept when the next one raises or is cancelled; it comes first
        the next time.

        Args:
            limit: Most messages.
            ending: Nothing is waited for any longer when it has begun.
        """
        config = self._config
        end = time.monotonic() + config.max_wait_ms / 1000
        is_lingering = False
        while True:
            if self._read and not is_lingering:
                # From the first message on only the linger counts, and it may be nothing.
                end, is_lingering = min(end, time.monotonic() + config.linger_ms / 1000), True
            left = round((end - time.monotonic()) * 1000)
            most = limit - len(self._read)
            if most > 0:
                try:
                    yield from self._poll(min(config.poll_timeout_ms, max(0, left)), most)
                except Exception:
                    self._give_back()
                    raise
            lingers = config.linger_ms > 0 or not self._read
            is_over = time.monotonic() >= end or not lingers
            if len(self._read) >= limit or is_over or (ending.has_begun and not self._read):
                messages, self._read[:] = self._read[:limit], self._read[limit:]
                return messages

    def wait(
        self, reached: Callable[[], bool], ending: Ending, meanwhile: Callable[[], Flow[None]]
    ) -> Flow[None]:
        """Wait until something is true or the end is over, and stay in the group meanwhile.

        Args:
            reached: What is waited for.
            ending: The end.
            meanwhile: Done again and again when it takes long.
        """
        if (yield from ending.until(reached, _SECONDS_UNPOLLED)) or ending.is_over:
            return
        # Handlers are slow. A consumer that does not poll is thrown out; one that is paused
        # gets nothing when it does.
        consumer = self._consumer
        try:
            while not (reached() or ending.is_over):
                # Each time, for a rebalance brings partitions that are not paused, and these too
                # shall bring no more than there is room for.
                consumer.pause(consumer.assignment())
                yield from self._poll(_PAUSED_POLL_MS, 1)
                yield from meanwhile()
            self._give_back()
        finally:
            consumer.resume(consumer.assignment())

    def drop(self, places: Collection[Place]) -> None:
        """Forget what is known of partitions that are taken away; called inside of polls."""
        # In place, for a collection may be under way.
        self._read[:] = [message for message in self._read if message.place not in places]
        for place in places:
            self._starts.pop(place, None)

    def go_back(self, starts: Mapping[Place, int]) -> None:
        """Read partitions from these offsets again, as soon as :meth:`sought` has run."""
        self.drop(starts)
        self._starts.update(starts)

    def sought(self) -> Flow[None]:
        """Go back to where :meth:`go_back` said.

        Raises:
            RactoGatewayError: If a partition cannot be sought in; it is tried again the next time.
        """
        while self._starts:
            place, offset = next(iter(self._starts.items()))
            # What was taken away meanwhile is read by others, from the group's offset on.
            if place in self._consumer.assignment():
                topic, partition = place
                yield from step(self._consumer.seek, self._consumer.aseek, topic, partition, offset)
            self._starts.pop(place, None)

    def _poll(self, wait_ms: int, most: int) -> Flow[None]:
        consumer = self._consumer
        came = yield from step(consumer.poll, consumer.apoll, timeout_ms=wait_ms, max_records=most)
        self._read.extend(came)

    def _give_back(self) -> None:
        # So that a commit of all that polls have returned does not count them.
        self._consumer._inbox.keep(self._read)
        self._read.clear()
