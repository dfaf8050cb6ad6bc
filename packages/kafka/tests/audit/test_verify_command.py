"""``racto-kafka audit verify``: its exit codes, and the place of what is wrong."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from racto.kafka import KafkaAuditLogger, KafkaProducerClient
from racto.kafka.cli import main
from racto.testing.kafka import KafkaBroker

from .test_verification import trail

KEY = "0123456789abcdef"


@pytest.fixture
def verify(broker: KafkaBroker, topic: str) -> list[str]:
    return ["audit", "verify", "--brokers", broker.bootstrap_servers, "--topic", topic]


@pytest.fixture
def logged(producer: KafkaProducerClient, topic: str) -> str:
    """A topic with 40 sealed events; returns the link to expect at its end."""
    with KafkaAuditLogger(producer, topic=topic, chain_key=KEY) as audit:
        for number in range(40):
            audit.log(user_id=f"u{number % 7}", model="m", prompt=str(number), response="")
        head = audit.chain_head
    assert head is not None
    return f"{head.chain_id}:{head.sequence}:{head.digest}"


def test_an_intact_topic(
    verify: list[str],
    logged: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("AUDIT_KEY", KEY)
    assert main([*verify, "--key-env", "AUDIT_KEY", "--expect", logged]) == 0
    shown = capsys.readouterr().out
    assert "40 events, 0 of them copies, in 1 chains" in shown
    assert shown.endswith("intact\n")
    assert main([*verify, "--key-env", "AUDIT_KEY", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["intact"] is True


def test_a_topic_with_an_insertion(
    verify: list[str],
    logged: str,
    producer: KafkaProducerClient,
    topic: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("AUDIT_KEY", KEY)
    place = producer.publish(topic, {"user_id": "eve"}, key="eve")
    assert place is not None
    assert main([*verify, "--key-env", "AUDIT_KEY"]) == 3
    assert (
        f"BROKEN, first here: {topic}, partition {place.partition}, offset {place.offset}: "
        in capsys.readouterr().out
    )


def test_a_file_with_a_change(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    events = trail(3)
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"\n".join(events).replace(b'"prompt": "1"', b'"prompt": "7"'))
    assert main(["audit", "verify", str(path), "--json"]) == 3
    first = json.loads(capsys.readouterr().out)["breaks"][0]
    assert (first["kind"], first["place"]) == ("changed", f"{path}, line 2")


def test_what_cannot_be_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = str(tmp_path / "gone.jsonl")
    assert main(["audit", "verify", path]) == 2
    assert main(["audit", "verify", path, "--topic", "t"]) == 2
    assert main(["audit", "verify", path, "--key-env", "NO_SUCH_VARIABLE"]) == 2
    told = capsys.readouterr().err
    assert "cannot be read" in told
    assert "give files or --topic, not both" in told
    assert "NO_SUCH_VARIABLE" in told
