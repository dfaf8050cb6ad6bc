"""A prompt is checked, compiled in fixed order, and survives JSON."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from racto.core.prompts import RactoPrompt

FIELDS: dict[str, Any] = {
    "role": "You are a librarian.",
    "aim": "Find books.",
    "constraints": ["No spoilers.", "One book."],
    "tone": "Warm",
    "output_format": "json",
}


class Book(BaseModel):
    """A book."""

    title: str
    format: str
    pages: int = 3


def test_sections_stand_in_order_and_end_with_a_line_break() -> None:
    prompt = RactoPrompt(
        **FIELDS, context="A small town.", examples=[{"input": "cats", "output": "Cat book"}]
    )
    text = prompt.compile()
    heads = [line for line in text.splitlines() if line.startswith("[")]
    assert heads == [
        "[ROLE]",
        "[AIM]",
        "[CONTEXT]",
        "[CONSTRAINTS]",
        "[TONE]",
        "[OUTPUT]",
        "[EXAMPLES]",
        "[GUARDRAILS]",
    ]
    assert text.startswith("[ROLE]\nYou are a librarian.\n\n[AIM]\nFind books.\n\n[CONTEXT]\nA")
    assert "[CONSTRAINTS]\n- No spoilers.\n- One book.\n\n[TONE]" in text
    assert "Example 1:\n  Input:  cats\n  Output: Cat book\n\n[GUARDRAILS]" in text
    assert text.endswith("\n")
    assert not text.endswith("\n\n")
    assert str(prompt) == text


def test_optional_sections_are_left_out() -> None:
    text = RactoPrompt(**FIELDS, anti_hallucination=False).compile()
    assert "[CONTEXT]" not in text
    assert "[EXAMPLES]" not in text
    assert "[GUARDRAILS]" not in text


@pytest.mark.parametrize("name", ["role", "aim", "tone", "output_format"])
def test_required_texts(name: str) -> None:
    with pytest.raises(ValidationError, match=name):
        RactoPrompt(**{**FIELDS, name: ""})
    with pytest.raises(ValidationError, match=name):
        RactoPrompt(**{key: value for key, value in FIELDS.items() if key != name})


def test_constraints_examples_and_unknown_fields() -> None:
    with pytest.raises(ValidationError, match="constraints"):
        RactoPrompt(**{**FIELDS, "constraints": []})
    with pytest.raises(ValidationError, match=r"constraints\[1\] is blank"):
        RactoPrompt(**{**FIELDS, "constraints": ["a", "  "]})
    with pytest.raises(ValidationError, match=r"examples\[0\] lacks output"):
        RactoPrompt(**FIELDS, examples=[{"input": "x"}])
    with pytest.raises(ValidationError, match="extra"):
        RactoPrompt(**{**FIELDS, "extra": "x"})


def test_fields_called_title_survive_in_the_schema() -> None:
    text = RactoPrompt(**{**FIELDS, "output_format": Book}).compile()
    schema = json.loads(text.partition("JSON Schema:\n")[2].partition("\n\n[GUARD")[0])
    assert list(schema["properties"]) == ["title", "format", "pages"]
    assert schema["properties"]["pages"]["default"] == 3


def test_output_words() -> None:
    for word in ("json", "TEXT", "markdown"):
        assert "format:" not in RactoPrompt(**{**FIELDS, "output_format": word}).compile()
    free = RactoPrompt(**{**FIELDS, "output_format": "a haiku"}).compile()
    assert "format:\na haiku" in free


def test_the_legacy_shape() -> None:
    prompt = RactoPrompt(instructions="Find books.", tone="Dry")  # type: ignore[call-arg]
    assert (prompt.aim, prompt.tone) == ("Find books.", "Dry")
    assert prompt.role
    assert prompt.constraints
    with pytest.raises(ValidationError, match="not both"):
        RactoPrompt(**{"instructions": "x", **FIELDS})


def test_frozen_hashable_and_equal() -> None:
    one, two = RactoPrompt(**FIELDS), RactoPrompt(**FIELDS)
    one.compile()
    assert one == two
    assert len({one, two}) == 1
    assert one != RactoPrompt(**{**FIELDS, "tone": "Cold"})
    assert one != "a prompt"
    with pytest.raises(ValidationError, match="frozen"):
        one.role = "x"


def test_the_text_is_kept_but_never_stale() -> None:
    prompt = RactoPrompt(**FIELDS)
    assert prompt.compile() is prompt.compile()
    prompt.constraints.append("Be brief.")
    assert "- Be brief." in prompt.compile()
    other = prompt.model_copy(update={"role": "You are a cook."})
    assert "You are a cook." in other.compile()


@pytest.mark.parametrize("output_format", ["json", Book])
def test_json_round_trip_compiles_to_the_same_text(output_format: Any) -> None:
    prompt = RactoPrompt(**{**FIELDS, "output_format": output_format})
    again = RactoPrompt.model_validate_json(prompt.model_dump_json())
    assert again.compile() == prompt.compile()


@pytest.mark.parametrize("provider", ["openai", "anthropic", "google", "ollama", "generic"])
def test_messages(provider: str) -> None:
    prompt = RactoPrompt(**FIELDS)
    assert prompt.to_messages("Hi", provider=provider) == [
        {"role": "system", "content": prompt.compile()},
        {"role": "user", "content": "Hi"},
    ]


def test_an_unknown_provider() -> None:
    with pytest.raises(ValueError, match=r"'azure'.*anthropic, generic"):
        RactoPrompt(**FIELDS).to_messages("Hi", provider="azure")
