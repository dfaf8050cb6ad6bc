"""Message batches: every state, every kind of result, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import anthropic
import pytest
from anthropic.types.messages import MessageBatch, MessageBatchIndividualResponse

from racto.testing import AnthropicServer, Conduct, Failure, Incoming, Reply

PATH = "/v1/messages/batches"
Make = Callable[..., MessageBatch]


@pytest.fixture
def make(sdk: anthropic.Anthropic, ask: dict[str, Any]) -> Make:
    """Creates a batch of so many requests."""

    def create(count: int = 3) -> MessageBatch:
        items: list[Any] = [{"custom_id": f"i{number}", "params": ask} for number in range(count)]
        return sdk.messages.batches.create(requests=items)

    return create


def words(one: MessageBatchIndividualResponse) -> str:
    assert one.result.type == "succeeded"
    return "".join(block.text for block in one.result.message.content if block.type == "text")


def kinds(sdk: anthropic.Anthropic, batch: MessageBatch) -> dict[str, str]:
    return {one.custom_id: one.result.type for one in sdk.messages.batches.results(batch.id)}


def test_a_batch_ends_after_two_polls_and_its_items_are_answered_by_the_script(
    anthropic_server: AnthropicServer, sdk: anthropic.Anthropic, make: Make
) -> None:
    anthropic_server.say("first")
    anthropic_server.fail("overloaded")
    anthropic_server.say("third")
    made = make()
    assert (made.processing_status, made.request_counts.processing) == ("in_progress", 3)
    assert (made.expires_at - made.created_at).total_seconds() == 24 * 3600
    working, ended = (sdk.messages.batches.retrieve(made.id) for _ in range(2))
    assert (working.processing_status, working.request_counts.processing) == ("in_progress", 3)
    assert (working.results_url, working.ended_at) == (None, None)
    assert ended.processing_status == "ended"
    counts = ended.request_counts
    assert (counts.processing, counts.succeeded, counts.errored) == (0, 2, 1)
    third, second, first = sdk.messages.batches.results(made.id)
    assert (words(first), words(third)) == ("first", "third")
    assert first.result.type == "succeeded"
    assert first.result.message.usage.service_tier == "batch"
    assert second.result.type == "errored"
    assert second.result.error.error.type == "overloaded_error"


def test_results_come_in_another_order(sdk: anthropic.Anthropic, make: Make) -> None:
    batch = make()
    for _ in range(2):
        sdk.messages.batches.retrieve(batch.id)
    assert list(kinds(sdk, batch)) == ["i2", "i1", "i0"]


async def test_the_async_client_reads_results_too(
    anthropic_server: AnthropicServer, asdk: anthropic.AsyncAnthropic, make: Make
) -> None:
    batch = make(2)
    anthropic_server.batches.advance(2)
    results = await asdk.messages.batches.results(batch.id)
    assert {one.custom_id async for one in results} == {"i0", "i1"}


def test_a_bad_item_is_refused_when_it_is_its_turn(
    anthropic_server: AnthropicServer, sdk: anthropic.Anthropic, ask: dict[str, Any]
) -> None:
    bad = {"no model": {**ask, "model": ""}, "streamed": {**ask, "stream": True}}
    items: list[Any] = [
        {"custom_id": name.replace(" ", "_"), "params": params} for name, params in bad.items()
    ]
    batch = sdk.messages.batches.create(requests=items)
    anthropic_server.say("never")
    anthropic_server.batches.advance(2)
    for one in sdk.messages.batches.results(batch.id):
        assert one.result.type == "errored"
        assert one.result.error.error.type == "invalid_request_error"
    with pytest.raises(AssertionError):
        anthropic_server.assert_all_used()


def test_items_keep_the_version_of_their_batch(
    anthropic_server: AnthropicServer, sdk: anthropic.Anthropic, ask: dict[str, Any]
) -> None:
    items: list[Any] = [{"custom_id": "a", "params": {**ask, "temperature": 0.5}}]
    for version, kind in (("2023-06-01", "succeeded"), ("2026-10-21", "errored")):
        batch = sdk.messages.batches.create(
            requests=items, extra_headers={"anthropic-version": version}
        )
        anthropic_server.batches.advance(2, id=batch.id)
        assert kinds(sdk, batch) == {"a": kind}


def test_a_rule_sees_the_item(
    anthropic_server: AnthropicServer, sdk: anthropic.Anthropic, make: Make
) -> None:
    def echo(request: Incoming) -> Reply:
        return Reply(text=f"{request.method} {request.path} {request.json['max_tokens']}")

    anthropic_server.when(echo)
    batch = make(1)
    anthropic_server.batches.advance(2)
    (one,) = sdk.messages.batches.results(batch.id)
    assert words(one) == "POST /v1/messages 1000"


def test_a_canceled_batch_keeps_what_was_answered(
    anthropic_server: AnthropicServer, sdk: anthropic.Anthropic, make: Make
) -> None:
    batch = make()
    anthropic_server.batches.work(1)
    canceling = sdk.messages.batches.cancel(batch.id)
    assert canceling.processing_status == "canceling"
    assert canceling.cancel_initiated_at is not None
    assert sdk.messages.batches.retrieve(batch.id).processing_status == "ended"
    assert kinds(sdk, batch) == {"i0": "succeeded", "i1": "canceled", "i2": "canceled"}


def test_an_expired_batch_does_so_too(
    anthropic_server: AnthropicServer, sdk: anthropic.Anthropic, make: Make
) -> None:
    batch = make()
    anthropic_server.batches.work(2, id=batch.id)
    anthropic_server.batches.expire(id=batch.id)
    assert kinds(sdk, batch) == {"i0": "succeeded", "i1": "succeeded", "i2": "expired"}
    counts = sdk.messages.batches.retrieve(batch.id).request_counts
    assert (counts.succeeded, counts.expired) == (2, 1)


def test_without_a_clock_a_batch_waits_for_the_test(
    anthropic_server: AnthropicServer, sdk: anthropic.Anthropic, make: Make
) -> None:
    anthropic_server.batches.polls_per_step = None
    batch = make()
    for _ in range(5):
        assert sdk.messages.batches.retrieve(batch.id).processing_status == "in_progress"
    anthropic_server.batches.advance(2)
    assert sdk.messages.batches.retrieve(batch.id).processing_status == "ended"


def test_batches_are_listed_newest_first_and_deleted(
    anthropic_server: AnthropicServer, sdk: anthropic.Anthropic, make: Make
) -> None:
    ids = [make(1).id for _ in range(3)]
    assert [one.id for one in sdk.messages.batches.list(limit=2)] == ids[::-1]
    anthropic_server.batches.advance(2)
    assert sdk.messages.batches.delete(ids[0]).id == ids[0]
    assert [one.id for one in sdk.messages.batches.list()] == ids[:0:-1]
    with pytest.raises(anthropic.NotFoundError):
        sdk.messages.batches.retrieve(ids[0])


def test_a_batch_at_work_can_neither_be_read_nor_deleted(
    sdk: anthropic.Anthropic, make: Make
) -> None:
    batch = make()
    with pytest.raises(anthropic.BadRequestError, match="has not ended"):
        sdk.messages.batches.delete(batch.id)
    with pytest.raises(anthropic.BadRequestError, match="has not ended"):
        sdk.get(f"{PATH}/{batch.id}/results", cast_to=object)


def test_an_ended_batch_cannot_be_canceled(
    anthropic_server: AnthropicServer, sdk: anthropic.Anthropic, make: Make
) -> None:
    batch = make()
    anthropic_server.batches.advance(2)
    with pytest.raises(anthropic.BadRequestError, match="has ended and cannot be canceled"):
        sdk.messages.batches.cancel(batch.id)


@pytest.mark.parametrize(
    ("requests", "objection"),
    [
        ([], "requests: List should have at least 1 item"),
        ([{"params": {}}], "requests.0.custom_id: Field required"),
        ([{"custom_id": "a b", "params": {}}], "requests.0.custom_id: String should match"),
        ([{"custom_id": "a"}], "requests.0.params: Field required"),
        ([{"custom_id": "a", "params": []}], "requests.0.params: Input should be a valid dict"),
        ([{"custom_id": "a", "params": {}}] * 2, "requests.1.custom_id: custom_id must be unique"),
        ([{"custom_id": "a", "params": {}, "body": {}}], "requests.0.body: Extra inputs are not"),
    ],
    ids=str,
)
def test_a_bad_batch_is_refused(
    sdk: anthropic.Anthropic, requests: list[Any], objection: str
) -> None:
    with pytest.raises(anthropic.BadRequestError) as caught:
        sdk.post(PATH, body={"requests": requests}, cast_to=object)
    assert str(caught.value.api_message).startswith(objection)


def test_another_batch_cannot_be_moved_on(anthropic_server: AnthropicServer, make: Make) -> None:
    batch = make()
    for move in (
        anthropic_server.batches.advance,
        anthropic_server.batches.expire,
        lambda id: anthropic_server.batches.work(1, id=id),
    ):
        with pytest.raises(LookupError, match=batch.id):
            move(id="gone")


def test_results_are_json_lines_whatever_they_say(
    anthropic_server: AnthropicServer, sdk: anthropic.Anthropic, make: Make
) -> None:
    text = "a\u2028b\nc"
    anthropic_server.say(text)
    batch = make(1)
    anthropic_server.batches.advance(2)
    (one,) = sdk.messages.batches.results(batch.id)
    assert words(one) == text


def test_bytes_that_are_no_json_make_an_item_fail(
    anthropic_server: AnthropicServer, sdk: anthropic.Anthropic, make: Make
) -> None:
    anthropic_server.say(body=b"{broken")
    batch = make(1)
    anthropic_server.batches.advance(2)
    assert kinds(sdk, batch) == {"i0": "errored"}


def test_a_poll_can_fail_and_a_new_batch_get_lost(
    anthropic_server: AnthropicServer, sdk: anthropic.Anthropic, make: Make
) -> None:
    anthropic_server.batches.add(Failure(kind="overloaded"), Reply(conduct=Conduct(hang_up=True)))
    with pytest.raises(anthropic.OverloadedError):
        list(sdk.messages.batches.list())
    with pytest.raises(anthropic.APIConnectionError):
        make()
    assert len(list(sdk.messages.batches.list())) == 1


def test_items_of_a_beta_batch_may_have_beta_fields(
    anthropic_server: AnthropicServer, sdk: anthropic.Anthropic, ask: dict[str, Any]
) -> None:
    items: list[Any] = [{"custom_id": "a", "params": {**ask, "context_management": {}}}]
    beta = sdk.beta.messages.batches.create(requests=items, betas=["context-management-2025-06-27"])
    plain = sdk.messages.batches.create(requests=items)
    anthropic_server.batches.advance(2)
    assert kinds(sdk, plain) == {"a": "errored"}
    (one,) = sdk.beta.messages.batches.results(beta.id)
    assert one.result.type == "succeeded"
