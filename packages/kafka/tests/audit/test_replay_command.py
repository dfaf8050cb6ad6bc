"""``racto-kafka audit replay``: copies are exact, filtered where asked, and whole or not there."""

from __future__ import annotations

import json
import stat
import sys
from pathlib import Path

import pytest

from racto.kafka import KafkaAuditLogger, KafkaProducerClient
from racto.kafka.cli import main
from racto.testing.kafka import KafkaBroker

from .conftest import Read


@pytest.fixture
def replay(broker: KafkaBroker, producer: KafkaProducerClient, topic: str) -> list[str]:
    with KafkaAuditLogger(producer, topic=topic, chain=True) as audit:
        for number in range(20):
            audit.log(user_id=f"u{number % 4}", model="m", prompt=f"{number}\u2028", response="")
    return ["audit", "replay", "--brokers", broker.bootstrap_servers, "--topic", topic]


def test_a_file_can_be_verified_and_replayed(
    replay: list[str],
    broker: KafkaBroker,
    producer: KafkaProducerClient,
    topic: str,
    read: Read,
    tmp_path: Path,
) -> None:
    path = tmp_path / "a.jsonl"
    producer.publish(topic, None, key="u1")
    assert main([*replay, "--to", str(path)]) == 0
    assert len(path.read_bytes().split(b"\n")) == 21
    if sys.platform != "win32":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert main(["audit", "verify", str(path)]) == 0
    copy = broker.create_topic(f"{topic}-copy", partitions=2)
    brokers = ["--brokers", broker.bootstrap_servers]
    assert main(["audit", "replay", str(path), "--to-topic", copy, *brokers]) == 0
    assert main(["audit", "verify", "--topic", copy, *brokers]) == 0
    assert {event["prompt"] for event in read(copy)} == {f"{n}\u2028" for n in range(20)}


def test_one_users_events_to_a_pipe(
    replay: list[str], capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    assert main([*replay, "--user", "u3", "--since", "2020-01-01"]) == 0
    sys.stdout.flush()
    out, err = capfdbinary.readouterr()
    assert [json.loads(line)["prompt"] for line in out.splitlines()] == [
        f"{number}\u2028" for number in range(3, 20, 4)
    ]
    assert b"5 events written" in err
    assert main([*replay, "--until", "2020-01-01"]) == 0
    assert b"0 events written" in capfdbinary.readouterr().err


def test_a_topic_is_not_copied_into_itself(
    replay: list[str], topic: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*replay, "--to-topic", topic]) == 2
    assert "--to-topic: names the topic that is read" in capsys.readouterr().err


def test_strangers_lines_are_folded(
    tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    from racto.kafka.audit.entries import AuditEntry
    from racto.kafka.audit.replay_command import _one_line

    assert _one_line(AuditEntry("t", 0, 0, None, b'{\n "a": 1}')) == b'{"a":1}'
    with pytest.raises(ValueError, match="t, partition 0, offset 5: is no JSON"):
        _one_line(AuditEntry("t", 0, 5, None, b"a\nb"))


def test_a_failed_copy_leaves_nothing(tmp_path: Path) -> None:
    source = tmp_path / "a.jsonl"
    source.write_text('{"user_id":"u"}\n')
    target = tmp_path / "out" / "b.jsonl"
    assert main(["audit", "replay", str(source), "--to", str(target)]) == 2
    missing = tmp_path / "gone.jsonl"
    assert main(["audit", "replay", str(source), str(missing), "--to", str(tmp_path / "b")]) == 2
    assert [path.name for path in tmp_path.iterdir()] == ["a.jsonl"]
