"""Results read as the reference's do, and are what validation would have made of them."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from racto.core.testing import ScriptedKit
from racto.pipelines.list_classifier import (
    AuditEntry,
    ClassifierResult,
    ClassifierUsage,
    ListClassifierPipeline,
)

RESULT = ClassifierResult(
    user_query="hello",
    options_provided=["Billing", "Account", "mro"],
    selected=["Billing", "mro"],
    confidences=[0.9, 0.4],
    usage=ClassifierUsage(input_tokens=3, output_tokens=2, retry_count=1),
)


def test_readings() -> None:
    assert (RESULT.first, RESULT.top_confidence, RESULT.is_empty) == ("Billing", 0.9, False)
    assert RESULT.as_string() == "Billing, mro"
    assert RESULT.as_string(" | ") == "Billing | mro"
    assert RESULT.as_dict() == {"selected": ["Billing", "mro"], "confidences": [0.9, 0.4]}
    assert (RESULT.top_n(1), RESULT.top_n(9), RESULT.top_n(-1)) == (
        ["Billing"],
        RESULT.selected,
        [],
    )
    assert (RESULT.score_for("mro"), RESULT.score_for("Account")) == (0.4, None)
    assert RESULT.as_enum()["mro"].value == "mro"
    assert RESULT.as_enum("Mine").__name__ == "Mine"
    assert RESULT.usage.total_tokens == 5


def test_what_an_empty_result_says() -> None:
    empty = ClassifierResult(user_query="hello", options_provided=[])
    assert (empty.first, empty.top_confidence, empty.is_empty) == (None, None, True)
    assert (empty.as_string(), empty.as_dict(), empty.usage.total_tokens) == (
        "",
        {"selected": []},
        0,
    )


def test_an_audit_entry() -> None:
    entry = RESULT.to_audit_entry(timestamp="2026-01-01T00:00:00Z", user_id="u", latency_ms=1.5)
    assert isinstance(entry, AuditEntry)
    assert (entry.user_query, entry.selected, entry.latency_ms) == ("hello", RESULT.selected, 1.5)
    assert entry.usage == {
        "input_tokens": 3, "output_tokens": 2, "total_tokens": 5, "retry_count": 1,
    }  # fmt: skip
    with pytest.raises(ValidationError):
        entry.user_id = "other"


def test_results_that_were_not_validated_are_valid() -> None:
    kit = ScriptedKit(['{"selected": "A", "confidence": 0.5}'] * 2)
    result = ListClassifierPipeline(kit, options=["A"]).run("x")
    again = ClassifierResult.model_validate_json(result.model_dump_json())
    assert again == result
    assert set(result.__dict__) == set(ClassifierResult.model_fields)
    assert result.model_fields_set == set(ClassifierResult.model_fields)
    assert result.model_copy(update={"selected": ["B"]}).first == "B"
