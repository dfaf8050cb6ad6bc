"""A stream tells what a whole response tells, whichever way it is cut into pieces."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, strategies as st

from racto.core import Usage
from racto.core.logprobs import TokenLogprob
from racto.testing import Failure, Reply, ToolCall
from racto.testing.gemini.chunks import chunks, json_array
from racto.testing.gemini.rendering import Question, response, said

ASKED = Question(
    model="m",
    settings={"thinkingConfig": {"includeThoughts": True}, "responseLogprobs": True},
    response_id="r",
    new_id=lambda: "call",
)


def streamed(reply: Reply, asked: Question = ASKED) -> list[dict[str, Any]]:
    return list(chunks(reply, asked, said(reply, asked, in_pieces=True)))


def parts_of(stream: list[dict[str, Any]]) -> list[dict[str, Any]]:
    contents = (chunk["candidates"][0].get("content", {}) for chunk in stream)
    return [part for content in contents for part in content.get("parts", ())]


@given(
    st.lists(st.text(min_size=1), max_size=5),
    st.lists(st.text(min_size=1), max_size=3),
    st.lists(st.builds(ToolCall, name=st.just("f"), arguments=st.just({"a": [1]})), max_size=3),
)
def test_the_pieces_of_a_stream_are_the_whole(
    words: list[str], thoughts: list[str], calls: list[ToolCall]
) -> None:
    reply = Reply(text=words, thinking=thoughts, tool_calls=calls)
    whole = response(reply, ASKED)["candidates"][0]
    stream = streamed(reply)
    parts = parts_of(stream)
    told = {
        "words": "".join(part.get("text", "") for part in parts if not part.get("thought")),
        "thoughts": "".join(part["text"] for part in parts if part.get("thought")),
        "calls": [part for part in parts if "functionCall" in part],
    }
    same = whole["content"].get("parts", [])
    assert told == {
        "words": "".join(part.get("text", "") for part in same if not part.get("thought")),
        "thoughts": "".join(part["text"] for part in same if part.get("thought")),
        "calls": [part for part in same if "functionCall" in part],
    }
    reasons = [chunk["candidates"][0].get("finishReason") for chunk in stream]
    assert reasons == [None] * (len(stream) - 1) + [whole["finishReason"]]
    assert {chunk["responseId"] for chunk in stream} == {"r"}


def test_usage_grows_to_the_whole() -> None:
    usage = Usage(input_tokens=10, output_tokens=100, reasoning_tokens=40)
    totals = [
        chunk["usageMetadata"]["totalTokenCount"]
        for chunk in streamed(Reply(text=list("abcd"), usage=usage))
    ]
    assert totals == sorted(set(totals))
    assert totals[-1] == 110
    assert all("usageMetadata" not in each for each in streamed(Reply(text="x", usage=None)))


def test_a_failure_takes_the_place_of_the_end() -> None:
    *before, last = streamed(Reply(text=["a", "b"], failure_after=Failure(kind="overloaded")))
    assert [part["text"] for part in parts_of(before)] == ["a", "b"]
    assert last["error"]["status"] == "UNAVAILABLE"


def test_a_stream_without_words_has_an_end() -> None:
    (only,) = streamed(Reply())
    assert only["candidates"] == [{"finishReason": "STOP", "index": 0}]


def test_probabilities_go_with_their_pieces_where_they_can() -> None:
    tokens = [TokenLogprob(token=word, logprob=-1.0) for word in "ab"]

    def where(words: list[str]) -> list[bool]:
        stream = streamed(Reply(text=words, thinking="t", logprobs=tokens))
        return ["logprobsResult" in chunk["candidates"][0] for chunk in stream]

    assert where(["a", "b"]) == [False, True, True, False]
    assert where(["ab"]) == [False, False, True]


@given(st.lists(st.dictionaries(st.text(), st.integers())))
def test_an_array_is_the_json_of_its_items(items: list[dict[str, int]]) -> None:
    assert json.loads(b"".join(json_array(iter(items)))) == items
