"""Trees of options are followed stage by stage, and the result is as sure as all stages."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from racto.core.errors import ConfigurationError
from racto.core.testing import DictMemory, ScriptedKit
from racto.pipelines.list_classifier import ListClassifierPipeline

TREE = {
    "Money": {"Invoice": ["Wrong", "Missing"], "Refund": None},
    "Goods": ["Wrong", "Late"],
    "Praise": [],
}


def told(selected: str, confidence: float | None = None) -> str:
    return json.dumps({"selected": selected, "confidence": confidence})


def test_a_path() -> None:
    kit = ScriptedKit([told("Money", 0.9), told("invoce", 0.8), told("Wrong", 0.5)])
    memory = DictMemory()
    one = ListClassifierPipeline(kit, options=TREE, memory=memory)
    result = one.run("hello", session_id="s")
    assert result.path == ["Money", "Invoice", "Wrong"]
    assert result.selected == ["Wrong"]
    assert result.confidences == [pytest.approx(0.36)]
    assert result.confidence_source == "model"
    assert result.options_provided == [
        "Money",
        "Goods",
        "Praise",
        *TREE["Money"],
        "Wrong",
        "Missing",
    ]
    assert result.as_dict()["path"] == result.path
    assert 'belong to: "Money" > "Invoice".' in (kit.requests[-1].system or "")
    assert memory.count("s") == 2
    assert one.get_options() == ["Money", "Goods", "Praise"]


@pytest.mark.parametrize("leaf", ["Praise", "Refund"])
def test_leaves_end_a_path(leaf: str) -> None:
    script = [told("Praise")] if leaf == "Praise" else [told("Money"), told("Refund")]
    kit = ScriptedKit(script)
    result = asyncio.run(ListClassifierPipeline(kit, options=TREE).arun("hello"))
    assert result.selected == [leaf]
    assert result.confidences is None


def test_equal_names_in_two_branches_stay_apart() -> None:
    kit = ScriptedKit([told("Goods"), told("Wrong")])
    assert ListClassifierPipeline(kit, options=TREE).run("x").path == ["Goods", "Wrong"]


def test_an_uncertain_stage_ends_the_path() -> None:
    kit = ScriptedKit([told("Money"), told("Other")])
    result = ListClassifierPipeline(kit, options=TREE, uncertain_label="Other").run("x")
    assert (result.path, result.selected, result.uncertain) == (["Money"], ["Other"], True)


def test_what_a_tree_cannot_do() -> None:
    one = ListClassifierPipeline(ScriptedKit(), options=TREE)
    with pytest.raises(ConfigurationError, match="one path"):
        one.run("x", selection_mode="multiple")
    with pytest.raises(ConfigurationError, match="tree"):
        one.add_option("New")
    with pytest.raises(ConfigurationError, match="tree"):
        one.remove_option("Money")
    with pytest.raises(ConfigurationError, match='at A > B: the option "x" occurs twice'):
        one.set_options({"A": {"B": ["x", "x"]}})


def test_later_changes_of_the_tree_do_not_count() -> None:
    mine: dict[str, Any] = {"A": {"B": None}}
    one = ListClassifierPipeline(ScriptedKit([told("A"), told("B")]), options=mine)
    mine["A"].clear()
    assert one.run("x").path == ["A", "B"]
