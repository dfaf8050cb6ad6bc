"""A tuner that talks to the loopback server, and files for it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from racto.core.flows import Flow, run
from racto.core.retries import RetryPolicy
from racto.finetune.openai import OpenAIFineTuner
from racto.finetune.openai.wire import OpenAIWire
from racto.testing import OpenAIServer

Talk: TypeAlias = Callable[[Callable[[OpenAIWire], Flow[Any]]], Any]

EXAMPLE = {"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]}
QUICK = RetryPolicy(attempts=3, base=0.01)


@pytest.fixture
def tuner(openai_server: OpenAIServer) -> OpenAIFineTuner:
    """A tuner for the server, which tries three times, quickly."""
    return OpenAIFineTuner(openai_server.key, base_url=openai_server.url, retries=QUICK)


@pytest.fixture
def talk(tuner: OpenAIFineTuner) -> Talk:
    """Runs a flow over the tuner's wire."""

    def talking(flow: Callable[[OpenAIWire], Flow[Any]]) -> Any:
        return run(tuner._talking(flow))

    return talking


@pytest.fixture
def examples(tmp_path: Path) -> Path:
    """A file of ten examples, the fewest that are taken."""
    path = tmp_path / "examples.jsonl"
    path.write_text(f"{json.dumps(EXAMPLE)}\n" * 10, encoding="utf-8")
    return path


@pytest.fixture
def file_id(examples: Path, talk: Talk) -> str:
    """The id of such a file, uploaded."""
    uploaded: str = talk(lambda wire: wire.upload(examples, "train.jsonl"))
    return uploaded


@pytest.fixture
def job_id(file_id: str, tuner: OpenAIFineTuner) -> str:
    """The id of a job that is being validated."""
    return tuner.create_job(file_id, "gpt-x")
