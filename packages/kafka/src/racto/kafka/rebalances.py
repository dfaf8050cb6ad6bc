"""Tells those who listen which partitions a consumer got, gives back or has lost."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any, Protocol

from .clients import LOGGER
from .messages import Place


class RebalanceListener(Protocol):
    """Told when partitions come and go, on the thread that polls or closes the consumer."""

    def assigned(self, places: tuple[Place, ...]) -> object:
        """These partitions are the consumer's from now on."""
        ...

    def revoked(self, places: tuple[Place, ...]) -> object:
        """These partitions are about to be taken away; what is handled may still be committed."""
        ...

    def lost(self, places: tuple[Place, ...]) -> object:
        """These partitions may have another owner already; nothing can be committed for them."""
        ...


class Rebalances:
    """The listeners of one consumer, and what librdkafka calls for them.

    What a listener raises is kept until the poll is over: raised inside of librdkafka's callback
    it would leave the rebalance half done.

    Args:
        forget: Called with partitions that are no longer the consumer's.
    """

    def __init__(self, forget: Callable[[Collection[Place]], object]) -> None:
        self._listeners: list[RebalanceListener] = []
        self._forget = forget
        self.errors: list[Exception] = []
        self.has_begun = False

    def add(self, listener: RebalanceListener) -> None:
        """Let somebody listen; listeners are told in the order in which they came."""
        self._listeners.append(listener)

    def on_assign(self, _: Any, partitions: Sequence[Any]) -> None:
        """What librdkafka calls when the consumer gets partitions."""
        self.has_begun = True
        self._tell("assigned", partitions)

    def on_revoke(self, _: Any, partitions: Sequence[Any]) -> None:
        """What librdkafka calls before it takes partitions away."""
        self._tell("revoked", partitions)

    def on_lost(self, _: Any, partitions: Sequence[Any]) -> None:
        """What librdkafka calls when partitions may have another owner already."""
        self._tell("lost", partitions)

    def _tell(self, what: str, partitions: Sequence[Any]) -> None:
        places = tuple((each.topic, each.partition) for each in partitions)
        # A cooperative group's round may change nothing for this member.
        if not places:
            return
        self._forget(places)
        for listener in self._listeners:
            try:
                getattr(listener, what)(places)
            except Exception as error:
                LOGGER.exception("a listener to rebalances raised")
                self.errors.append(error)
