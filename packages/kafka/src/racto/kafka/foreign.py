"""Clients of confluent-kafka that the user hands in: checked for what is needed, and called by name."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from racto.core.errors import ConfigurationError

from .deliveries import Report


def by_name(produce: Callable[..., Any]) -> Callable[..., None]:
    """A foreign client's ``produce`` as librdkafka's: options that say nothing are left out."""

    def call(
        topic: str,
        value: Any,
        key: Any,
        partition: int,
        report: Report,
        _: None,
        timestamp: int,
        headers: Any = None,
    ) -> None:
        options: dict[str, Any] = {"partition": partition} if partition >= 0 else {}
        if timestamp:
            options["timestamp"] = timestamp
        if headers is not None:
            options["headers"] = headers
        produce(topic, value=value, key=key, on_delivery=report, **options)

    return call


def checked_client(client: Any, methods: str, what: str) -> Any:
    """The user's own client, if it has what is needed.

    Args:
        client: What the user handed in.
        methods: What it must have, with blanks between.
        what: The parameter's name.

    Raises:
        ConfigurationError: If it has not.
    """
    missing = [name for name in methods.split() if not callable(getattr(client, name, None))]
    if missing:
        raise ConfigurationError(
            f"{what} is a {type(client).__name__} without {', '.join(missing)}; hand in a client "
            "of confluent-kafka, or leave it out"
        )
    # What such a method returns does nothing unless it is awaited, and nobody would notice.
    awaited = [n for n in methods.split() if inspect.iscoroutinefunction(getattr(client, n))]
    if awaited:
        raise ConfigurationError(
            f"{what} is a {type(client).__name__}, whose {', '.join(awaited)} must be awaited; "
            "hand in confluent-kafka's plain client: this one has async methods of its own"
        )
    return client
