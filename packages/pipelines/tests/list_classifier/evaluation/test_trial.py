"""Evaluations run to their end, in both voices, and go on after an interrupt."""

from __future__ import annotations

import asyncio
import json
import os
from pathlib import Path
from typing import Any

import pytest

from racto.core.errors import ConfigurationError, RateLimitError
from racto.core.testing import HashEmbedder, ScriptedKit
from racto.pipelines.list_classifier import ListClassifierPipeline

LABELLED = [("pay me", "money"), ("it hurts", "health"), ("pay now", "money"), ("who", "other")]


def guessing(config: Any) -> Any:
    if config.user_message == "who":
        return RateLimitError("slow down")
    found = "money" if "pay" in config.user_message or "it" in config.user_message else "health"
    return json.dumps({"selected": found, "confidence": 0.8})


def made(kit: ScriptedKit | None = None, **settings: Any) -> ListClassifierPipeline:
    settings.setdefault("options", ["money", "health", "other"])
    return ListClassifierPipeline(kit or ScriptedKit(guessing), **settings)


@pytest.mark.parametrize("width", [None, 3])
def test_both_voices(width: int | None) -> None:
    told: list[tuple[int, int]] = []
    report = made().evaluate(
        LABELLED, max_concurrency=width, progress=lambda *how_far: told.append(how_far)
    )
    assert told == [(1, 4), (2, 4), (3, 4), (4, 4)]
    assert report.accuracy == 0.5
    assert report.errors == {3: "RateLimitError: slow down"}
    assert report.confusion["health", "money"] == 1
    assert asyncio.run(made().aevaluate(LABELLED, max_concurrency=width)) == report


def test_labels_are_the_options_where_there_are_none() -> None:
    kit = ScriptedKit(guessing)
    made(kit, options=None).evaluate(LABELLED)
    assert '- "health"\n- "money"\n- "other"\n' in (kit.requests[0].system or "")


def test_other_shapes_of_labels() -> None:
    items: list[Any] = [
        {"text": "pay me", "label": "money"},
        ("it hurts", ["money"]),
        {"text": "pay", "labels": ("money",)},
    ]
    assert made().evaluate(items).accuracy == 1.0


@pytest.mark.parametrize(
    "items", [[], ["text"], [("text",)], [("a", [])], [(1, "a")], [{}]], ids=str
)
def test_what_is_not_labelled(items: Any) -> None:
    with pytest.raises(ConfigurationError, match="labelled"):
        made().evaluate(items)


def test_an_interrupted_evaluation_goes_on(tmp_path: Path) -> None:
    file = tmp_path / "outcomes.jsonl"

    def interrupted(config: Any) -> Any:
        if config.user_message == "pay now":
            raise KeyboardInterrupt
        return guessing(config)

    with pytest.raises(KeyboardInterrupt):
        made(ScriptedKit(interrupted)).evaluate(LABELLED, checkpoint=file)
    assert len(file.read_text(encoding="utf-8").splitlines()) == 2
    assert "hurts" not in file.read_text(encoding="utf-8")
    # A process that was killed leaves half a line.
    with file.open("a", encoding="utf-8") as stream:
        stream.write('{"mark": "abc", "ind')
    kit = ScriptedKit(guessing)
    report = made(kit).evaluate(LABELLED, checkpoint=file)
    assert [asked.user_message for asked in kit.requests] == ["pay now", "who"]
    assert report.resumed == 2
    assert report.outcomes == made().evaluate(LABELLED).outcomes


def test_a_checkpoint_of_other_texts_holds_nothing(tmp_path: Path) -> None:
    file = tmp_path / "outcomes.jsonl"
    made().evaluate(LABELLED[:2], checkpoint=file)
    kit = ScriptedKit(guessing)
    made(kit).evaluate([("pay me", "health"), ("pay you", "money")], checkpoint=file)
    assert len(kit.requests) == 2


def test_a_file_that_is_no_checkpoint(tmp_path: Path) -> None:
    file = tmp_path / "mine.txt"
    file.write_text("my novel\nby me\n", encoding="utf-8")
    with pytest.raises(ConfigurationError, match="line 1 of checkpoint"):
        made().evaluate(LABELLED, checkpoint=file)
    with pytest.raises(ConfigurationError, match="cannot be written"):
        made().evaluate(LABELLED, checkpoint=tmp_path / "nowhere" / "x")
    assert file.read_text(encoding="utf-8") == "my novel\nby me\n"


def test_what_a_shortlist_left_out_is_told() -> None:
    report = made(
        ScriptedKit(lambda config: json.dumps({"selected": "money"})),
        options=["money", "bad health"],
        embedder=HashEmbedder(256),
        shortlist_size=1,
    ).evaluate([("money", "money"), ("my money", "bad health")])
    assert report.offered == 0.5


def test_paths_of_a_tree_are_labels() -> None:
    script = [json.dumps({"selected": word}) for word in ("a", "x", "b", "x")]
    tree = {"a": ["x"], "b": ["x"]}
    report = made(ScriptedKit(script), options=tree).evaluate([("1", "a > x"), ("2", "a > x")])
    assert [one.is_correct for one in report.outcomes] == [True, False]


@pytest.mark.skipif(
    not os.environ.get("RACTO_DATA"), reason="RACTO_DATA names no folder of data sets"
)
def test_banking77() -> None:
    """All 77 intents, with a kit that knows the answer when it is offered."""
    file = Path(os.environ["RACTO_DATA"]) / "banking77" / "test.jsonl"
    lines = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()][::10]
    truth = {line["text"]: line["label"] for line in lines}

    def knowing(config: Any) -> str:
        offered = config.response_model.model_json_schema()["properties"]["selected"]["enum"]
        wanted = truth[config.user_message]
        return json.dumps({"selected": wanted if wanted in offered else offered[0]})

    one = made(ScriptedKit(knowing), options=None, embedder=HashEmbedder(1024), shortlist_size=20)
    report = asyncio.run(one.aevaluate(lines))
    assert len(report.labels) == 77
    assert report.accuracy == report.offered
    assert report.offered > 0.7


def test_half_a_line_does_not_spoil_a_checkpoint(tmp_path: Path) -> None:
    file = tmp_path / "outcomes.jsonl"
    made().evaluate(LABELLED[:2], checkpoint=file)
    whole = file.read_text(encoding="utf-8")
    # Killed in the midst of a line, gone on, and killed again: each time the rest is kept.
    file.write_text(whole + '{"mark": "abc", "ind', encoding="utf-8")
    made().evaluate(LABELLED[:3], checkpoint=file)
    kit = ScriptedKit(guessing)
    assert made(kit).evaluate(LABELLED[:3], checkpoint=file).resumed == 3
    assert kit.requests == []


@pytest.mark.parametrize(
    "changed",
    [
        {"options": ["money", "health"]},
        {"option_descriptions": {"money": "coins"}},
        {"confidence_threshold": 0.5},
        {"include_reasoning": True},
    ],
    ids=str,
)
def test_a_checkpoint_of_another_pipeline_holds_nothing(
    tmp_path: Path, changed: dict[str, Any]
) -> None:
    file = tmp_path / "outcomes.jsonl"
    made().evaluate(LABELLED[:2], checkpoint=file)
    assert made().evaluate(LABELLED[:2], checkpoint=file).resumed == 2
    assert made(**changed).evaluate(LABELLED[:2], checkpoint=file).resumed == 0
    # What was there for the first pipeline is there still.
    assert made(safe_mode=True).evaluate(LABELLED[:2], checkpoint=file).resumed == 2


def test_a_checkpoint_of_another_model_holds_nothing(tmp_path: Path) -> None:
    file = tmp_path / "outcomes.jsonl"
    made().evaluate(LABELLED[:2], checkpoint=file)
    kit = ScriptedKit(guessing, model="another")
    assert made(kit).evaluate(LABELLED[:2], checkpoint=file).resumed == 0


@pytest.mark.parametrize("width", [0, -1])
def test_a_width_of_nobody(width: int) -> None:
    with pytest.raises(ConfigurationError, match="max_concurrency"):
        made().evaluate(LABELLED, max_concurrency=width)
    with pytest.raises(ConfigurationError, match="max_concurrency"):
        asyncio.run(made().aevaluate(LABELLED, max_concurrency=width))


def test_none_for_options_is_as_good_as_nothing() -> None:
    assert made(options=None).evaluate(LABELLED[:3], options=None).errors == {}
