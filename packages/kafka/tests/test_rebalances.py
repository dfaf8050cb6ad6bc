"""Listeners are told in order of what comes and goes, and none can spoil a rebalance."""

from collections.abc import Collection
from typing import Any

from confluent_kafka import TopicPartition

from racto.kafka.rebalances import Rebalances


class Listener:
    """Writes down what it is told."""

    def __init__(self, told: list[Any], name: str = "", error: Exception | None = None) -> None:
        self._told = told
        self._name = name
        self._error = error

    def assigned(self, places: tuple[Any, ...]) -> None:
        self._note("assigned", places)

    def revoked(self, places: tuple[Any, ...]) -> None:
        self._note("revoked", places)

    def lost(self, places: tuple[Any, ...]) -> None:
        self._note("lost", places)

    def _note(self, what: str, places: tuple[Any, ...]) -> None:
        self._told.append((self._name, what, places))
        if self._error is not None:
            raise self._error


PLACES = [TopicPartition("t", 0), TopicPartition("u", 3)]
PAIRS = (("t", 0), ("u", 3))


def test_listeners_are_told_in_order_after_kept_messages_are_forgotten() -> None:
    told: list[Any] = []

    def forget(places: Collection[Any]) -> None:
        told.append(("forgotten", places))

    rebalances = Rebalances(forget)
    rebalances.add(Listener(told, "a"))
    rebalances.add(Listener(told, "b"))
    for call in (rebalances.on_assign, rebalances.on_revoke, rebalances.on_lost):
        call(None, PLACES)
    assert told == [
        event
        for what in ("assigned", "revoked", "lost")
        for event in (("forgotten", PAIRS), ("a", what, PAIRS), ("b", what, PAIRS))
    ]
    assert rebalances.has_begun


def test_a_round_that_changes_nothing_is_not_told() -> None:
    told: list[Any] = []
    rebalances = Rebalances(told.append)
    rebalances.add(Listener(told))
    rebalances.on_assign(None, [])
    assert told == []
    assert rebalances.has_begun


def test_what_a_listener_raises_is_kept_and_the_next_one_is_told() -> None:
    told: list[Any] = []
    rebalances = Rebalances(lambda _: None)
    error = KeyError("mine")
    rebalances.add(Listener(told, "a", error))
    rebalances.add(Listener(told, "b"))
    rebalances.on_revoke(None, PLACES)
    assert [name for name, _, _ in told] == ["a", "b"]
    assert rebalances.errors == [error]
