"""How batch jobs end with the real kits: refused, cancelled, all failed, and over each kit's own API."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from racto.batch import (
    AnthropicBatchProcessor,
    BatchItem,
    BatchResult,
    BatchStatus,
    GeminiBatchProcessor,
    HostedBatchProcessor,
    ItemStatus,
    OpenAIBatchProcessor,
)
from racto.core import RetryPolicy
from racto.core.errors import BadRequestError, ResponseModelValidationError
from racto.providers.anthropic import AnthropicDeveloperKit
from racto.providers.openai import OPENAI, OpenAIDeveloperKit
from racto.testing import AnthropicServer, Conduct, Failure, GeminiServer, OpenAIServer, Reply

SOON: dict[str, Any] = {"poll_interval_s": 0.005, "max_wait_s": 20.0}
KINDS: dict[str, tuple[type[Any], type[Any], str]] = {
    "openai": (OpenAIServer, OpenAIBatchProcessor, "gpt-4o-mini"),
    "anthropic": (AnthropicServer, AnthropicBatchProcessor, "claude-haiku-4-5"),
    "google": (GeminiServer, GeminiBatchProcessor, "gemini-3.8-flash"),
}
ROME = '{"name": "Rome", "people": 2800000}'


class City(BaseModel):
    """A city."""

    name: str
    people: int


@pytest.fixture(params=KINDS)
def provider(request: pytest.FixtureRequest) -> str:
    """One provider after the other."""
    return str(request.param)


@pytest.fixture
def server(provider: str) -> Iterator[Any]:
    with KINDS[provider][0](key="sk-test-0123456789") as server:
        yield server


@pytest.fixture
def processor(provider: str, server: Any, tmp_path: Path) -> Iterator[HostedBatchProcessor]:
    _, made, model = KINDS[provider]
    with made(
        model,
        api_key=server.key,
        base_url=server.url,
        state=tmp_path / "state",
        retries=RetryPolicy(attempts=4, base=0.0),
    ) as processor:
        yield processor


def items(count: int = 3) -> list[BatchItem]:
    return [BatchItem(custom_id=f"i{number}", user_message=f"{number}?") for number in range(count)]


def test_async_jobs_are_answered_too(processor: HostedBatchProcessor, server: Any) -> None:
    async def asked() -> list[BatchResult]:
        found = list(await processor.asubmit_and_wait(items(), **SOON))
        await processor.aclose()
        return found

    found = asyncio.run(asked())
    assert [each.custom_id for each in found] == ["i0", "i1", "i2"]
    assert all(each.ok for each in found), found


def test_bad_items_are_errors_of_racto(processor: HostedBatchProcessor, server: Any) -> None:
    server.add(Reply(text="no JSON"), Failure(kind="bad_request", message="no such thing"))
    unfit, refused = processor.submit_and_wait(
        [
            BatchItem(custom_id="unfit", user_message="Where?", response_model=City),
            BatchItem(custom_id="refused", user_message="Where?"),
        ],
        **SOON,
    )
    assert isinstance(unfit.failure, ResponseModelValidationError)
    assert unfit.usage.output_tokens > 0
    assert isinstance(refused.failure, BadRequestError)
    assert "no such thing" in str(refused.error)


def test_a_job_in_which_all_failed_has_results_all_the_same(
    processor: HostedBatchProcessor, server: Any
) -> None:
    server.default = Failure(kind="bad_request")
    job = processor.submit_batch(items())
    assert processor.wait_for(job.job_id, **SOON).status is BatchStatus.COMPLETED
    found = processor.get_results(job.job_id)
    assert [each.custom_id for each in found] == ["i0", "i1", "i2"]
    assert {each.status for each in found} == {ItemStatus.REFUSED}


def test_a_cancelled_job_has_one_result_an_item(
    processor: HostedBatchProcessor, server: Any
) -> None:
    job = processor.submit_batch(items())
    processor.cancel(job.job_id)
    assert processor.wait_for(job.job_id, **SOON).status is BatchStatus.CANCELLED
    found = processor.get_results(job.job_id)
    assert [each.status for each in found] == [ItemStatus.CANCELLED] * 3


def test_bad_lines_on_all_ways_lose_no_item(processor: HostedBatchProcessor, server: Any) -> None:
    lost, broken = Reply(conduct=Conduct(hang_up=True)), Failure(kind="server_error")
    if not isinstance(server, AnthropicServer):
        server.files.add(broken, Reply(), lost)
    server.batches.add(Reply(), lost, broken, broken)
    job = processor.submit_batch(items())
    processor.wait_for(job.job_id, **SOON)
    if not isinstance(server, AnthropicServer):
        server.files.add(Reply(conduct=Conduct(cut_after=50)))
    assert all(each.ok for each in processor.get_results(job.job_id))
    assert len(processor.list()) == 1


def test_openais_responses_go_through_a_job_too(tmp_path: Path) -> None:
    with (
        OpenAIServer() as server,
        OpenAIDeveloperKit(
            "gpt-5.4-mini",
            api_key=server.key,
            base_url=server.url,
            dialect=OPENAI,
            api="responses",
        ) as kit,
        OpenAIBatchProcessor(
            api_key=server.key, base_url=server.url, codec=kit, state=tmp_path
        ) as processor,
    ):
        server.default = Reply(text=ROME)
        asked = BatchItem(custom_id="a", user_message="Where?", response_model=City)
        (found,) = processor.submit_and_wait([asked], **SOON)
        created = next(each for each in server.requests if each.path == "/v1/batches")
    assert found.response is not None
    assert found.response.parsed == {"name": "Rome", "people": 2800000}
    assert created.json["endpoint"] == "/v1/responses"


def test_anthropics_version_and_betas_are_those_of_the_kit(tmp_path: Path) -> None:
    headers = {"anthropic-version": "2023-06-01", "anthropic-beta": "of-the-kit"}
    with (
        AnthropicServer() as server,
        AnthropicDeveloperKit(
            "claude-haiku-4-5", api_key=server.key, base_url=server.url, headers=headers
        ) as kit,
        AnthropicBatchProcessor(
            api_key=server.key, base_url=server.url, codec=kit, state=tmp_path
        ) as processor,
    ):
        found = processor.submit_and_wait(
            [
                # The version before still takes a temperature.
                BatchItem(custom_id="a", user_message="Where?", temperature=0.5),
                BatchItem(custom_id="b", user_message="?", extra={"betas": ["of-the-item"]}),
            ],
            **SOON,
        )
        created = next(each for each in server.requests if each.method == "POST")
    assert all(each.ok for each in found), found
    assert created.headers["anthropic-version"] == "2023-06-01"
    assert created.headers["anthropic-beta"] == "of-the-kit,of-the-item"
