"""``racto-kafka audit tail``: the latest events, safe to show in a terminal."""

from __future__ import annotations

import json
import signal
import subprocess
import sys

import pytest

from racto.kafka import KafkaAuditLogger, KafkaProducerClient
from racto.kafka.cli import main
from racto.testing.kafka import KafkaBroker


@pytest.fixture
def tail(broker: KafkaBroker, topic: str) -> list[str]:
    return ["audit", "tail", "--brokers", broker.bootstrap_servers, "--topic", topic]


def log(producer: KafkaProducerClient, topic: str, *prompts: str) -> None:
    with KafkaAuditLogger(producer, topic=topic) as audit:
        for prompt in prompts:
            audit.log(user_id="ann", model="m-1", prompt=prompt, response="ok")


def test_lines_for_people(
    tail: list[str],
    producer: KafkaProducerClient,
    topic: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    log(producer, topic, "first", "\x1b[31mred", "long " * 40)
    producer.publish(topic, b"no JSON", key="ann")
    assert main([*tail, "--lines", "3"]) == 0
    red, long, stranger = capsys.readouterr().out.splitlines()
    assert red.endswith("ann  m-1  \\x1b[31mred -> ok")
    assert long.endswith("long lo... -> ok")
    assert "offset 3: no event, 7 bytes" in stranger


def test_json_of_one_user(
    tail: list[str],
    producer: KafkaProducerClient,
    topic: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    log(producer, topic, "a", "b")
    assert main([*tail, "--json", "--user", "ann"]) == 0
    assert [json.loads(line)["prompt"] for line in capsys.readouterr().out.splitlines()] == [
        "a", "b",
    ]  # fmt: skip
    assert main([*tail, "--user", "bob"]) == 0
    assert capsys.readouterr().out == ""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT for one process")
def test_following_until_interrupted(
    tail: list[str], producer: KafkaProducerClient, topic: str
) -> None:
    log(producer, topic, "before")
    command = [sys.executable, "-m", "racto.kafka", *tail, "--follow", "--json"]
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        # Shells start background jobs with SIGINT ignored; tests must not inherit that.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    ) as child:
        try:
            assert child.stdout is not None
            assert json.loads(child.stdout.readline())["prompt"] == "before"
            log(producer, topic, "after")
            assert json.loads(child.stdout.readline())["prompt"] == "after"
            child.send_signal(signal.SIGINT)
            assert child.wait(10) == 0
        finally:
            # The block waits for its end, which must come.
            child.kill()
