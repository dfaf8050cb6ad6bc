"""Replies of the Responses API: each item becomes parts, and what is not known is kept."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from racto.core import FinishReason, ProviderPart, UsageState
from racto.core.content import ImagePart, ReasoningPart
from racto.providers.openai.responses_replies import read_finish, read_item, read_response


def reply(*output: Any, **more: Any) -> Any:
    data = {
        "id": "resp_1",
        "model": "m2",
        "status": "completed",
        "output": list(output),
        "usage": {"input_tokens": 3, "output_tokens": 2},
    }
    return read_response(data | more, "openai")


def message(*content: Any, **more: Any) -> dict[str, Any]:
    return {"type": "message", "role": "assistant", "content": list(content), **more}


def words(text: str, **more: Any) -> dict[str, Any]:
    return {"type": "output_text", "text": text, "annotations": [], **more}


def call(name: str = "f", arguments: str = '{"x": 1}', **more: Any) -> dict[str, Any]:
    return {
        "type": "function_call",
        "id": "fc_1",
        "call_id": "call_1",
        "name": name,
        "arguments": arguments,
        **more,
    }


@pytest.mark.parametrize(
    ("status", "details", "finish", "raw"),
    [
        ("completed", None, FinishReason.STOP, "completed"),
        ("cancelled", None, FinishReason.CANCELLED, "cancelled"),
        ("queued", None, FinishReason.UNKNOWN, "queued"),
        ("brand_new", None, FinishReason.UNKNOWN, "brand_new"),
        (None, None, FinishReason.UNKNOWN, None),
        ("incomplete", {"reason": "max_output_tokens"}, FinishReason.LENGTH, "max_output_tokens"),
        ("incomplete", {"reason": "content_filter"}, FinishReason.CONTENT_FILTER, "content_filter"),
        ("incomplete", {"reason": "steered"}, FinishReason.UNKNOWN, "steered"),
        ("incomplete", {}, FinishReason.UNKNOWN, "incomplete"),
        ("incomplete", None, FinishReason.UNKNOWN, "incomplete"),
    ],
)
def test_every_status_is_told(
    status: Any, details: Any, finish: FinishReason, raw: str | None
) -> None:
    assert read_finish({"status": status, "incomplete_details": details}) == (finish, raw)


def test_parts_stand_in_the_order_of_the_items() -> None:
    note = {"type": "url_citation", "url": "https://e.org", "start_index": 0, "end_index": 2}
    response = reply(
        {
            "type": "reasoning",
            "id": "rs_1",
            "summary": [
                {"type": "summary_text", "text": "First."},
                {"type": "summary_text", "text": "Then."},
            ],
            "encrypted_content": "sealed",
        },
        {"type": "web_search_call", "id": "ws_1", "status": "completed"},
        message(words("Hel", annotations=[note]), words("lo"), id="msg_1"),
        call(),
    )
    assert [part.type for part in response.parts] == [
        "reasoning",
        "reasoning",
        "provider",
        "text",
        "text",
        "tool_call",
    ]
    first, second = response.parts[:2]
    assert (first.text, first.signature, first.id) == ("First.", "sealed", "rs_1")
    assert (second.text, second.signature, second.id) == ("Then.", None, "rs_1")
    assert response.parts[3].citations == (note,)
    assert (response.content, response.thinking) == ("Hello", "First.\n\nThen.")
    assert [(each.id, each.arguments) for each in response.tool_calls] == [("call_1", {"x": 1})]
    assert response.finish_reason is FinishReason.TOOL_CALL
    assert (response.response_id, response.model) == ("resp_1", "m2")
    assert response.usage.total_tokens == 5
    again = type(response).model_validate_json(response.model_dump_json())
    assert again.parts == response.parts


def test_hidden_reasoning_keeps_its_proof() -> None:
    (part,) = read_item(
        {"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "sealed"},
        "openai",
        "m",
    )
    assert isinstance(part, ReasoningPart)
    assert (part.redacted, part.signature) == (True, "sealed")


def test_reasoning_that_is_shown_is_read_and_kept_whole() -> None:
    item = {
        "type": "reasoning",
        "id": "rs_1",
        "summary": [],
        "content": [{"type": "reasoning_text", "text": "Step by step."}],
    }
    shown, kept = read_item(item, "openai", "m")
    assert isinstance(shown, ReasoningPart)
    assert (shown.text, shown.id) == ("Step by step.", None)
    assert kept == ProviderPart(provider="openai", data=item)


def test_a_refusal_is_told_apart() -> None:
    response = reply(message({"type": "refusal", "refusal": "I will not."}))
    assert (response.finish_reason, response.refusal) == (FinishReason.REFUSAL, "I will not.")
    assert response.content is None


def test_phase_and_caller_are_kept_beside_the_words() -> None:
    response = reply(
        message(words("Let me see."), phase="commentary"), call(caller={"type": "direct"})
    )
    phase, _, _, caller = response.parts
    assert phase.data == {"type": "message", "phase": "commentary"}
    assert caller.data == {
        "type": "function_call",
        "call_id": "call_1",
        "caller": {"type": "direct"},
    }


@pytest.mark.parametrize("arguments", ["{broken", "[1]"])
def test_arguments_that_are_no_object_are_kept_as_they_came(arguments: str) -> None:
    (made,) = reply(call(arguments=arguments)).tool_calls
    assert made.raw_arguments == arguments


def test_a_picture_that_was_made_is_shown_and_kept() -> None:
    item = {
        "type": "image_generation_call",
        "id": "ig_1",
        "result": base64.b64encode(b"picture").decode(),
        "output_format": "webp",
    }
    kept, picture = read_item(item, "openai", "m")
    assert kept.type == "provider"
    assert isinstance(picture, ImagePart)
    assert (picture.data, picture.mime_type) == (b"picture", "image/webp")
    for result in (None, "***", 7):
        assert len(read_item({**item, "result": result}, "openai", "m")) == 1


def test_logprobs_of_all_blocks_are_joined() -> None:
    token = {"token": "a", "logprob": -0.5, "top_logprobs": [{"token": "b", "logprob": -1.0}]}
    response = reply(message(words("a", logprobs=[token]), words("a", logprobs=[token])))
    assert [each.logprob for each in response.logprobs] == [-0.5, -0.5]
    assert response.logprobs[0].alternatives[0].token == "b"
    assert reply(message(words("a"))).logprobs is None


def test_usage_that_was_not_reported_is_unknown() -> None:
    assert reply(usage=None).usage.state is UsageState.UNKNOWN
