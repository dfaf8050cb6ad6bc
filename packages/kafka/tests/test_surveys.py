"""Which partitions there are: by name and by pattern, each once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from confluent_kafka import Consumer, TopicPartition

from racto.core.errors import APIConnectionError, ConfigurationError, NotFoundError
from racto.kafka import KafkaProducerClient, KafkaPublishRequest
from racto.kafka.surveys import lags_of, partitions_of
from racto.testing.kafka import KafkaBroker


@pytest.fixture
def client(broker: KafkaBroker) -> Iterator[Any]:
    made = Consumer(
        {"bootstrap.servers": broker.bootstrap_servers, "group.id": "surveys", "log_level": 0}
    )
    yield made
    made.close()


def test_names_and_patterns_give_each_partition_once(
    client: Any, new_topic: Callable[..., str]
) -> None:
    first, second = new_topic("survey-a", partitions=2), new_topic("survey-b", partitions=1)
    assert partitions_of(client, [first, f"^{first}$", first]) == [(first, 0), (first, 1)]
    found = partitions_of(client, ["^survey-[ab]"])
    assert {(first, 0), (first, 1), (second, 0)} <= set(found)
    assert len(found) == len(set(found))


def test_internal_topics_match_no_pattern(client: Any, broker: KafkaBroker) -> None:
    broker.create_topic("__survey_offsets", partitions=1)
    with pytest.raises(NotFoundError, match="no topic matches"):
        partitions_of(client, ["^__survey"])
    assert partitions_of(client, ["__survey_offsets"]) == [("__survey_offsets", 0)]


def test_what_is_wrong_is_told(client: Any, broker: KafkaBroker) -> None:
    with pytest.raises(ConfigurationError, match=r"'\^\(' is no pattern"):
        partitions_of(client, ["^("])
    broker.create_topic("survey-forbidden", partitions=1)
    broker.fail_topic("survey-forbidden", "UNKNOWN_TOPIC_OR_PART")
    with pytest.raises(NotFoundError, match="survey-forbidden"):
        partitions_of(client, ["survey-forbidden"])
    broker.fail_topic("survey-forbidden", "NO_ERROR")


def test_brokers_that_are_away_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("racto.kafka.surveys._METADATA_SECONDS", 0.3)
    nowhere = Consumer({"bootstrap.servers": "127.0.0.1:1", "group.id": "s", "log_level": 0})
    for topic in ("t", "^t"):
        with pytest.raises(APIConnectionError, match="looking for"):
            partitions_of(nowhere, [topic])
    nowhere.close()


def test_lag_is_what_the_last_fetch_knew(
    client: Any, new_topic: Callable[..., str], new_producer: Callable[..., KafkaProducerClient]
) -> None:
    topic = new_topic("survey-lag")
    new_producer().publish_many(KafkaPublishRequest(topic=topic, value=n) for n in range(3))
    assert lags_of(client, {(topic, 0): 5}) == {}
    client.assign([TopicPartition(topic, 0, 0)])
    assert len(client.consume(1, 10)) == 1
    assert lags_of(client, {(topic, 0): 1}) == {(topic, 0): 2}
    assert lags_of(client, {(topic, 0): 9}) == {(topic, 0): 0}
