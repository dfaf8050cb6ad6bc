"""``racto-kafka audit replay``: copies events as they are to a file, a pipe or another topic."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from pydantic_core import from_json, to_json

from racto.core.errors import ConfigurationError
from racto.kafka.arguments import connection_of
from racto.kafka.config import KafkaProducerConfig
from racto.kafka.producer import KafkaProducerClient

from .encoding import key_of
from .entries import AuditEntry, AuditFilter
from .sources import DEFAULT_TOPIC, entries


def perform(options: argparse.Namespace) -> int:
    """Copy what the filters let through; 0 when all of it has arrived."""
    found = _wanted(options)
    if options.to_topic:
        count = _to_topic(options, found)
    elif options.to is None or str(options.to) == "-":
        count = _write(found, sys.stdout.buffer)
    else:
        count = _to_file(options.to, found)
    print(f"{count} events written", file=sys.stderr)  # noqa: T201
    return 0


def _wanted(options: argparse.Namespace) -> Iterator[AuditEntry]:
    chosen = AuditFilter(options.user, since=options.since, until=options.until)
    for entry in entries(options):
        # A tombstone says that somebody deleted something, and has nothing to copy.
        if entry.value and (chosen.is_open or chosen.wants(entry.fields())):
            yield entry


def _write(found: Iterator[AuditEntry], stream: BinaryIO) -> int:
    count = 0
    for entry in found:
        stream.write(_one_line(entry) + b"\n")
        count += 1
    stream.flush()
    return count


def _one_line(entry: AuditEntry) -> bytes:
    """The event in one line: as it is, but where a stranger wrote it over several."""
    if b"\n" not in entry.value:
        return entry.value
    try:
        return to_json(from_json(entry.value))
    except ValueError as error:
        raise ConfigurationError(f"{entry.place}: is no JSON, and has several lines") from error


def _to_file(path: Path, found: Iterator[AuditEntry]) -> int:
    """Write a file beside the wanted one, for its owner alone, and put it in its place whole."""
    if path.exists() and not path.is_file():
        with path.open("wb") as stream:
            return _write(found, stream)
    try:
        handle, name = tempfile.mkstemp(dir=path.absolute().parent, prefix=f".{path.name}.")
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be written: {error.strerror or error}") from error
    part = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            count = _write(found, stream)
            os.fsync(stream.fileno())
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    return count


def _to_topic(options: argparse.Namespace, found: Iterator[AuditEntry]) -> int:
    if not options.files and options.to_topic == (options.topic or DEFAULT_TOPIC):
        raise ConfigurationError("--to-topic: names the topic that is read; name another one")
    config = KafkaProducerConfig(**connection_of(options), extra=dict(options.option))
    count = 0
    with KafkaProducerClient(config=config) as producer:
        # Closing the producer waits for all of them and raises if one did not arrive.
        for entry in found:
            count += 1
            producer.publish(
                options.to_topic, entry.value, key=_key(entry), wait=False, timeout_s=options.stall
            )
    return count


def _key(entry: AuditEntry) -> bytes | None:
    if entry.part >= 0:
        return entry.key
    user = (entry.fields() or {}).get("user_id")
    return key_of(user) or None if isinstance(user, str) else None
