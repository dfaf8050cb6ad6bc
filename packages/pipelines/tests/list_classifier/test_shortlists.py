"""Thousands of options: the model sees the nearest, and the options are embedded once."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from typing import Any

import pytest

from racto.core.errors import EmbeddingError
from racto.core.testing import HashEmbedder, ScriptedKit
from racto.pipelines.list_classifier import ListClassifierPipeline

TOPICS = [f"{thing} {trouble}" for thing in ["card", "phone", "loan", "app", "account"] for trouble in
          ["lost", "broken", "late", "stolen", "blocked"]]  # fmt: skip
OPTIONS = [f"{topic.replace(' ', '_')}_{number}" for number in range(100) for topic in TOPICS]


class Embedder(HashEmbedder):
    """Notes what it is asked to embed."""

    def __init__(self) -> None:
        super().__init__(256)
        self.asked: list[int] = []

    def embed(self, texts: Sequence[str]) -> list[list[float]]:
        self.asked.append(len(texts))
        return super().embed(texts)

    async def aembed(self, texts: Sequence[str]) -> list[list[float]]:
        return self.embed(texts)


def first_shown(config: Any) -> str:
    shown = config.response_model.model_json_schema()["properties"]["selected"]["enum"]
    return json.dumps({"selected": shown[0]})


def test_the_nearest_options_are_shown_in_their_own_order() -> None:
    kit, embedder = ScriptedKit(first_shown), Embedder()
    options = ["card_lost", "app_broken", "phone_lost", "loan_late"]
    one = ListClassifierPipeline(kit, options=options, embedder=embedder, shortlist_size=2)
    result = one.run("lost phone")
    assert result.options_provided == ["card_lost", "phone_lost"]
    assert result.shortlisted
    assert "loan_late" not in (kit.requests[-1].system or "")


def test_thousands_of_options_are_embedded_once() -> None:
    kit, embedder = ScriptedKit(first_shown), Embedder()
    one = ListClassifierPipeline(kit, options=OPTIONS, embedder=embedder, uncertain_label="Other")
    texts = ["my card was stolen 7", "the app is broken 99", "a late loan 12"]
    results = asyncio.run(one.abatch_run(texts))
    assert sum(embedder.asked) == 2_500
    for result, wanted in zip(
        results, ["card_stolen_7", "app_broken_99", "loan_late_12"], strict=True
    ):
        assert wanted in result.options_provided
        assert len(result.options_provided) == 21
        assert result.options_provided[-1] == "Other"
    one.run(texts[0])
    assert sum(embedder.asked) == 2_500


def test_descriptions_and_examples_are_searched() -> None:
    kit = ScriptedKit(first_shown)
    one = ListClassifierPipeline(
        kit,
        options=["X", "Y", "Z"],
        embedder=HashEmbedder(256),
        shortlist_size=1,
        option_descriptions={"Y": "trouble with parcels"},
        option_examples={"Z": ["who are you", "tell me a joke"]},
    )
    assert one.run("my parcels").first == "Y"
    assert one.run("a joke please").first == "Z"
    one.remove_option("Y")
    one.add_option("Y", "a joke please")
    assert one.run("a joke please").first == "Y"


def test_few_options_are_all_shown() -> None:
    embedder = Embedder()
    one = ListClassifierPipeline(ScriptedKit(first_shown), options=["A", "B"], embedder=embedder)
    assert not one.run("x").shortlisted
    assert embedder.asked == []


def test_arrays_are_ranked_as_lists_are() -> None:
    numpy = pytest.importorskip("numpy")

    class Arrays(HashEmbedder):
        def embed(self, texts: Sequence[str]) -> Any:
            return numpy.asarray(super().embed(texts), dtype=numpy.float32) * 3

        def embed_query(self, text: str) -> Any:
            return numpy.asarray(super().embed_query(text), dtype=numpy.float32)

    for embedder in (HashEmbedder(256), Arrays(256)):
        one = ListClassifierPipeline(
            ScriptedKit(first_shown), options=TOPICS, embedder=embedder, shortlist_size=1
        )
        assert [one.run(topic).first for topic in TOPICS] == TOPICS


def test_an_embedder_that_loses_texts() -> None:
    class Losing(HashEmbedder):
        def embed(self, texts: Sequence[str]) -> list[list[float]]:
            return super().embed(texts[1:])

    settings: dict[str, Any] = {"options": TOPICS, "embedder": Losing()}
    one = ListClassifierPipeline(ScriptedKit(first_shown), **settings)
    with pytest.raises(EmbeddingError, match="24 vectors for 25 texts"):
        one.run("x")
    safe = ListClassifierPipeline(ScriptedKit(first_shown), safe_mode=True, **settings)
    assert [result.is_empty for result in safe.batch_run(["x", "y"])] == [True, True]


@pytest.mark.parametrize(
    ("count", "named"), [(250, True), (251, True), (501, False), (2_500, False)]
)
def test_an_enum_no_provider_takes_is_left_to_the_prompt(count: int, named: bool) -> None:
    kit = ScriptedKit(lambda config: json.dumps({"selected": OPTIONS[0]}))
    one = ListClassifierPipeline(kit, options=OPTIONS[:count])
    assert one.run("x").first == OPTIONS[0]
    model: Any = kit.requests[-1].response_model
    assert ("enum" in model.model_json_schema()["properties"]["selected"]) == named
    assert OPTIONS[count - 1] in (kit.requests[-1].system or "")
