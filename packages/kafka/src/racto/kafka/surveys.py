"""Looks up which partitions there are, and how much of them is still to be read."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from racto.core.errors import ConfigurationError, NotFoundError

from .clients import partitions
from .failures import PROVIDER, failure, translated
from .messages import Offsets, Place

_METADATA_SECONDS = 10.0


def partitions_of(client: Any, topics: Iterable[str]) -> list[Place]:
    """All partitions that topics have at this moment.

    Args:
        client: A consumer of confluent-kafka.
        topics: Names, and patterns that begin with ``^``; Kafka's internal topics match none.

    Raises:
        NotFoundError: If a topic is not there, or a pattern matches none.
        ConfigurationError: If a pattern is no regular expression.
        RactoGatewayError: If the brokers cannot be reached or refuse.
    """
    found: dict[Place, None] = {}
    for topic in topics:
        names = _matching(client, topic) if topic.startswith("^") else [topic]
        for name in names:
            with translated(f"looking for the partitions of {name!r}"):
                told = client.list_topics(name, timeout=_METADATA_SECONDS).topics[name]
            if told.error is not None:
                raise failure(told.error, f"looking for the partitions of {name!r}")
            # In a dictionary, for a topic may be named and match a pattern too.
            found.update(dict.fromkeys((name, number) for number in told.partitions))
    return list(found)


def _matching(client: Any, pattern: str) -> list[str]:
    try:
        wanted = re.compile(pattern)
    except re.error as error:
        raise ConfigurationError(f"topics: {pattern!r} is no pattern: {error}") from error
    with translated(f"looking for topics that match {pattern!r}"):
        names = client.list_topics(timeout=_METADATA_SECONDS).topics
    matching = [name for name in sorted(names) if wanted.match(name) and name[:2] != "__"]
    if not matching:
        raise NotFoundError(
            f"no topic matches {pattern!r}; create one, or check the pattern", provider=PROVIDER
        )
    return matching


def lags_of(client: Any, positions: Offsets) -> dict[Place, int]:
    """How many messages lie behind positions, as the last fetch of each partition knew it.

    Args:
        client: A consumer of confluent-kafka.
        positions: The next offset to be read in each partition.
    """
    lags: dict[Place, int] = {}
    with translated("asking for the lag"):
        for where in partitions(positions):
            ends = client.get_watermark_offsets(where, timeout=0, cached=True)
            if ends is not None and ends[1] >= 0:
                place = where.topic, where.partition
                lags[place] = max(0, ends[1] - positions[place])
    return lags
