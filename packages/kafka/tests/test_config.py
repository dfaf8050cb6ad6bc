"""Settings are checked when they are made, and print no secret."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from racto.kafka import KafkaConsumerConfig, KafkaProducerConfig


def test_defaults_are_the_references() -> None:
    config = KafkaProducerConfig()
    assert (config.acks, config.linger_ms, config.compression_type) == ("all", 5, "gzip")
    assert config.request_timeout_ms == 30_000
    consumer = KafkaConsumerConfig()
    assert (consumer.auto_offset_reset, consumer.enable_auto_commit) == ("latest", False)
    assert (consumer.max_poll_records, consumer.poll_timeout_ms) == (500, 1000)


def test_topics_may_be_one_name() -> None:
    assert KafkaConsumerConfig(topics="a").topics == ("a",)
    assert KafkaConsumerConfig(topics=["a", "b"]).topics == ("a", "b")


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"acks": 5}, "acks"),
        ({"bootstrap_servers": " , "}, "names no broker"),
        ({"bootstrap_servers": []}, "names no broker"),
        ({"linger_ms": -1}, "linger_ms"),
        ({"compression_type": "zip"}, "compression_type"),
        ({"security_protocol": "TLS"}, "security_protocol"),
        ({"sasl_mechanism": "PLAIN"}, "use SASL_SSL"),
        ({"security_protocol": "SASL_SSL", "sasl_plain_username": "u"}, "or neither"),
        ({"nonsense": 1}, "nonsense"),
    ],
)
def test_bad_settings_are_refused(fields: dict[str, object], reason: str) -> None:
    with pytest.raises(ValidationError, match=reason):
        KafkaProducerConfig.model_validate(fields)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"topics": ["a", ""]}, "empty name"),
        ({"enable_auto_commit": True}, "needs a group_id"),
        ({"max_poll_records": 0}, "max_poll_records"),
        ({"auto_offset_reset": "first"}, "auto_offset_reset"),
    ],
)
def test_bad_consumer_settings_are_refused(fields: dict[str, object], reason: str) -> None:
    with pytest.raises(ValidationError, match=reason):
        KafkaConsumerConfig.model_validate(fields)


def test_secrets_do_not_print() -> None:
    config = KafkaProducerConfig.model_validate(
        {
            "security_protocol": "sasl_ssl",
            "sasl_mechanism": "PLAIN",
            "sasl_plain_username": "u",
            "sasl_plain_password": "open-sesame",
            "extra": {"ssl.key.password": "open-sesame", "ssl.ca.location": "/ca"},
        }
    )
    assert "open-sesame" not in f"{config!r} {config} {config.model_dump()} {config.extra}"
    assert config.extra["ssl.ca.location"] == "/ca"


def test_errors_quote_no_input() -> None:
    with pytest.raises(ValidationError) as caught:
        KafkaProducerConfig.model_validate(
            {"sasl_plain_password": "open-sesame", "extra": {"ssl.key.pem": "open-sesame", "x": 1}}
        )
    assert "open-sesame" not in str(caught.value)
