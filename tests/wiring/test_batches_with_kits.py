"""racto-batch with the kits of racto-providers: found by name, one law for all three providers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from racto.batch import (
    AnthropicBatchProcessor,
    BatchItem,
    GeminiBatchProcessor,
    HostedBatchProcessor,
    ItemStatus,
    OpenAIBatchProcessor,
)
from racto.batch.cli import main
from racto.core import (
    ChatConfig,
    ConfigurationError,
    Message,
    RactoFile,
    RactoPrompt,
    ResponseModelValidationError,
    RetryPolicy,
    ToolRegistry,
)
from racto.core.discovery import names
from racto.providers.anthropic import AnthropicDeveloperKit
from racto.providers.google import GoogleDeveloperKit
from racto.providers.openai import OPENAI, OpenAIDeveloperKit
from racto.testing import AnthropicServer, GeminiServer, OpenAIServer, Reply, ToolCall

FAST: dict[str, Any] = {"poll_interval_s": 0.005, "max_wait_s": 20.0}
PROMPT = RactoPrompt(role="r", aim="a", constraints=["c"], tone="t", output_format="text")
MODELS = {
    "openai": "gpt-4o-mini",
    "anthropic": "claude-haiku-4-5",
    "google": "gemini-3-flash-preview",
}
KINDS: dict[str, tuple[type[Any], type[HostedBatchProcessor]]] = {
    "openai": (OpenAIServer, OpenAIBatchProcessor),
    "anthropic": (AnthropicServer, AnthropicBatchProcessor),
    "google": (GeminiServer, GeminiBatchProcessor),
}


class Answer(BaseModel):
    value: int


def get_weather(city: str) -> str:
    """Tell the weather.

    Args:
        city: Where.
    """
    return city


@pytest.fixture(params=KINDS)
def provider(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def server(provider: str) -> Iterator[Any]:
    with KINDS[provider][0](key="sk-test-0123456789") as server:
        yield server


@pytest.fixture
def processor(provider: str, server: Any, tmp_path: Path) -> Iterator[HostedBatchProcessor]:
    made: Any = KINDS[provider][1]
    with made(
        MODELS[provider],
        api_key=server.key,
        base_url=server.url,
        default_prompt=PROMPT,
        state=tmp_path / "state",
        retries=RetryPolicy(attempts=4, base=0.0),
    ) as processor:
        yield processor


def test_words_tools_models_and_files_in_one_job(
    processor: HostedBatchProcessor, server: Any
) -> None:
    server.add(
        Reply(text="plain"),
        Reply(tool_calls=(ToolCall(name="get_weather", arguments={"city": "Rome"}),)),
        Reply(text='{"value": 7}'),
        Reply(text='{"value": "seven"}'),
        Reply(text="a picture"),
    )
    png = RactoFile(b"\x89PNG\r\n\x1a\n" + b"\0" * 32, "image/png", "a.png")
    found = processor.submit_and_wait(
        [
            BatchItem(custom_id="words", user_message="hi", max_tokens=64),
            BatchItem(
                custom_id="tools", user_message="Weather?", tools=ToolRegistry([get_weather])
            ),
            BatchItem(custom_id="good", user_message="hi", response_model=Answer),
            BatchItem(custom_id="bad", user_message="hi", response_model=Answer),
            BatchItem(
                custom_id="file",
                user_message="What is this?",
                attachments=(png,),
                history=(Message.user("Hello"), Message.assistant("Hi")),
            ),
        ],
        **FAST,
    )
    assert [one.custom_id for one in found] == ["words", "tools", "good", "bad", "file"]
    words, tools, good, bad, file = found
    assert words.response is not None
    assert words.response.content == "plain"
    assert tools.response is not None
    assert [(c.name, c.arguments) for c in tools.response.tool_calls] == [
        ("get_weather", {"city": "Rome"})
    ]
    assert good.response is not None
    assert good.response.parsed == {"value": 7}
    assert (bad.status, type(bad.failure)) == (ItemStatus.INVALID, ResponseModelValidationError)
    assert file.ok


def test_a_batch_costs_half(provider: str, server: Any, tmp_path: Path) -> None:
    access = {"api_key": server.key, "base_url": server.url}
    kits: dict[str, Any] = {
        # Under another address it would be any server, of which no prices are known.
        "openai": lambda: OpenAIDeveloperKit(MODELS["openai"], dialect=OPENAI, **access),
        "anthropic": lambda: AnthropicDeveloperKit(MODELS["anthropic"], **access),
        "google": lambda: GoogleDeveloperKit(**access),
    }
    made: Any = KINDS[provider][1]
    with kits[provider]() as kit, made(codec=kit, state=tmp_path / "state", **access) as processor:
        (found,) = processor.submit_and_wait([{"custom_id": "a", "user_message": "hi"}], **FAST)
        # The same reply, as if it had not come from a batch.
        asked = kit.codec.encode(ChatConfig(user_message="hi"))
        whole = kit.codec.decode(asked, json.dumps(found.raw).encode())
    assert whole.usage.cost
    assert found.usage.cost == pytest.approx(whole.usage.cost / 2)


def test_options_that_the_provider_cannot_take_are_named_before_the_upload(
    processor: HostedBatchProcessor, server: Any
) -> None:
    given = [
        BatchItem(custom_id="a", user_message="hi"),
        BatchItem(custom_id="b", user_message="hi", temperature=3.0),
        BatchItem(custom_id="c", user_message="hi", tool_choice="nothing"),
    ]
    with pytest.raises(ConfigurationError, match="2 of 3 items") as caught:
        processor.submit_batch(given)
    assert "items[1] ('b')" in str(caught.value)
    assert "items[2] ('c')" in str(caught.value)
    assert len(server.requests) == 0


def test_texts_are_embedded_where_the_provider_does(
    processor: HostedBatchProcessor, provider: str
) -> None:
    given = [BatchItem(custom_id="a", texts=("one", "two")), BatchItem(custom_id="b", texts=("x",))]
    if provider == "anthropic":
        with pytest.raises(ConfigurationError, match="embeddings"):
            processor.submit_batch(given)
        return
    one, two = processor.submit_and_wait(given, **FAST)
    assert one.embedding is not None
    assert [each.text for each in one.embedding.vectors] == ["one", "two"]
    assert two.ok


def test_a_kits_own_settings_count(tmp_path: Path) -> None:
    with (
        OpenAIServer(key="sk-test-0123456789") as server,
        OpenAIDeveloperKit(
            "gpt-4o-mini",
            api_key=server.key,
            base_url=server.url,
            api="chat",
            default_prompt=PROMPT,
        ) as kit,
        OpenAIBatchProcessor(
            api_key=server.key, base_url=server.url, codec=kit, state=tmp_path / "state"
        ) as processor,
    ):
        (found,) = processor.submit_and_wait([{"custom_id": "a", "user_message": "hi"}], **FAST)
        line = next((tmp_path / "state").rglob("part-0000.jsonl")).read_text()
    assert found.ok
    assert json.loads(line)["url"] == "/v1/chat/completions"
    assert json.loads(line)["body"]["messages"][0]["content"] == PROMPT.compile()


def test_the_command_line_finds_the_processor_by_the_job(
    provider: str,
    server: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("THE_KEY", server.key)
    path, output = tmp_path / "items.jsonl", tmp_path / "out.jsonl"
    path.write_text('{"custom_id": "a", "user_message": "hi"}\n')
    shared = ["--state", str(tmp_path / "state"), "--key-env", "THE_KEY"]
    submit = ["submit", str(path), "--provider", provider, "--model", MODELS[provider]]
    assert main([*submit, "--base-url", server.url, "--json", *shared]) == 0
    job_id = json.loads(capsys.readouterr().out)["job_id"]
    assert main(["wait", job_id, "--interval", "0.005", "--output", str(output), *shared]) == 0
    assert json.loads(output.read_text())["custom_id"] == "a"


def test_processors_are_found_by_name() -> None:
    assert set(names("racto.batches")) >= set(KINDS)
