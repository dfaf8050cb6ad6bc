"""The clients of ``racto-kafka serve`` are made for handlers that take their time."""

from typing import Any

import pytest

from racto.core.errors import ConfigurationError
from racto.kafka.arguments import make_parser
from racto.kafka.serve_command import _made, _producer, _settings, _system, make_kit
from racto.kafka.stream_config import KafkaStreamConfig


def options_of(*more: str) -> Any:
    return make_parser().parse_args(["serve", "--in", "a", "--out", "b", *more])


@pytest.mark.parametrize(
    ("option", "expected"), [([], 300_000), (["--option", "transaction.timeout.ms=9000"], "9000")]
)
def test_a_transaction_may_take_as_long_as_a_model(option: list[str], expected: object) -> None:
    with _producer(options_of("--exactly-once", "me", "--brokers", "127.0.0.1:1", *option)) as made:
        assert made.config.extra["transactional.id"] == "me"
        assert made.config.extra["transaction.timeout.ms"] == expected


def test_workers_are_polled_for_and_failures_go_aside() -> None:
    settings = _settings(options_of("--workers", "5", "--attempts", "2", "--drain", "7"))
    assert (settings.workers, settings.batch_size, settings.in_background) == (5, 5, True)
    assert (settings.retry.attempts, settings.drain_timeout_s) == (2, 7.0)
    assert (settings.dead_letter_topic, settings.guarantee) == ("a.dead", "at_least_once")


def test_a_system_text_of_a_file_has_limits(tmp_path: Any) -> None:
    file = tmp_path / "system.txt"
    file.write_bytes(b"\xff")
    with pytest.raises(ConfigurationError, match="UTF-8"):
        _system(options_of("--system-file", str(file)))
    file.write_bytes(b"x" * 1_000_001)
    with pytest.raises(ConfigurationError, match="1,000,001 bytes"):
        _system(options_of("--system-file", str(file)))
    file.write_text("be short")
    assert _system(options_of("--system-file", str(file))) == "be short"


def test_what_a_setting_refuses_is_told_without_its_value() -> None:
    with pytest.raises(ConfigurationError, match="workers") as caught:
        _made(KafkaStreamConfig, workers="hunter2")
    assert "hunter2" not in str(caught.value)


def test_a_key_of_the_environment_goes_to_no_server_of_the_command_line(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-environment")
    asked: list[dict[str, Any]] = []
    monkeypatch.setattr(
        "racto.core.discovery.create", lambda group, name, **given: asked.append(given)
    )
    make_kit(options_of("--model", "m", "--base-url", "http://localhost:1"))
    make_kit(options_of("--model", "m"))
    assert [given["api_key"] for given in asked] == ["none", "sk-environment"]
