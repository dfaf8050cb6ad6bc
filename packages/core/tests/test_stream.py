"""Any provider's stream becomes one response, in linear time, with nothing lost or doubled."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, strategies as st

from racto.core import (
    ConfigurationError,
    FinishReason,
    LLMResponse,
    ProviderPart,
    ReasoningPart,
    RefusalPart,
    StreamBuilder,
    StreamChunk,
    StreamDelta,
    StreamTruncatedError,
    TextPart,
    TokenLogprob,
    ToolCallPart,
    ToolCallResult,
    Usage,
    UsageState,
)


def piece(
    args: str | None = None,
    *,
    index: int | None = None,
    id: str | None = None,
    name: str | None = None,
) -> StreamDelta:
    return StreamDelta(
        tool_call_args_fragment=args, tool_call_index=index, tool_call_id=id, tool_call_name=name
    )


def assembled(*pieces: StreamDelta) -> list[tuple[str, str, dict[str, Any]]]:
    builder = StreamBuilder()
    for delta in pieces:
        assert builder.add(delta).tool_calls == []
    builder.finish(FinishReason.TOOL_CALL)
    calls = builder.final().tool_calls
    assert not any(call.is_malformed for call in calls)
    return [(call.id, call.name, call.arguments) for call in calls]


TWO = [("1", "f", {"a": 1}), ("2", "g", {"b": 2})]


@pytest.mark.parametrize(
    "pieces",
    [
        pytest.param(
            [piece("", index=0, id="1", name="f"), piece('{"a"', index=0), piece(":1}", index=0),
             piece("", index=1, id="2", name="g"), piece('{"b":2}', index=1)],
            id="as documented",
        ),
        pytest.param(
            [piece("", index=0, id="1", name="f"), piece("", index=1, id="2", name="g"),
             piece('{"a"', index=0), piece('{"b"', index=1), piece(":1}", index=0),
             piece(":2}", index=1)],
            id="interleaved",
        ),
        pytest.param(
            [piece('{"a":1}', index=0, id="1", name="f"), piece('{"b":2}', index=0, id="2", name="g")],
            id="all under index 0",
        ),
        pytest.param(
            [piece("", index=0, id="1", name="f"), piece("", index=0, id="2", name="g"),
             piece('{"a":1}', index=0, id="1"), piece('{"b":2}', index=0, id="2")],
            id="all under index 0, interleaved by id",
        ),
        pytest.param(
            [piece("", id="1", name="f"), piece("", id="2", name="g"), piece('{"a":', id="1"),
             piece('{"b":2}', id="2"), piece("1}", id="1")],
            id="no index, by id",
        ),
        pytest.param(
            [piece(id="1"), piece(name="f"), piece('{"a":1}'), piece(id="2"), piece(name="g"),
             piece('{"b":'), piece("2}")],
            id="no index, id first",
        ),
        pytest.param(
            [piece('{"a":1}', id="1", name="f"), piece('{"b":2}', id="2", name="g")],
            id="no index, whole calls",
        ),
        pytest.param(
            [piece("", index=0, id="1", name="f"), piece('{"a":', index=0, id="x9"),
             piece("1}", index=0, id="x10"), piece('{"b":2}', index=1, id="2", name="g")],
            id="a fresh id on every piece",
        ),
        pytest.param(
            [piece('{"a":', index=0, id="1", name="f"), piece("1}", index=0, id="1", name="f"),
             piece("", index=0, id="1", name="f"), piece('{"b":2}', index=1, id="2", name="g")],
            id="name and id repeated",
        ),
    ],
)  # fmt: skip
def test_two_calls_are_told_apart(pieces: list[StreamDelta]) -> None:
    assert assembled(*pieces) == TWO


@pytest.mark.parametrize("index", [None, 0])
def test_calls_without_ids_are_told_apart_by_complete_json(index: int | None) -> None:
    pieces = [
        piece('{"a":', index=index, name="f"),
        piece("1}", index=index, name="f"),
        piece('{"a":2}', index=index, name="f"),
        piece('{"b":3}', index=index, name="g"),
    ]
    assert assembled(*pieces) == [("", "f", {"a": 1}), ("", "f", {"a": 2}), ("", "g", {"b": 3})]


def test_calls_without_ids_and_arguments_are_told_apart_by_name() -> None:
    assert assembled(piece("", name="f"), piece("", name="g")) == [("", "f", {}), ("", "g", {})]
    assert len(assembled(piece(name="f"), piece(name="f"))) == 2


def test_thousands_of_calls_are_told_apart_without_a_search() -> None:
    """A search through all calls for every piece would take minutes here."""
    many = 30_000
    pieces = [
        delta
        for number in range(many)
        for delta in (piece("", index=number, id=f"c{number}", name="f"), piece("{}", index=number))
    ]
    calls = assembled(*pieces)
    assert (len(calls), calls[-1]) == (many, (f"c{many - 1}", "f", {}))


argument_sets = st.dictionaries(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=8),
    st.integers() | st.text('{}"\\é'),
    max_size=3,
)


@given(st.data(), st.lists(argument_sets, min_size=1, max_size=4))
def test_any_cut_of_interleaved_calls_comes_together(
    data: st.DataObject, wanted: list[dict[str, Any]]
) -> None:
    queues: list[list[StreamDelta]] = []
    for number, arguments in enumerate(wanted):
        text = json.dumps(arguments)
        cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=4)))
        edges = [0, *cuts, len(text)]
        opening = piece(index=number, id=f"id{number}", name="f")
        rest = [piece(text[a:b], index=number) for a, b in pairwise(edges)]
        queues.append([opening, *rest])
    order: list[StreamDelta] = [queue.pop(0) for queue in queues]
    while any(queues):
        order.append(data.draw(st.sampled_from([queue for queue in queues if queue])).pop(0))
    assert assembled(*order) == [(f"id{n}", "f", found) for n, found in enumerate(wanted)]


@pytest.mark.parametrize("raw", ['{"a": 1', "[1]", '{"a": NaN}', '{"a": "\\ud83d"}'])
def test_malformed_arguments_stay_raw_and_do_not_raise(raw: str) -> None:
    builder = StreamBuilder()
    builder.add(piece(raw, index=0, id="1", name="f"))
    builder.finish(FinishReason.TOOL_CALL)
    (call,) = builder.final().tool_calls
    assert call == ToolCallResult(id="1", name="f", raw_arguments=raw)


def test_a_chunk_keeps_its_own_text_while_others_follow() -> None:
    builder = StreamBuilder()
    chunks = [builder.add(StreamDelta(text=word)) for word in ("Hel", "lo", " you")]
    chunks.append(builder.add(StreamDelta(thinking="hm")))
    chunks.append(builder.add(StreamDelta(thinking="m")))
    builder.finish(FinishReason.STOP)
    chunks.append(builder.final())
    texts = [chunk.accumulated_text for chunk in chunks]
    assert texts == ["Hel", "Hello", "Hello you", "Hello you", "Hello you", "Hello you"]
    assert [chunk.accumulated_thinking for chunk in chunks] == ["", "", "", "hm", "hmm", "hmm"]
    assert [chunk.is_thinking for chunk in chunks] == [False, False, False, True, True, False]
    assert [chunk.is_final for chunk in chunks] == [False] * 5 + [True]
    assert {chunk.finish_reason for chunk in chunks[:-1]} == {None}


def test_nothing_is_joined_until_it_is_read() -> None:
    """Each chunk holds the one list of pieces; n chunks cost n appends, not n joins."""
    builder = StreamBuilder()
    chunks = [builder.add(StreamDelta(text="x")) for _ in range(1000)]
    held = {id(chunk._texts[0]) for chunk in chunks}
    assert len(held) == 1
    assert [chunk._texts[1] for chunk in chunks] == list(range(1, 1001))


def test_a_caller_that_changes_a_chunk_changes_no_other() -> None:
    builder = StreamBuilder()
    first = builder.add(StreamDelta(text="a"))
    first.tool_calls.append(ToolCallResult(name="f"))
    assert builder.add(StreamDelta(text="b")).tool_calls == []
    assert StreamBuilder().add(StreamDelta(text="c")).tool_calls == []


def test_the_final_chunk_comes_once() -> None:
    builder = StreamBuilder(provider="p", model="m")
    builder.add(StreamDelta(text="hi"))
    builder.finish(FinishReason.STOP, "end_turn")
    final = builder.final(parsed={"a": 1})
    assert final.is_final
    assert isinstance(final.response, LLMResponse)
    assert (final.response.content, final.response.raw_finish_reason) == ("hi", "end_turn")
    assert final.parsed == final.response.parsed == {"a": 1}
    assert (final.response.provider, final.response.model) == ("p", "m")
    with pytest.raises(ConfigurationError, match="one final chunk"):
        builder.final()


@pytest.mark.parametrize(
    ("reasons", "wanted"),
    [
        (["tool_call", "stop"], "tool_call"),
        (["stop", "tool_call"], "tool_call"),
        (["length", "stop"], "length"),
        (["content_filter", "unknown"], "content_filter"),
        (["unknown", "stop"], "stop"),
        (["stop"], "stop"),
        (["refusal"], "refusal"),
    ],
)
def test_a_reason_that_says_more_is_not_overwritten(reasons: list[str], wanted: str) -> None:
    builder = StreamBuilder()
    for reason in reasons:
        builder.finish(FinishReason(reason), f"raw {reason}")
    final = builder.final()
    assert final.finish_reason == wanted
    assert final.response is not None
    assert final.response.raw_finish_reason == f"raw {wanted}"


def test_a_stop_with_tool_calls_is_a_tool_call() -> None:
    builder = StreamBuilder()
    builder.add(piece("{}", index=0, id="1", name="f"))
    builder.finish(FinishReason.STOP)
    assert builder.final().finish_reason is FinishReason.TOOL_CALL


def test_usage_in_several_reports_is_never_lost() -> None:
    builder = StreamBuilder()
    builder.add_usage(Usage(input_tokens=9, output_tokens=1, state=UsageState.PARTIAL))
    assert builder.add(StreamDelta(text="a")).usage.total_tokens == 0
    builder.add_usage(Usage())
    builder.finish(FinishReason.STOP)
    builder.add_usage(Usage(output_tokens=5, reasoning_tokens=2))
    builder.add_usage(Usage())
    usage = builder.final().usage
    assert (usage.input_tokens, usage.output_tokens, usage.reasoning_tokens) == (9, 5, 2)
    assert usage.state is UsageState.MEASURED


def test_a_cut_stream_is_an_error_with_all_that_arrived() -> None:
    builder = StreamBuilder(provider="p")
    builder.request_id = "r"
    builder.add(StreamDelta(text="half"))
    builder.add(piece('{"a": ', index=0, id="1", name="f"))
    builder.add_usage(Usage(input_tokens=4))
    assert not builder.is_finished
    with pytest.raises(StreamTruncatedError, match="4 characters and 1 tool calls") as caught:
        builder.final()
    error = caught.value
    assert (error.provider, error.request_id, error.retryable) == ("p", "r", False)
    partial = error.partial
    assert partial.content == "half"
    assert partial.finish_reason is FinishReason.ERROR
    assert partial.tool_calls[0].is_malformed
    assert partial.usage == Usage(input_tokens=4, state=UsageState.PARTIAL)


def test_a_cut_stream_without_reports_has_unknown_usage() -> None:
    assert StreamBuilder().response().usage.state is UsageState.UNKNOWN


def test_parts_are_fit_for_the_next_turn() -> None:
    builder = StreamBuilder(provider="p", model="m")
    builder.add(StreamDelta(thinking="hm"))
    builder.add_part(ReasoningPart(text="hm", signature="sig", provider="p"))
    builder.add(StreamDelta(text="a"))
    builder.add(piece("{}", index=0, id="1", name="f"))
    builder.sign_call("gem")
    builder.finish(FinishReason.TOOL_CALL)
    response = builder.response()
    assert response.thinking == "hm"
    assert response.message.parts == (
        ReasoningPart(text="hm", signature="sig", provider="p"),
        TextPart(text="a"),
        ToolCallPart(id="1", name="f", signature="gem"),
    )


def test_parts_stand_in_the_order_in_which_they_came() -> None:
    builder = StreamBuilder(provider="p", model="m")
    first, second = (ReasoningPart(text=t, signature=t, provider="p") for t in ("hm", "aha"))
    block = ProviderPart(provider="p", data={"type": "search"})
    builder.add_part(first)
    builder.add(piece("{}", index=0, id="1", name="f"))
    builder.add_part(second)
    builder.add(StreamDelta(text="a"))
    builder.add(StreamDelta(text="b"))
    builder.end_text(citations=[{"url": "u"}])
    builder.add_part(block)
    builder.add(StreamDelta(text="c"))
    builder.add(piece("{}", index=1, id="2", name="g"))
    builder.end_text(signature="sig")
    builder.finish(FinishReason.TOOL_CALL)
    response = builder.response()
    assert response.parts == (
        first,
        ToolCallPart(id="1", name="f"),
        second,
        TextPart(text="ab", citations=({"url": "u"},)),
        block,
        TextPart(text="c"),
        ToolCallPart(id="2", name="g"),
        TextPart(text="", signature="sig"),
    )
    assert response.content == response.message.text == "abc"
    assert LLMResponse.model_validate_json(response.model_dump_json()) == response


def test_logprobs_are_collected() -> None:
    builder = StreamBuilder()
    assert builder.response().logprobs is None
    builder.logprobs.append(TokenLogprob(token="a", logprob=-0.1))
    assert builder.response().logprobs == (TokenLogprob(token="a", logprob=-0.1),)


def test_unsigned_thinking_and_refusals_become_parts() -> None:
    builder = StreamBuilder(provider="p", model="m")
    builder.add(StreamDelta(thinking="hm"))
    builder.add_refusal("I will ")
    builder.add_refusal("not.")
    builder.finish(FinishReason.REFUSAL)
    response = builder.response()
    assert (response.refusal, response.content) == ("I will not.", None)
    assert response.parts == (
        ReasoningPart(text="hm", provider="p", model="m"),
        RefusalPart(text="I will not."),
    )


def test_a_surrogate_pair_cut_in_two_is_joined_and_a_lone_half_replaced() -> None:
    builder = StreamBuilder()
    for half in ("a\ud83d", "\ude00b\ud83d"):
        builder.add(StreamDelta(text=half))
    builder.add(piece('{"a": "\ud83d', index=0, name="f"))
    builder.add(piece('\ude00"}', index=0))
    builder.finish(FinishReason.STOP)
    response = builder.response()
    assert response.content == "a😀b\ufffd"
    assert response.tool_calls[0].arguments == {"a": "😀"}
    assert LLMResponse.model_validate_json(response.model_dump_json()) == response


def test_defaults_are_the_references() -> None:
    chunk = StreamChunk()
    assert chunk.delta == StreamDelta()
    assert (chunk.accumulated_text, chunk.accumulated_thinking) == ("", "")
    assert (chunk.finish_reason, chunk.is_final, chunk.is_thinking) == (None, False, False)
    assert (chunk.tool_calls, chunk.parsed, chunk.raw) == ([], None, None)
    assert chunk.usage.total_tokens == 0
    assert (chunk.delta.text, chunk.delta.thinking) == ("", "")
