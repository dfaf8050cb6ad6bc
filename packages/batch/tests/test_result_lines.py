"""Result files: any order, any damage, and no bad line stops the good ones."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest

from racto.batch import anthropic_lines, openai_lines
from racto.batch.gemini_lines import LineReader
from racto.batch.hosts import Fate, Outcome
from racto.batch.result_lines import read_results

GOOD = b'{"custom_id": "a", "response": {"status_code": 200, "request_id": "r", "body": {"x": 1}}}'


def read(folder: Path, *lines: bytes, longest: int = 2**20) -> list[Outcome]:
    """The outcomes of OpenAI's lines."""
    path = folder / "output.jsonl"
    path.write_bytes(b"\n".join(lines))
    return list(read_results([path], openai_lines.read_line, longest=longest))


@pytest.mark.parametrize(
    ("line", "why", "custom_id"),
    [
        (b"{broken", "is no JSON; it begins '{broken'", None),
        (b"\xff\xfe", "is no JSON", None),
        (b"[" * 100_000, "is no JSON", None),
        (b"[1, 2]", "is no JSON object", None),
        (b"{}", "has no custom_id", None),
        (b'{"custom_id": 7}', "has no custom_id", None),
        (b'{"custom_id": "b"}', "no response and no error", "b"),
        (b'{"custom_id": "b", "response": {}}', "no status or no body", "b"),
        (b'{"custom_id": "b", "response": {"status_code": 200}}', "no status or no body", "b"),
        (b'{"custom_id": "b", "response": {"status_code": 9223372036854775808}}', "no status", "b"),
        (b'{"custom_id": "b\\ud800"}', r"custom_id is no text: 'b\ud800'", None),
    ],
    ids=[
        "cut",
        "bytes",
        "deep",
        "list",
        "empty",
        "number",
        "nothing",
        "no-status",
        "no-body",
        "huge-status",
        "half-pair",
    ],
)
def test_a_bad_line_is_an_outcome_that_names_it(
    line: bytes, why: str, custom_id: str | None, tmp_path: Path
) -> None:
    first, second, third = read(tmp_path, GOOD, line, GOOD)
    assert first.fate is third.fate is Fate.ANSWERED
    assert second.fate is Fate.MALFORMED
    assert second.custom_id == custom_id
    assert second.problem.startswith("output.jsonl, line 2: it")
    assert why in second.problem
    assert len(second.problem) < 300


def test_a_line_that_is_too_long_is_skipped_unread(tmp_path: Path) -> None:
    first, second, third = read(tmp_path, GOOD, b'"' + b"x" * 5_000_000, GOOD, longest=1000)
    assert (first.fate, third.fate) == (Fate.ANSWERED, Fate.ANSWERED)
    assert "line 2: it is too long" in second.problem


def test_the_last_line_may_be_too_long_and_without_an_end(tmp_path: Path) -> None:
    assert [each.fate for each in read(tmp_path, GOOD, b"x" * 5000, longest=1000)] == [
        Fate.ANSWERED,
        Fate.MALFORMED,
    ]


def test_a_line_of_just_the_longest_length_is_read(tmp_path: Path) -> None:
    for end in (b"", b"\n"):
        (only,) = read(tmp_path, GOOD + end, longest=len(GOOD))
        assert only.fate is Fate.ANSWERED


def test_empty_lines_count_and_say_nothing(tmp_path: Path) -> None:
    outcomes = read(tmp_path, b"", GOOD, b"  ", b"{", b"")
    assert [each.fate for each in outcomes] == [Fate.ANSWERED, Fate.MALFORMED]
    assert "line 4" in outcomes[1].problem


def test_several_files_are_read_in_turn(tmp_path: Path) -> None:
    paths = [tmp_path / "one", tmp_path / "two"]
    for path in paths:
        path.write_bytes(GOOD)
    assert len(list(read_results(paths, openai_lines.read_line))) == 2
    assert list(read_results([], openai_lines.read_line)) == []


def test_openais_errors_stand_in_two_places() -> None:
    ran = {"status_code": 400, "request_id": "r", "body": {"error": {"message": "bad"}}}
    outcome = openai_lines.read_line({"custom_id": "a", "response": ran, "error": None})
    assert (outcome.fate, outcome.status, outcome.request_id) == (Fate.REFUSED, 400, "r")
    assert orjson.loads(outcome.body) == {"error": {"message": "bad"}}
    never = {"code": "batch_expired", "message": "too late"}
    outcome = openai_lines.read_line({"custom_id": "a", "response": None, "error": never})
    assert (outcome.fate, outcome.status) == (Fate.EXPIRED, None)
    never = {"code": "something_new", "message": "too bad"}
    outcome = openai_lines.read_line({"custom_id": "a", "error": never})
    assert outcome.fate is Fate.REFUSED
    assert orjson.loads(outcome.body) == {"error": never}


def test_an_error_page_of_a_gateway_is_a_refusal_too() -> None:
    ran = {"status_code": 502, "body": "<html>"}
    outcome = openai_lines.read_line({"custom_id": "a", "response": ran})
    assert (outcome.fate, outcome.status, outcome.body) == (Fate.REFUSED, 502, b'"<html>"')


def test_anthropics_errors_may_be_wrapped_or_bare() -> None:
    inner = {"type": "invalid_request_error", "message": "bad"}
    wrapped = {"type": "error", "error": inner, "request_id": "req_1"}
    for told in (wrapped, inner):
        line = {"custom_id": "a", "result": {"type": "errored", "error": told}}
        outcome = anthropic_lines.read_line(line)
        assert outcome.fate is Fate.REFUSED
        assert orjson.loads(outcome.body)["error"] == inner
    assert (
        anthropic_lines.read_line(
            {"custom_id": "a", "result": {"type": "errored", "error": wrapped}}
        ).request_id
        == "req_1"
    )


def test_a_result_of_an_unknown_type_is_told(tmp_path: Path) -> None:
    path = tmp_path / "results.jsonl"
    path.write_bytes(b'{"custom_id": "a", "result": {"type": "postponed"}}\n{"custom_id": "b"}')
    outcomes = list(read_results([path], anthropic_lines.read_line))
    assert [each.custom_id for each in outcomes] == ["a", "b"]
    assert {each.fate for each in outcomes} == {Fate.MALFORMED}
    assert "'postponed'" in outcomes[0].problem


@pytest.mark.parametrize(
    ("code", "status", "word"),
    [
        (3, 400, "INVALID_ARGUMENT"),
        (8, 429, "RESOURCE_EXHAUSTED"),
        (429, 429, "UNKNOWN"),
        (99, 500, "UNKNOWN"),
    ],
)
def test_googles_codes_become_statuses(code: int, status: int, word: str) -> None:
    line = {"key": "a", "error": {"code": code, "message": "bad"}}
    outcome = LineReader().read(line)
    assert outcome is not None
    assert (outcome.fate, outcome.status) == (Fate.REFUSED, status)
    told = orjson.loads(outcome.body)["error"]
    assert told == {"code": status, "status": word, "message": "bad"}


def vector(number: int, count: int = 3) -> dict[str, object]:
    return {
        "key": f"a#b#text-{number}/{count}",
        "response": {
            "embedding": {"values": [float(number)]},
            "usageMetadata": {"promptTokenCount": 5},
        },
    }


def test_the_texts_of_an_item_come_together_in_any_order() -> None:
    reader = LineReader()
    assert reader.read(vector(3)) is reader.read(vector(1)) is None
    outcome = reader.read(vector(2))
    assert outcome is not None
    assert outcome.custom_id == "a#b"
    body = orjson.loads(outcome.body)
    assert [each["values"] for each in body["embeddings"]] == [[1.0], [2.0], [3.0]]
    assert body["usageMetadata"] == {"promptTokenCount": 15}
    assert list(reader.unfinished()) == []


def test_one_bad_text_fails_its_item_once() -> None:
    reader = LineReader()
    bad = {"key": "a#b#text-2/3", "error": {"code": 3, "message": "bad"}}
    assert reader.read(vector(1)) is None
    outcome = reader.read(bad)
    assert outcome is not None
    assert (outcome.fate, outcome.custom_id) == (Fate.REFUSED, "a#b")
    assert reader.read(vector(3)) is reader.read(bad) is None
    assert list(reader.unfinished()) == []


def test_an_item_with_a_text_too_few_is_told() -> None:
    reader = LineReader()
    reader.read(vector(1))
    (outcome,) = reader.unfinished()
    assert (outcome.fate, outcome.custom_id) == (Fate.MALFORMED, "a#b")
    assert outcome.problem == "of its 3 texts 1 came back"
