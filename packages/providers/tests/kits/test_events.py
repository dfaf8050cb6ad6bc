"""Events and lines survive any cut of their bytes."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, strategies as st

from racto.core import InvalidResponseError
from racto.providers.kits import events
from racto.providers.kits.events import EventDecoder, LineDecoder

TEXT = st.text(st.characters(blacklist_characters="\r\n", blacklist_categories=["Cs"]), min_size=1)


def decoded(
    pieces: list[bytes], kind: type[EventDecoder] | type[LineDecoder] = EventDecoder
) -> list[str]:
    decoder = kind()
    return [event for piece in pieces for event in decoder.feed(piece)] + decoder.finish()


@given(st.lists(TEXT, max_size=6), st.sampled_from(["\n", "\r\n", "\r"]), st.data())
def test_however_bytes_are_cut_the_events_are_the_same(
    texts: list[str], end: str, data: st.DataObject
) -> None:
    body = "".join(f"data: {text}{end}{end}" for text in texts).encode() + b"data: [DONE]\n\n"
    cuts = sorted(data.draw(st.lists(st.integers(0, len(body)), max_size=8)))
    pieces = [body[a:b] for a, b in zip([0, *cuts], [*cuts, len(body)], strict=True)]
    assert decoded(pieces) == [*texts, "[DONE]"]


def test_lines_of_data_are_joined_and_other_fields_skipped() -> None:
    body = b": comment\nevent: delta\nid: 7\ndata: one\ndata:two\nretry: 3\n\n\n\ndata: x\n\n"
    assert decoded([body]) == ["one\ntwo", "x"]


@pytest.mark.parametrize(
    ("tail", "found"),
    [
        (b"data: [DONE]", ["[DONE]"]),
        (b'data: {"a": 1}\n', ['{"a": 1}']),
        (b'data: {"a": ', []),
        (b"data: ", []),
    ],
)
def test_an_end_without_a_blank_line_loses_nothing_whole(tail: bytes, found: list[str]) -> None:
    assert decoded([tail]) == found


def test_bytes_that_are_no_text_are_an_error() -> None:
    with pytest.raises(InvalidResponseError, match="UTF-8"):
        decoded([b"data: \xff\n\n"])


def test_a_line_without_end_does_not_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "LONGEST_EVENT", 1000)
    with pytest.raises(InvalidResponseError, match="without ending an event"):
        decoded([b"x" * 100] * 20)
    with pytest.raises(InvalidResponseError, match="without ending an event"):
        decoded([b"data: " + b"x" * 100 + b"\n"] * 20)
    assert len(decoded([b"data: " + b"x" * 100 + b"\n\n"] * 20)) == 20


@pytest.mark.parametrize("size", [1, 7, 100, 5000])
def test_an_event_within_the_limit_passes_however_it_is_cut(
    monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    monkeypatch.setattr(events, "LONGEST_EVENT", 1000)
    body = b"data: " + b"x" * 900 + b"\n\n"
    assert (
        decoded([body[at : at + size] for at in range(0, len(body), size)] * 3) == ["x" * 900] * 3
    )


@pytest.mark.parametrize("cut", range(6))
def test_a_mark_of_the_byte_order_is_no_part_of_the_first_event(cut: int) -> None:
    body = b"\xef\xbb\xbfdata: 1\n\n\xef\xbb\xbfdata: 2\n\n"
    assert decoded([body[:cut], body[cut:]]) == ["1"]


def test_bare_json_at_the_end_is_handed_out() -> None:
    error = b'{\r\n  "error": {\r\n    "code": 503\r\n  }\r\n}\r\n'
    last = decoded([b'data: {"a": 1}\r\n\r\n', error[:9], error[9:]])[-1]
    assert json.loads(last) == {"error": {"code": 503}}
    assert decoded([b"data: 1\n\n", error[:-6]]) == ["1"]
    assert decoded([error, b"data: 1\n\n"]) == ["1"]
    assert decoded([b": 1\n2\ndata: 1\n\n3\n"]) == ["1"]


@given(
    st.lists(st.dictionaries(TEXT, TEXT), max_size=6), st.sampled_from(["\n", "\r\n"]), st.data()
)
def test_however_bytes_are_cut_the_lines_are_the_same(
    values: list[dict[str, str]], end: str, data: st.DataObject
) -> None:
    lines = [json.dumps(value, ensure_ascii=False) for value in values]
    body = "".join(line + end for line in lines).encode()
    if data.draw(st.booleans()):
        body = body.removesuffix(end.encode())
    cuts = sorted(data.draw(st.lists(st.integers(0, len(body)), max_size=8)))
    pieces = [body[a:b] for a, b in zip([0, *cuts], [*cuts, len(body)], strict=True)]
    assert [json.loads(line) for line in decoded(pieces, LineDecoder)] == values


def test_half_a_line_at_the_end_is_not_handed_out() -> None:
    assert decoded([b'{"a": 1}\n\n{"b": '], LineDecoder) == ['{"a": 1}']


def test_a_line_of_json_without_end_does_not_fill_the_memory(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(events, "LONGEST_EVENT", 1000)
    with pytest.raises(InvalidResponseError, match="without ending a line"):
        decoded([b"x" * 100] * 20, LineDecoder)
    assert len(decoded([b"x" * 100 + b"\n"] * 20, LineDecoder)) == 20
