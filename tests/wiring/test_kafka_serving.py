"""``racto-kafka serve`` answers the prompts of a topic with a kit that it finds by its name."""

import time
from collections.abc import Iterator

import pytest

from racto.kafka import (
    KafkaConsumerClient,
    KafkaConsumerConfig,
    KafkaMessage,
    KafkaProducerClient,
    KafkaProducerConfig,
    read_dead_letter,
)
from racto.kafka.cli import main
from racto.testing.kafka import KafkaBroker
from racto.testing.openai import OpenAIServer


@pytest.fixture
def broker() -> Iterator[KafkaBroker]:
    with KafkaBroker() as started:
        for topic in ("prompts", "answers", "prompts.dead"):
            started.create_topic(topic, partitions=1)
        yield started


@pytest.fixture
def producer(broker: KafkaBroker) -> Iterator[KafkaProducerClient]:
    config = KafkaProducerConfig(bootstrap_servers=broker.bootstrap_servers, linger_ms=0)
    with KafkaProducerClient(config=config) as made:
        yield made


def read_all(broker: KafkaBroker, topic: str, count: int) -> list[KafkaMessage]:
    config = KafkaConsumerConfig(
        bootstrap_servers=broker.bootstrap_servers, topics=topic, group_id=f"reader-{topic}",
        auto_offset_reset="earliest",
    )  # fmt: skip
    found: list[KafkaMessage] = []
    end = time.monotonic() + 20
    with KafkaConsumerClient(config=config) as consumer:
        while len(found) < count and time.monotonic() < end:
            found.extend(consumer.poll(timeout_ms=100))
    assert len(found) == count
    return found


def arguments(broker: KafkaBroker, server: OpenAIServer, *more: str) -> list[str]:
    return [
        "serve", "--in", "prompts", "--out", "answers", "--brokers", broker.bootstrap_servers,
        "--model", "gpt-4o-mini", "--base-url", server.url, "--key-env", "A_KEY", *more,
    ]  # fmt: skip


@pytest.mark.parametrize("more", [[], ["--exactly-once", "instance-1"]])
def test_the_command_answers_a_topic(
    more: list[str],
    broker: KafkaBroker,
    producer: KafkaProducerClient,
    openai_server: OpenAIServer,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("A_KEY", "test-key")
    producer.publish("prompts", b"hello", key="a", headers={"correlation": "1"})
    producer.publish("prompts", b'{"user_message": "x", "nonsense": 1}', key="b")
    producer.publish("prompts", {"user_message": "hi", "max_tokens": 20}, key="a")
    options = arguments(broker, openai_server, "--limit", "3", "--system", "be short", *more)
    assert main(options) == 0
    found = read_all(broker, "answers", 3)
    assert sorted(m.key for m in found) == ["a", "a", "b"]
    answers = {m.key: m.value for m in found}
    assert answers["a"]["content"]
    assert answers["a"]["usage"]["output_tokens"] > 0
    assert answers["b"]["error"]["type"] == "BadRequestError"
    assert {m.value["prompt"]["offset"]: m.header("correlation") for m in found} == {
        0: "1", 1: None, 2: None,
    }  # fmt: skip
    letter = read_dead_letter(read_all(broker, "prompts.dead", 1)[0])
    assert (letter.key, letter.attempts) == (b"b", 1)
    assert "nonsense" in letter.error_message
    assert "answered 2 of 3 prompts" in capsys.readouterr().err


def test_a_wrong_key_stops_the_command_and_puts_nothing_aside(
    broker: KafkaBroker,
    producer: KafkaProducerClient,
    openai_server: OpenAIServer,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("A_KEY", "sk-wrong-0123456789")
    producer.publish("prompts", b"hello")
    assert main(arguments(broker, openai_server)) == 2
    told = capsys.readouterr().err
    assert "at offset 0" in told
    assert "0123456789" not in told
    assert "put aside 0" in told


@pytest.mark.parametrize(
    ("option", "word"),
    [("--option=linger.msx=1", "linger.msx"), ("--system-file=missing.txt", "missing.txt")],
)
def test_a_wrong_option_is_one_line(
    option: str,
    word: str,
    broker: KafkaBroker,
    openai_server: OpenAIServer,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("A_KEY", "test-key")
    assert main(arguments(broker, openai_server, option)) == 2
    told = capsys.readouterr().err
    assert word in told
    assert len(told.splitlines()) == 1
