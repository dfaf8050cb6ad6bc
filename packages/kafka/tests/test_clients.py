"""confluent-kafka's clients are made here, take offsets as ours and give them back so."""

from __future__ import annotations

import logging
import subprocess
import sys

import pytest
from confluent_kafka import KafkaError, TopicPartition

from racto.core.errors import ConfigurationError, PermissionDeniedError
from racto.kafka.clients import (
    both,
    contained,
    known,
    new_consumer,
    new_producer,
    partitions,
    positions,
)


@pytest.mark.parametrize("make", [new_producer, new_consumer], ids=["producer", "consumer"])
def test_a_refused_option_is_a_matter_of_configuration(make: object) -> None:
    assert callable(make)
    with pytest.raises(ConfigurationError, match=r"no\.such\.option"):
        make({"bootstrap.servers": "127.0.0.1:1", "group.id": "g", "no.such.option": 1})


def test_places_become_the_clients_and_back() -> None:
    given = {("a", 0): 5, ("b", 3): 0}
    assert known(positions(given)) == given
    assert [(each.topic, each.partition) for each in partitions(given)] == list(given)
    # An offset that is not given is one of librdkafka's marks, and no offset.
    assert known(partitions(given)) == {}


def test_a_partition_that_was_refused_raises() -> None:
    refused = TopicPartition("a", 1, 5)

    class Refused:
        topic, partition, offset = refused.topic, refused.partition, refused.offset
        error = KafkaError(KafkaError.TOPIC_AUTHORIZATION_FAILED)

    with pytest.raises(PermissionDeniedError, match="asking for 'a', partition 1"):
        known([Refused()])  # type: ignore[list-item]


def test_two_callbacks_are_one() -> None:
    told: list[tuple[str, object]] = []

    def ours(given: object) -> None:
        told.append(("ours", given))

    both(ours, lambda given: told.append(("theirs", given)))(1)
    assert told == [("ours", 1), ("theirs", 1)]
    assert both(ours, None) is ours


def test_a_contained_callback_only_logs(caplog: pytest.LogCaptureFixture) -> None:
    def bad(given: object) -> None:
        raise RuntimeError(given)

    contained(bad)(1)
    assert caplog.messages == ["a callback of the producer raised"]


def test_a_failed_attempt_to_connect_is_not_logged_twice(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.WARNING):
        logging.getLogger("racto.kafka.librdkafka").warning("FAIL [c]: Connection refused")
        logging.getLogger("racto.kafka.librdkafka").warning("FENCED [c]: another one came")
    assert caplog.messages == ["FENCED [c]: another one came"]


def test_the_library_is_loaded_with_the_first_client() -> None:
    program = "import sys, racto.kafka.producer, racto.kafka.consumer; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert b"confluent_kafka" not in done.stdout
