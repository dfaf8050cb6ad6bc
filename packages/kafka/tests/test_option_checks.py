"""Unknown options are refused with the name that was meant."""

from __future__ import annotations

import pytest
from pydantic import SecretStr

from racto.kafka.config import KafkaConsumerConfig, KafkaProducerConfig
from racto.kafka.option_checks import checked_extra


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("queue.buffering.max.mesages", "did you mean 'queue.buffering.max.messages'"),
        ("delivery_timeout_ms", "did you mean 'delivery.timeout.ms'"),
        ("linger.ms", "is set by linger_ms"),
        ("linger_ms", "is set by linger_ms"),
        ("request.required.acks", "is set by acks"),
        ("group.id", "an option of consumers"),
        ("delivery.report.only.error", "cannot be changed"),
        ("plugin.some.paths", "runs code"),
        ("ssl.engine.location", "runs code"),
        ("sasl.kerberos.kinit.cmd", "runs code"),
        ("ssl.providers", "and nothing else"),
        ("zzzzzzzzzzzz", "is no option of a producer"),
    ],
)
def test_names_are_judged(name: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        checked_extra({name: 1}, role="producer", owned=KafkaProducerConfig.owned)


def test_known_names_pass() -> None:
    given = {
        "isolation.level": "read_committed",
        "stats_cb": print,
        "ssl.providers": "default,legacy",
    }
    assert checked_extra(given, role="consumer", owned=KafkaConsumerConfig.owned) == given


@pytest.mark.parametrize(
    "name",
    [
        "ssl.key.password",
        "ssl.key.pem",
        "ssl.keystore.password",
        "sasl.oauthbearer.client.secret",
        "sasl.oauthbearer.config",
        "sasl.oauthbearer.assertion.private.key.passphrase",
    ],
)
def test_secrets_are_wrapped(name: str) -> None:
    checked = checked_extra({name: "x"}, role="producer", owned={})
    assert checked == {name: SecretStr("x")}
