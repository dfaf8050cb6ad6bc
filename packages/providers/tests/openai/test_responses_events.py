"""Streams of the Responses API: nothing lost, nothing twice, and no end without its event."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from racto.core import (
    BadRequestError,
    FinishReason,
    InvalidResponseError,
    RateLimitError,
    ServerError,
    StreamTruncatedError,
    UsageState,
)
from racto.providers.connections import Translator
from racto.providers.kits import WireRequest
from racto.providers.openai.failures import OPENAI_VOCABULARY
from racto.providers.openai.responses_events import ResponsesAssembler
from racto.providers.openai.responses_replies import read_response

REQUEST = WireRequest(path="/responses", model="m", body={"model": "m"}, dropped=("seed",))
USAGE = {"input_tokens": 4, "output_tokens": 3}


def assembler() -> ResponsesAssembler:
    translator = Translator("openai", OPENAI_VOCABULARY)
    return ResponsesAssembler("openai", translator, request=REQUEST, request_id="req_1")


def event(kind: str, **fields: Any) -> str:
    return json.dumps({"type": kind, "sequence_number": 7, **fields})


def delta(text: str, *, item: int = 0, block: int = 0, **more: Any) -> str:
    return event(
        "response.output_text.delta", output_index=item, content_index=block, delta=text, **more
    )


def response(*output: Any, status: str = "completed", **more: Any) -> dict[str, Any]:
    made = {"id": "resp_1", "model": "m2", "status": status, "usage": USAGE}
    return {**made, "output": list(output), **more}


def over(*output: Any, status: str = "completed", **more: Any) -> str:
    return event(f"response.{status}", response=response(*output, status=status, **more))


def message(*texts: str, **more: Any) -> dict[str, Any]:
    content = [{"type": "output_text", "text": text, "annotations": []} for text in texts]
    return {"type": "message", "role": "assistant", "content": content, **more}


def call(number: int, arguments: str) -> dict[str, Any]:
    return {
        "type": "function_call",
        "id": f"fc_{number}",
        "call_id": f"call_{number}",
        "name": "f",
        "arguments": arguments,
    }


def thought(*texts: str, signature: str | None = "sealed") -> dict[str, Any]:
    summary = [{"type": "summary_text", "text": text} for text in texts]
    return {"type": "reasoning", "id": "rs", "summary": summary, "encrypted_content": signature}


def played(*events: str) -> tuple[list[Any], Any]:
    reading = assembler()
    chunks = [chunk for each in events for chunk in reading.push(each)]
    assert reading.is_done
    final = reading.final()
    assert final.response is not None
    assert "".join(chunk.delta.text for chunk in chunks) == (final.response.content or "")
    assert "".join(chunk.delta.thinking for chunk in chunks) == (final.response.thinking or "")
    return chunks, final


def test_the_response_names_its_origin_and_what_was_dropped() -> None:
    _, final = played(
        event("response.created", response={"id": "resp_1", "model": "m2"}), delta("x"), over()
    )
    made = final.response
    assert (made.model, made.response_id, made.request_id) == ("m2", "resp_1", "req_1")
    assert (made.dropped, made.raw_finish_reason) == (("seed",), "completed")
    assert (final.finish_reason, final.usage.total_tokens) == (FinishReason.STOP, 7)
    assert made.raw["status"] == "completed"


def test_what_is_told_as_done_is_not_told_twice() -> None:
    place = {"output_index": 0, "content_index": 0}
    block = message("Hello")["content"][0]
    _, final = played(
        event("response.output_item.added", output_index=0, item=message()),
        delta("Hel"),
        delta("lo"),
        event("response.output_text.done", text="Hello", **place),
        event("response.content_part.done", part=block, **place),
        event("response.output_item.done", output_index=0, item=message("Hello")),
        over(message("Hello")),
    )
    assert final.response.content == "Hello"
    assert [part.type for part in final.response.parts] == ["text"]


def test_citations_belong_to_the_block_that_they_end() -> None:
    note = {"type": "url_citation", "url": "https://e.org"}
    first = {"type": "output_text", "text": "a", "annotations": [note]}
    item = message("a", "b")
    item["content"][0] = first
    _, final = played(
        delta("a"),
        event("response.content_part.done", output_index=0, content_index=0, part=first),
        delta("b", block=1),
        event("response.output_item.done", output_index=0, item=item),
        over(item),
    )
    assert [(part.text, part.citations) for part in final.response.parts] == [
        ("a", (note,)),
        ("b", ()),
    ]


def test_calls_are_assembled_by_their_place_however_they_interleave() -> None:
    def piece(place: int, text: str) -> str:
        return event("response.function_call_arguments.delta", output_index=place, delta=text)

    chunks, final = played(
        event("response.output_item.added", output_index=0, item=call(0, "")),
        event("response.output_item.added", output_index=1, item=call(1, "")),
        piece(1, '{"b"'),
        piece(0, '{"a": 1}'),
        piece(1, ": 2}"),
        event("response.function_call_arguments.done", output_index=1, arguments='{"b": 2}'),
        event("response.output_item.done", output_index=1, item=call(1, '{"b": 2}')),
        event("response.output_item.done", output_index=0, item=call(0, '{"a": 1}')),
        over(call(0, '{"a": 1}'), call(1, '{"b": 2}')),
    )
    assert [(each.id, each.arguments) for each in final.tool_calls] == [
        ("call_0", {"a": 1}),
        ("call_1", {"b": 2}),
    ]
    assert final.finish_reason is FinishReason.TOOL_CALL
    fragments = "".join(chunk.delta.tool_call_args_fragment or "" for chunk in chunks)
    assert sorted(fragments) == sorted('{"a": 1}{"b": 2}')


def test_a_call_whose_beginning_was_not_told_gets_its_name_at_its_end() -> None:
    _, final = played(
        event("response.function_call_arguments.delta", output_index=0, delta='{"a": 1}'),
        event("response.output_item.done", output_index=0, item=call(0, '{"a": 1}')),
        over(),
    )
    (made,) = final.tool_calls
    assert (made.id, made.name, made.arguments) == ("call_0", "f", {"a": 1})


def test_a_summary_arrives_in_paragraphs_and_is_signed_at_its_end() -> None:
    def piece(number: int, text: str) -> str:
        kind = "response.reasoning_summary_text.delta"
        return event(kind, output_index=0, summary_index=number, delta=text)

    chunks, final = played(
        event("response.output_item.added", output_index=0, item=thought(signature="half")),
        piece(0, "Fir"),
        piece(0, "st."),
        piece(1, "Then."),
        event("response.output_item.done", output_index=0, item=thought("First.", "Then.")),
        delta("So.", item=1),
        over(),
    )
    assert [chunk.delta.thinking for chunk in chunks] == ["Fir", "st.", "\n\nThen.", ""]
    assert final.response.thinking == "First.\n\nThen."
    first, second, words = final.response.parts
    assert (first.text, first.signature, first.id) == ("First.", "sealed", "rs")
    assert (second.text, second.signature) == ("Then.", None)
    assert words.text == "So."


def test_open_thinking_is_handed_out_as_well() -> None:
    item = {"type": "reasoning", "id": "rs", "content": [{"type": "reasoning_text", "text": "Hm."}]}
    chunks, final = played(
        event("response.reasoning_text.delta", output_index=0, content_index=0, delta="Hm."),
        event("response.output_item.done", output_index=0, item=item),
        over(),
    )
    assert [chunk.is_thinking for chunk in chunks] == [True]
    assert [part.type for part in final.response.parts] == ["reasoning", "provider"]


def test_a_refusal_is_told_apart_and_once() -> None:
    block = {"type": "refusal", "refusal": "I will not."}
    place = {"output_index": 0, "content_index": 0}
    _, final = played(
        event("response.refusal.delta", delta="I will", **place),
        event("response.content_part.done", part=block, **place),
        over(),
    )
    assert (final.finish_reason, final.response.refusal) == (FinishReason.REFUSAL, "I will not.")
    assert final.response.content is None


def test_logprobs_come_with_the_deltas_or_else_with_their_end() -> None:
    token = {"token": "x", "logprob": -0.5}
    done = event(
        "response.output_text.done", output_index=0, content_index=0, text="x", logprobs=[token]
    )
    for events in ((delta("x", logprobs=[token]), done), (done,)):
        _, final = played(*events, over())
        assert [each.token for each in final.response.logprobs] == ["x"]


def test_what_the_servers_tools_did_is_kept_in_its_place() -> None:
    search = {"type": "web_search_call", "id": "ws", "status": "completed"}
    _, final = played(
        event("response.web_search_call.searching", output_index=0, item_id="ws"),
        event("response.output_item.done", output_index=0, item=search),
        event("response.brand_new_event", anything=1),
        delta("Found.", item=1),
        over(search, message("Found.")),
    )
    assert [part.type for part in final.response.parts] == ["provider", "text"]
    assert final.response.parts[0].data == search


def test_a_phase_stands_before_the_words_of_its_message() -> None:
    _, final = played(
        event("response.output_item.added", output_index=0, item=message(phase="commentary")),
        delta("Let me see."),
        event(
            "response.output_item.done",
            output_index=0,
            item=message("Let me see.", phase="commentary"),
        ),
        over(),
    )
    phase, words = final.response.parts
    assert (phase.data, words.text) == ({"type": "message", "phase": "commentary"}, "Let me see.")


def test_an_incomplete_response_says_why() -> None:
    details = {"reason": "max_output_tokens"}
    _, final = played(delta("Hel"), over(status="incomplete", incomplete_details=details))
    assert final.finish_reason is FinishReason.LENGTH
    assert final.response.raw_finish_reason == "max_output_tokens"


def test_a_failed_response_is_an_error_whose_partial_keeps_words_and_usage() -> None:
    reading = assembler()
    reading.push(delta("Hel"))
    failed = {"code": "rate_limit_exceeded", "message": "slow down"}
    with pytest.raises(RateLimitError, match="slow down") as caught:
        reading.push(over(status="failed", error=failed))
    assert caught.value.request_id == "req_1"
    partial = reading.cut("it failed").partial
    assert (partial.content, partial.usage.total_tokens) == ("Hel", 7)
    assert partial.usage.state is UsageState.PARTIAL
    with pytest.raises(Exception, match="without a reason"):
        assembler().push(over(status="failed"))


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        ({"code": "server_error", "message": "oh"}, ServerError),
        ({"error": {"code": "rate_limit_exceeded", "message": "oh"}}, RateLimitError),
        ({"code": "invalid_image", "message": "oh"}, BadRequestError),
    ],
)
def test_an_error_event_is_an_error(fields: dict[str, Any], kind: type[Exception]) -> None:
    with pytest.raises(kind, match="oh"):
        assembler().push(event("error", **fields))


def test_a_stream_without_its_end_is_a_truncation() -> None:
    reading = assembler()
    reading.push(delta("Hel"))
    reading.push(event("response.output_item.added", output_index=1, item=call(0, '{"a')))
    assert reading.push("[DONE]") == ()
    assert not reading.is_done
    with pytest.raises(StreamTruncatedError) as caught:
        reading.final()
    partial = caught.value.partial
    assert partial.content == "Hel"
    assert partial.tool_calls[0].raw_arguments == '{"a'
    assert partial.usage.state is UsageState.UNKNOWN


@pytest.mark.parametrize(
    "bad",
    [
        "{broken",
        "[1]",
        '{"type": "response.output_text.delta"}',
        '{"type": "response.completed", "response": 7}',
        '{"type": "response.output_item.done", "output_index": 0, "item": []}',
        '{"type": "response.output_item.done", "output_index": 0, "item": {}}',
    ],
)
def test_an_event_of_another_shape_is_an_error(bad: str) -> None:
    with pytest.raises(InvalidResponseError) as caught:
        assembler().push(bad)
    assert caught.value.request_id == "req_1"


TEXT = st.text(st.characters(codec="utf-8"), max_size=8)
ITEMS = st.one_of(
    st.lists(TEXT, min_size=1, max_size=3).map(lambda texts: message(*texts)),
    st.dictionaries(st.sampled_from("ab"), st.integers(0, 9)).map(
        lambda arguments: call(0, json.dumps(arguments))
    ),
    st.lists(TEXT.filter(bool), max_size=2).map(lambda texts: thought(*texts)),
    st.just({"type": "web_search_call", "id": "ws"}),
)


@settings(max_examples=200, deadline=None)
@given(st.lists(ITEMS, max_size=4), st.data())
def test_a_stream_says_what_the_whole_reply_says(items: list[Any], data: st.DataObject) -> None:
    output = [{**item, "call_id": f"call_{number}"} for number, item in enumerate(items)]
    tells_deltas, tells_items = data.draw(st.tuples(st.booleans(), st.booleans()))
    events = [event("response.created", response=response())]
    for place, item in enumerate(output):
        if tells_deltas:
            events.extend(_deltas(place, item, data.draw(st.integers(1, 4))))
        if tells_items:
            events.append(event("response.output_item.done", output_index=place, item=item))
    _, final = played(*events, over(*output))
    whole = read_response(response(*output), "openai")
    made = final.response
    assert (made.content, made.thinking) == (whole.content, whole.thinking)
    assert made.tool_calls == whole.tool_calls
    assert (made.finish_reason, made.usage) == (whole.finish_reason, whole.usage)
    if tells_items:
        # A block without words makes no part of a stream.
        said = [part for part in whole.parts if part.type != "text" or part.text]
        assert list(made.parts) == said


def _deltas(place: int, item: dict[str, Any], size: int) -> Iterator[str]:
    for number, block in enumerate(item.get("content", ())):
        for piece in _pieces(block["text"], size):
            yield delta(piece, item=place, block=number)
        yield event(
            "response.content_part.done", output_index=place, content_index=number, part=block
        )
    for number, block in enumerate(item.get("summary", ())):
        for piece in _pieces(block["text"], size):
            yield event(
                "response.reasoning_summary_text.delta",
                output_index=place,
                summary_index=number,
                delta=piece,
            )
    if "arguments" in item:
        yield event(
            "response.output_item.added", output_index=place, item={**item, "arguments": ""}
        )
        for piece in _pieces(item["arguments"], size):
            yield event("response.function_call_arguments.delta", output_index=place, delta=piece)


def _pieces(text: str, size: int) -> Iterator[str]:
    return (text[start : start + size] for start in range(0, len(text), size))
