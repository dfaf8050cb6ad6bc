"""Where a command reads audit events from: the files that it is given, or a topic."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager

from racto.core.errors import ConfigurationError
from racto.kafka.arguments import connection_of

from .entries import AuditEntry, entries_of
from .progress import watched
from .reading import TopicReader

DEFAULT_TOPIC = "racto.audit"


@contextmanager
def opened(options: argparse.Namespace, *, last: int | None = None) -> Iterator[TopicReader]:
    """A reader of the topic that the options name.

    Args:
        options: The command's.
        last: How many records of each partition to begin with; None for all.
    """
    reader = TopicReader(
        options.topic or DEFAULT_TOPIC,
        connection_of(options),
        extra=dict(options.option),
        last=last,
        stall_s=options.stall,
    )
    try:
        yield reader
    finally:
        reader.close()


def entries(options: argparse.Namespace) -> Iterator[AuditEntry]:
    """All events that the options name, with progress on standard error.

    Raises:
        ConfigurationError: If both files and a topic are named.
    """
    if options.files:
        if options.topic:
            raise ConfigurationError("give files or --topic, not both")
        yield from watched(entries_of(options.files), total=None)
        return
    with opened(options) as reader:
        yield from watched(reader.entries(), total=reader.total)
