"""Streams are assembled once and whole, however they are cut into lines."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given, strategies as st

from racto.core import (
    FinishReason,
    InvalidResponseError,
    NotFoundError,
    RactoGatewayError,
    StreamTruncatedError,
    UsageState,
)
from racto.providers.kits import WireReply, WireRequest
from racto.providers.ollama.failures import OLLAMA_VOCABULARY, OllamaTranslator
from racto.providers.ollama.lines import ChatAssembler
from racto.providers.ollama.replies import read_reply
from racto.providers.ollama.wire import OllamaWire

REQUEST = WireRequest(path="/api/chat", body={}, model="asked", dropped=("seed",))


def assembler() -> ChatAssembler:
    translator = OllamaTranslator("ollama", OLLAMA_VOCABULARY)
    return ChatAssembler(translator, request=REQUEST, request_id="r1")


def line(content: str = "", *, second: int = 0, **fields: Any) -> str:
    message = {"role": "assistant", "content": content, **fields.pop("message", {})}
    head = {"model": "qwen3", "created_at": f"2026-11-22T10:00:{second:02}Z", "done": False}
    return json.dumps({**head, "message": message, **fields})


def end(**fields: Any) -> str:
    return line(done=True, done_reason="stop", prompt_eval_count=11, eval_count=7, **fields)


def test_text_and_thinking_arrive_in_pieces() -> None:
    stream = assembler()
    lines = [line(message={"thinking": "Hm"}), line("Hel"), line("lo", second=1), end(second=2)]
    chunks = [chunk for each in lines for chunk in stream.push(each)]
    assert [(chunk.delta.thinking, chunk.delta.text) for chunk in chunks] == [
        ("Hm", ""),
        ("", "Hel"),
        ("", "lo"),
    ]
    assert stream.is_done
    final = stream.final()
    assert final.is_final
    assert final.response is not None
    assert (final.response.content, final.response.thinking) == ("Hello", "Hm")
    assert (final.response.model, final.response.request_id) == ("qwen3", "r1")
    assert final.response.dropped == ("seed",)
    assert final.usage.total_tokens == 18
    assert final.usage.state is UsageState.MEASURED


def test_calls_of_several_lines_are_kept_apart_and_have_the_ids_of_a_whole_reply() -> None:
    calls = [
        {"function": {"name": "weather", "arguments": {"city": city}}} for city in ("Rome", "Oslo")
    ]
    stream = assembler()
    for each in [
        line("Wait."),
        line(message={"tool_calls": [calls[0]]}, second=1),
        line(message={"tool_calls": [calls[1]]}, second=2),
        end(second=3),
    ]:
        stream.push(each)
    response = stream.final().response
    assert response is not None
    assert [call.arguments["city"] for call in response.tool_calls] == ["Rome", "Oslo"]
    assert response.finish_reason is FinishReason.TOOL_CALL
    whole = json.loads(end(message={"tool_calls": calls}))
    assert [call.id for call in read_reply(whole).tool_calls] == [
        call.id for call in response.tool_calls
    ]


def test_malformed_arguments_are_kept_as_they_came() -> None:
    stream = assembler()
    call = {"function": {"name": "weather", "arguments": '{"city": '}}
    stream.push(line(message={"tool_calls": [call]}))
    stream.push(end())
    (found,) = stream.final().tool_calls
    assert found.raw_arguments == '{"city": '


def test_logprobs_are_collected() -> None:
    stream = assembler()
    stream.push(line("a", logprobs=[{"token": "a", "logprob": -0.5}]))
    stream.push(end(logprobs=[{"token": "b", "logprob": -0.25}]))
    response = stream.final().response
    assert response is not None
    assert response.logprobs is not None
    assert [each.token for each in response.logprobs] == ["a", "b"]


def test_a_stream_that_merely_stops_was_cut() -> None:
    stream = assembler()
    stream.push(line("Hel"))
    assert not stream.is_done
    with pytest.raises(StreamTruncatedError) as caught:
        stream.final()
    assert caught.value.partial.content == "Hel"
    assert caught.value.partial.usage.state is UsageState.UNKNOWN
    assert stream.cut("why").partial.content == "Hel"


def test_an_error_line_is_an_error_whatever_the_status_was() -> None:
    with pytest.raises(NotFoundError, match="ollama pull tiny") as caught:
        assembler().push('{"error": "model \'tiny\' not found"}')
    assert caught.value.request_id == "r1"


@pytest.mark.parametrize("event", ["[]", "7", "nonsense", '{"message": 3}', '{"done": true}'])
def test_a_line_of_another_shape_is_invalid(event: str) -> None:
    with pytest.raises(InvalidResponseError):
        assembler().push(event)


@given(pieces=st.lists(st.text(max_size=8), max_size=8), thoughts=st.lists(st.text(max_size=8)))
def test_nothing_of_a_stream_is_lost(pieces: list[str], thoughts: list[str]) -> None:
    stream = assembler()
    for thought in thoughts:
        stream.push(line(message={"thinking": thought}))
    for piece in pieces:
        stream.push(line(piece))
    stream.push(end())
    response = stream.final().response
    assert response is not None
    assert (response.content or "", response.thinking or "") == ("".join(pieces), "".join(thoughts))


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.floats() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=2), inner),
    max_leaves=3,
)


def _mostly(good: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.integers(0, 9).flatmap(lambda draw: _JSON if draw == 7 else good)


def _object(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return _mostly(st.fixed_dictionaries({name: _mostly(good) for name, good in fields.items()}))


_WORDS = st.none() | st.text(max_size=3)
_COUNT = st.none() | st.integers(0, 9)
_LINE = _object(
    message=_object(
        content=_WORDS,
        thinking=_WORDS,
        tool_calls=st.none()
        | st.lists(_object(id=_WORDS, function=_object(name=_WORDS, arguments=_JSON)), max_size=2),
    ),
    model=_WORDS,
    created_at=_WORDS,
    done=st.booleans(),
    done_reason=_WORDS,
    logprobs=st.none() | st.lists(_object(token=_WORDS, logprob=st.floats()), max_size=2),
    prompt_eval_count=_COUNT,
    eval_count=_COUNT,
)


@given(events=st.lists(_LINE, max_size=3), last=_LINE)
def test_whatever_a_server_sends_only_our_errors_come_out(events: list[Any], last: Any) -> None:
    stream = assembler()
    try:
        for each in [*events, last]:
            stream.push(json.dumps(each))
        stream.final()
    except RactoGatewayError:
        stream.cut("why")
    with contextlib.suppress(RactoGatewayError):
        wire = OllamaWire(OllamaTranslator("ollama", OLLAMA_VOCABULARY))
        wire.decode(REQUEST, WireReply(body=json.dumps(last).encode()))
