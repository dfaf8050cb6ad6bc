"""The three public processors: names, parameters and defaults of the reference."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any

import pytest

from racto.batch import (
    AnthropicBatchProcessor,
    GeminiBatchProcessor,
    HostedBatchProcessor,
    OpenAIBatchProcessor,
)
from racto.core.protocols import BatchProcessor
from racto.core.testing.contracts.signatures import signature_problems
from racto.testing import OpenAIServer

from .harness.codecs import ChatCodec

KINDS = {
    "openai": OpenAIBatchProcessor,
    "anthropic": AnthropicBatchProcessor,
    "google": GeminiBatchProcessor,
}


def defaults(function: Any) -> dict[str, Any]:
    return {
        name: parameter.default
        for name, parameter in inspect.signature(function).parameters.items()
        if parameter.default is not inspect.Parameter.empty
    }


@pytest.mark.parametrize("provider", KINDS)
def test_each_keeps_the_protocol_under_its_name(provider: str, tmp_path: Path) -> None:
    made: Any = KINDS[provider]
    processor: HostedBatchProcessor = made(
        codec=ChatCodec(provider), api_key="k", state=tmp_path / "state"
    )
    assert processor.provider == provider
    assert signature_problems(BatchProcessor, processor) == []
    processor.close()


def test_the_references_parameters_have_its_defaults() -> None:
    openai, anthropic = defaults(OpenAIBatchProcessor), defaults(AnthropicBatchProcessor)
    assert (openai["model"], anthropic["model"]) == ("gpt-4o-mini", "claude-haiku-4-5-20251001")
    none = ("api_key", "base_url", "default_prompt")
    assert [openai[name] for name in none] == [None, None, None]
    assert [anthropic[name] for name in ("api_key", "default_prompt")] == [None, None]
    submit = defaults(OpenAIBatchProcessor.submit_batch)
    assert (submit["prompt"], submit["completion_window"]) == (None, "24h")
    wait = defaults(OpenAIBatchProcessor.submit_and_wait)
    assert (wait["poll_interval_s"], wait["max_wait_s"]) == (60.0, 86400.0)
    for name in ("submit_batch", "submit_and_wait"):
        one = inspect.signature(getattr(OpenAIBatchProcessor, name)).parameters
        assert one == inspect.signature(getattr(OpenAIBatchProcessor, f"a{name}")).parameters


def test_the_window_is_passed_on(tmp_path: Path) -> None:
    with OpenAIServer(key="sk-test-0123456789") as server:
        processor = OpenAIBatchProcessor(
            codec=ChatCodec(), api_key=server.key, base_url=server.url, state=tmp_path / "state"
        )
        with processor:
            job = processor.submit_batch(
                [{"custom_id": "a", "user_message": "x"}], completion_window="24h", label="nightly"
            )
    assert job.raw is None or job.raw["completion_window"] == "24h"
    assert job.provider == "openai"
