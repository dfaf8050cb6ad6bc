"""Results: each outcome with its type, its words and what can be done."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from racto.batch.decoding import ResultReader
from racto.batch.hosts import Fate, Outcome
from racto.batch.jobs import BatchStatus
from racto.batch.manifest import ItemRow, Manifest
from racto.batch.reply_models import schema_text
from racto.batch.results import BatchResult, ItemStatus
from racto.batch.spooling import Place
from racto.batch.terms import Terms
from racto.core import (
    DeadlineExceededError,
    InvalidResponseError,
    JobError,
    RateLimitError,
    ResponseModelValidationError,
)

from .harness.codecs import PRICE, ChatCodec
from .harness.depot import reply

PLAIN = Terms(model="m")


class Answer(BaseModel):
    value: int


class Stricter(BaseModel):
    value: int
    reason: str


STRUCTURED = Terms(model="m", schema=schema_text(Answer))


def read(
    folder: Path,
    outcome: Outcome | None,
    *,
    terms: Terms = PLAIN,
    status: BatchStatus = BatchStatus.COMPLETED,
    errors: tuple[str, ...] = (),
    texts: tuple[str, ...] = (),
    strays: tuple[Outcome, ...] = (),
    **options: Any,
) -> BatchResult:
    """The result of one item with this outcome."""
    manifest = Manifest(folder / "items.sqlite3")
    manifest.fill([ItemRow("a", Place(0, 0, 1), 1, terms, texts)])
    found = [outcome] if outcome is not None else []
    manifest.take(0, [*found, *strays], status=status, errors=errors)
    reader = ResultReader(ChatCodec(), manifest, models=options.pop("models", {}), **options)
    ((result,),) = reader.pages()
    return result


def answered(text: str, **more: Any) -> Outcome:
    body = json.dumps(reply(text)).encode()
    return Outcome(fate=Fate.ANSWERED, custom_id="a", body=body, request_id="r1", **more)


def test_an_answer_is_read_and_priced_as_a_batchs(tmp_path: Path) -> None:
    result = read(tmp_path, answered("hello"))
    assert result.ok
    assert result.response is not None
    assert (result.response.content, result.response.request_id) == ("hello", "r1")
    assert result.usage.cost == pytest.approx(6 * PRICE / 2)
    assert result.raw["usage"] == {"prompt_tokens": 3, "completion_tokens": 3}


def test_tool_calls_are_kept(tmp_path: Path) -> None:
    message = {
        "role": "assistant",
        "content": None,
        "tool_calls": [
            {"id": "c1", "type": "function", "function": {"name": "f", "arguments": '{"x": 1}'}}
        ],
    }
    body = json.dumps({"choices": [{"message": message, "finish_reason": "tool_calls"}]}).encode()
    result = read(tmp_path, Outcome(fate=Fate.ANSWERED, custom_id="a", body=body))
    assert result.response is not None
    assert [(call.name, call.arguments) for call in result.response.tool_calls] == [("f", {"x": 1})]


def test_a_structured_answer_is_checked(tmp_path: Path) -> None:
    (tmp_path / "good").mkdir()
    (tmp_path / "bad").mkdir()
    good = read(tmp_path / "good", answered('{"value": 1}'), terms=STRUCTURED)
    bad = read(tmp_path / "bad", answered('{"value": "x"}'), terms=STRUCTURED)
    assert good.response is not None
    assert good.response.parsed == {"value": 1}
    assert (bad.ok, bad.status) == (False, ItemStatus.INVALID)
    assert isinstance(bad.failure, ResponseModelValidationError)
    # What was paid for is not thrown away.
    assert bad.response is not None
    assert bad.response.content == '{"value": "x"}'
    assert bad.usage.cost == pytest.approx(6 * PRICE / 2)


def test_another_model_may_be_the_measure(tmp_path: Path) -> None:
    result = read(tmp_path, answered('{"value": 1}'), terms=STRUCTURED, response_model=Stricter)
    assert result.status is ItemStatus.INVALID


def test_a_refusal_is_the_providers_error_with_its_type(tmp_path: Path) -> None:
    body = json.dumps({"error": {"message": "slow down", "type": "rate_limit_error"}}).encode()
    result = read(
        tmp_path,
        Outcome(fate=Fate.REFUSED, custom_id="a", body=body, status=429, request_id="r9"),
    )
    assert result.status is ItemStatus.REFUSED
    assert isinstance(result.failure, RateLimitError)
    assert result.failure.retryable
    assert (result.error_type, result.failure.request_id) == ("RateLimitError", "r9")
    assert result.error is not None
    assert "slow down" in result.error
    assert result.raw["error"]["message"] == "slow down"


def test_an_answer_that_is_none_is_invalid_and_kept(tmp_path: Path) -> None:
    result = read(tmp_path, Outcome(fate=Fate.ANSWERED, custom_id="a", body=b'{"x": 1}'))
    assert (result.status, result.raw) == (ItemStatus.INVALID, {"x": 1})
    assert isinstance(result.failure, InvalidResponseError)


def test_a_line_that_cannot_be_read_says_where_it_is(tmp_path: Path) -> None:
    outcome = Outcome(
        fate=Fate.MALFORMED, custom_id="a", body=b"{{", problem="out.jsonl, line 7: no result"
    )
    result = read(tmp_path, outcome)
    assert (result.status, result.raw) == (ItemStatus.INVALID, "{{")
    assert result.error is not None
    assert "out.jsonl, line 7" in result.error


@pytest.mark.parametrize(
    ("fate", "job", "status", "kind"),
    [
        (Fate.EXPIRED, BatchStatus.EXPIRED, ItemStatus.EXPIRED, DeadlineExceededError),
        (None, BatchStatus.EXPIRED, ItemStatus.EXPIRED, DeadlineExceededError),
        (Fate.CANCELLED, BatchStatus.CANCELLED, ItemStatus.CANCELLED, JobError),
        (None, BatchStatus.CANCELLED, ItemStatus.CANCELLED, JobError),
        (None, BatchStatus.FAILED, ItemStatus.REFUSED, JobError),
        (None, BatchStatus.COMPLETED, ItemStatus.MISSING, JobError),
    ],
    ids=["expired", "in an expired job", "cancelled", "in a cancelled job", "in a failed job",
         "never came back"],
)  # fmt: skip
def test_what_was_not_answered(
    tmp_path: Path, fate: Fate | None, job: BatchStatus, status: ItemStatus, kind: type[Exception]
) -> None:
    outcome = Outcome(fate=fate, custom_id="a") if fate is not None else None
    result = read(tmp_path, outcome, status=job, errors=("line 3 is wrong",))
    assert result.status is status
    assert isinstance(result.failure, kind)
    assert ("line 3 is wrong" in str(result.error)) is (job is BatchStatus.FAILED)


def test_a_missing_item_tells_of_lines_that_belong_to_nobody(tmp_path: Path) -> None:
    stray = Outcome(fate=Fate.MALFORMED, problem="out.jsonl, line 2: no JSON")
    result = read(tmp_path, None, strays=(stray,))
    assert "out.jsonl, line 2" in str(result.error)


def test_vectors_come_with_their_texts(tmp_path: Path) -> None:
    body = {"data": [{"index": 1, "embedding": [2.0]}, {"index": 0, "embedding": [1.0]}]}
    result = read(
        tmp_path,
        Outcome(fate=Fate.ANSWERED, custom_id="a", body=json.dumps(body).encode()),
        terms=Terms(kind="embedding", model="e"),
        texts=("x", "y"),
    )
    assert result.ok
    assert result.embedding is not None
    assert [(v.text, v.embedding) for v in result.embedding.vectors] == [("x", [1.0]), ("y", [2.0])]
