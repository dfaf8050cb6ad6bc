"""Settings become options that librdkafka takes."""

from __future__ import annotations

import pytest
from confluent_kafka import Consumer, Producer
from pydantic import SecretStr

from racto.kafka.config import KafkaConsumerConfig, KafkaProducerConfig
from racto.kafka.option_names import BOTH, CALLBACKS, CONSUMER, PRODUCER
from racto.kafka.options import consumer_options, producer_options

NOWHERE = "127.0.0.1:1"


def test_the_producer_is_idempotent_where_it_can_be() -> None:
    assert producer_options(KafkaProducerConfig())["enable.idempotence"] is True
    assert producer_options(KafkaProducerConfig(acks="1"))["enable.idempotence"] is False
    assert producer_options(KafkaProducerConfig(retries=0))["enable.idempotence"] is False


def test_secrets_are_opened_for_librdkafka() -> None:
    config = KafkaProducerConfig(
        bootstrap_servers=["a:1", "b:2"],
        security_protocol="SASL_SSL",
        sasl_mechanism="PLAIN",
        sasl_plain_username="u",
        sasl_plain_password=SecretStr("p"),
        extra={"ssl.key.password": "q"},
    )
    options = producer_options(config)
    assert options["bootstrap.servers"] == "a:1,b:2"
    assert (options["sasl.username"], options["sasl.password"]) == ("u", "p")
    assert options["ssl.key.password"] == "q"


def test_a_consumer_without_a_group_is_alone() -> None:
    names = {consumer_options(KafkaConsumerConfig())["group.id"] for _ in range(10)}
    assert len(names) == 10


def test_reset_none_is_librdkafkas_error() -> None:
    options = consumer_options(KafkaConsumerConfig(auto_offset_reset="none", group_id="g"))
    assert options["auto.offset.reset"] == "error"


@pytest.mark.parametrize(
    "extra", [{}, {"group.protocol": "consumer"}, {"heartbeat.interval.ms": 100}]
)
def test_librdkafka_takes_the_consumers_options(extra: dict[str, object]) -> None:
    config = KafkaConsumerConfig(
        bootstrap_servers=NOWHERE, group_id="g", session_timeout_ms=900, extra=extra
    )
    Consumer(consumer_options(config)).close()


def test_librdkafka_takes_the_producers_options() -> None:
    for config in (KafkaProducerConfig(), KafkaProducerConfig(acks="0", retries=0)):
        options = producer_options(config)
        # librdkafka raises for what it does not take, and connects to nobody here.
        Producer({**options, "bootstrap.servers": NOWHERE, "log_level": 0})


@pytest.mark.parametrize("name", sorted(BOTH | PRODUCER | CONSUMER))
def test_every_known_name_is_librdkafkas(name: str) -> None:
    with pytest.raises(Exception) as caught:  # noqa: PT011 - librdkafka's own
        Producer({"bootstrap.servers": NOWHERE, "log_level": 0, name: "\x01", "no.such": 1})
    # An option that is known may dislike its value; one that is not says so.
    assert f'No such configuration property: "{name}"' not in str(caught.value)
    assert name not in CALLBACKS
