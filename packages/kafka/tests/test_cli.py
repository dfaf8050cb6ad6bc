"""The command teaches itself, and says in one line what is wrong with its options."""

import subprocess
import sys

import pytest

from racto.kafka.cli import main


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "RACTO_MODEL", "RACTO_KAFKA_BROKERS"):
        monkeypatch.delenv(name, raising=False)


def test_help_shows_a_prompt_an_answer_and_examples(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["serve", "--help"]) == 0
    shown = capsys.readouterr().out
    for word in ('"user_message"', '"finish_reason"', "--exactly-once", "OPENAI_API_KEY=..."):
        assert word in shown
    assert main(["--help"]) == 0
    assert "exit codes" in capsys.readouterr().out
    assert main(["--version"]) == 0


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        ([], "COMMAND"),
        (["serve"], "--in"),
        (["serve", "--in", "a", "--out", "b"], "--model"),
        (["serve", "--in", "a", "--out", "b", "--model", "m"], "OPENAI_API_KEY"),
        (["serve", "--in", "a", "--out", "b", "--model", "m", "--key-env", "NONE"], "NONE"),
        (["serve", "--in", "a", "--out", "b", "--model", "m", "--kit", "nobody"], "nobody"),
        (["serve", "--in", "a", "--out", "b", "--workers", "0"], "--workers"),
        (["serve", "--in", "a", "--out", "b", "--option", "x"], "NAME=VALUE"),
    ],
)
def test_mistakes_are_one_line(
    arguments: list[str], word: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    told = capsys.readouterr().err
    assert told.startswith("racto-kafka: ")
    assert word in told
    assert len(told.splitlines()) == 1


def test_the_module_is_the_command() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "racto.kafka", "--version"],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert done.stdout.startswith("racto-kafka ")
