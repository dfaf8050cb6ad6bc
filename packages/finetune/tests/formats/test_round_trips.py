"""Every format gives back what was put in, whatever characters it holds, through real lines."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from racto.finetune.examples import RactoTrainingExample
from racto.finetune.formats import FORMATS, detect_format, find_format
from racto.finetune.lines import dump_line, record_of
from racto.finetune.messages import RactoTrainingMessage

from .example_strategies import (
    FORMS,
    calls,
    conversations,
    examples_of,
    image_data,
    with_media,
    words,
)


def through(example: RactoTrainingExample, name: str) -> RactoTrainingExample:
    """Into a line of a file and back."""
    format = find_format(name)
    line = dump_line(format.encode(example))
    # Whoever splits lines as Python does must see one line.
    assert len(line.decode("utf-8").splitlines()) == 1
    return format.decode(record_of(line, "here"))


def test_every_format_is_tried() -> None:
    assert FORMS.keys() == FORMATS.keys()


@pytest.mark.parametrize("name", FORMS)
@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_what_goes_in_comes_out(name: str, data: st.DataObject) -> None:
    example = data.draw(FORMS[name])
    assert through(example, name) == example


@pytest.mark.parametrize("name", [name for name in FORMS if name != "columns"])
@settings(max_examples=20, deadline=None)
@given(data=st.data())
def test_a_record_tells_a_format_that_reads_it_the_same(name: str, data: st.DataObject) -> None:
    example = data.draw(FORMS[name])
    record = find_format(name).encode(example)
    assert detect_format(record).decode(record) == example


@settings(max_examples=30, deadline=None)
@given(st.data())
def test_openai_records_come_back_to_the_letter(data: st.DataObject) -> None:
    example = data.draw(FORMS["openai"])
    format = find_format("openai")
    record = format.encode(example)
    assert format.encode(format.decode(record)) == record


@settings(max_examples=30, deadline=None)
@given(examples_of(conversations(words("user") | with_media(image_data), calls(named=True))))
def test_a_trip_through_all_formats_keeps_words_calls_and_images(
    example: RactoTrainingExample,
) -> None:
    trip = example
    for name in ("gemini", "trl", "openai", "anthropic"):
        trip = through(trip, name)
    assert said(trip) == said(example)
    assert trip.tools == example.tools


def said(example: RactoTrainingExample) -> list[Any]:
    """What every format can say."""
    return [_said(turn) for turn in example.messages]


def _said(turn: RactoTrainingMessage) -> tuple[Any, ...]:
    calls = [(call.id, call.name, call.arguments) for call in turn.tool_calls]
    results = [(result.tool_call_id, result.text) for result in turn.tool_results]
    return turn.role, turn.content, turn.attachments, calls, results
