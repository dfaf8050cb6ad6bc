"""Settings become the method of a job, and those that do not fit are refused before anything is sent."""

from __future__ import annotations

from typing import Any

import pytest
from openai.types.fine_tuning import (
    DpoHyperparametersParam,
    ReinforcementHyperparametersParam,
    SupervisedHyperparametersParam,
)

from racto.core.errors import ConfigurationError
from racto.finetune.openai import orders
from racto.finetune.openai.orders import format_of, wanted

AUTO = {"n_epochs": "auto", "batch_size": "auto", "learning_rate_multiplier": "auto"}
GRADER = {"type": "string_check", "name": "g", "input": "i", "operation": "eq", "reference": "r"}


def test_what_is_left_to_openai_is_not_sent() -> None:
    assert wanted("gpt-x", AUTO, None, {}) == {"model": "gpt-x", "method": {"type": "supervised"}}


def test_each_method_has_its_settings() -> None:
    order = wanted("gpt-x", {**AUTO, "n_epochs": 2}, "mine", {"method": "dpo", "hyperparameters": {"beta": 0.2}})  # fmt: skip
    assert order["method"] == {"type": "dpo", "dpo": {"hyperparameters": {"n_epochs": 2, "beta": 0.2}}}  # fmt: skip
    assert order["suffix"] == "mine"
    graded = wanted("o-x", AUTO, None, {"method": "reinforcement", "grader": GRADER, "seed": 0})
    assert graded["method"] == {"type": "reinforcement", "reinforcement": {"grader": GRADER}}
    assert graded["seed"] == 0


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"model": None}, "model= must name the base model"),
        ({"model": ""}, "model= must name the base model"),
        ({"suffix": "x" * 65}, "suffix has 1 to 64 characters, not 65"),
        ({"suffix": ""}, "suffix has 1 to 64"),
        ({"options": {"method": "magic"}}, "method must be one of supervised, dpo, reinforcement"),
        ({"options": {"hyperparameters": {"beta": 1}}}, "beta: no hyperparameter of method 'super"),
        ({"options": {"method": "reinforcement"}}, "needs grader="),
        ({"options": {"grader": GRADER}}, "grader= is for method 'reinforcement'"),
        ({"options": {"colour": 1}}, "unknown options colour"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_what_does_not_fit_is_refused(change: dict[str, Any], told: str) -> None:
    given = {"model": "gpt-x", "settings": AUTO, "suffix": None, "options": {}, **change}
    with pytest.raises(ConfigurationError, match=told):
        wanted(given["model"], given["settings"], given["suffix"], given["options"])


def test_the_settings_are_those_of_the_sdk() -> None:
    for method, theirs in (
        ("supervised", SupervisedHyperparametersParam),
        ("dpo", DpoHyperparametersParam),
        ("reinforcement", ReinforcementHyperparametersParam),
    ):
        assert orders._SETTINGS[method] == set(theirs.__annotations__), method


def test_a_method_has_a_format() -> None:
    assert format_of("dpo") == "openai-preference"
    with pytest.raises(ConfigurationError, match="method must be one of"):
        format_of("rlhf")
