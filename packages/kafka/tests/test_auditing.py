"""The arguments of the audit commands say what is wrong with them and teach what is right."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime

import pytest

from racto.core.errors import ConfigurationError
from racto.kafka.arguments import make_parser
from racto.kafka.auditing import moment


@pytest.mark.parametrize("command", ["verify", "replay", "tail"])
def test_each_command_teaches(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        make_parser().parse_args(["audit", command, "--help"])
    assert end.value.code == 0
    shown = capsys.readouterr().out
    assert f"racto-kafka audit {command} --topic racto.audit" in shown
    assert "--brokers" in shown


def test_times_are_utc_unless_they_say_otherwise() -> None:
    assert moment("2026-01-31") == datetime(2026, 1, 31, tzinfo=UTC)
    assert moment("2026-01-31T12:00+02:00") == datetime(2026, 1, 31, 10, tzinfo=UTC)
    with pytest.raises(argparse.ArgumentTypeError, match="such as 2026-01-31"):
        moment("yesterday")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["audit", "tail", "--lines", "-1"], "not a whole number"),
        (["audit", "replay", "--since", "soon"], "is not a time"),
        (["audit", "replay", "--to", "a", "--to-topic", "b"], "not allowed with"),
        (["audit"], "required"),
    ],
)
def test_mistakes_are_told(arguments: list[str], told: str) -> None:
    with pytest.raises(ConfigurationError, match=told):
        make_parser().parse_args(arguments)
