"""What validation calls fit for OpenAI is taken by a server that judges as OpenAI does."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from racto.finetune import RactoDataset
from racto.finetune.lines import dump_line
from racto.testing.openai.training_files import fault_in

from .example_strategies import FORMS

KINDS = {
    "openai": "supervised",
    "openai-preference": "dpo",
    "openai-reinforcement": "reinforcement",
}


@pytest.mark.parametrize(("name", "kind"), KINDS.items(), ids=KINDS)
@settings(max_examples=15, deadline=None)
@given(data=st.data())
def test_a_fit_dataset_is_taken(name: str, kind: str, data: Any) -> None:
    drawn = data.draw(FORMS[name])
    dataset = RactoDataset([drawn] * 10)
    if not dataset.validate(name):
        content = dataset.to_jsonl_string(name).encode()
        assert fault_in(content, kind=kind, model="gpt-x") is None


@pytest.mark.parametrize(
    "record",
    [
        {"messages": []},
        {"messages": [{"role": "user", "content": "q"}]},
        {"messages": [{"role": "bot", "content": "q"}, {"role": "assistant", "content": "a"}]},
        {"messages": [{"role": "assistant", "content": "a", "weight": 2}]},
        {"messages": [{"role": "assistant", "content": "a"}], "mood": "x"},
        {"messages": [{"role": "assistant", "content": None}]},
    ],
    ids=["nothing", "question", "role", "weight", "field", "null"],
)
def test_what_the_server_refuses_is_found(record: dict[str, Any]) -> None:
    content = dump_line(record) * 10
    assert fault_in(content, kind="supervised", model="gpt-x") is not None
    assert RactoDataset.from_records([record] * 10, "openai").validate("openai")
