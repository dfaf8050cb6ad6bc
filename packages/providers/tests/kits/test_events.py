"""Server-sent events survive any cut of their bytes."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from racto.core import InvalidResponseError
from racto.providers.kits import events
from racto.providers.kits.events import EventDecoder

TEXT = st.text(st.characters(blacklist_characters="\r\n", blacklist_categories=["Cs"]), min_size=1)


def decoded(pieces: list[bytes]) -> list[str]:
    decoder = EventDecoder()
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
