"""The tables of features in the documentation are what the kits declare today."""

from __future__ import annotations

from itertools import chain

import pytest

import features
from racto.providers.capabilities import Capabilities, Feature


def test_the_page_is_up_to_date(capsys: pytest.CaptureFixture[str]) -> None:
    assert features.main(["--check"]) == 0, capsys.readouterr().out


def test_every_feature_stands_in_one_table() -> None:
    grouped = list(chain.from_iterable(features.GROUPS.values()))
    assert sorted(grouped) == sorted(Feature)


def test_marks_and_notes_stand_in_their_cells() -> None:
    one = Capabilities(
        title="One",
        features=frozenset({Feature.SEED, Feature.STOP, Feature.IMAGES}),
        notes={
            Feature.SEED: "of some models",
            Feature.STOP: "of some models",
            Feature.TOP_K: "top_p instead",
            Feature.IMAGES: "small ones",
        },
    )
    sampling, rest = features.tables([one]).split("### Tools")
    assert "### Sampling\n\n| | One |\n|---|:-:|\n| temperature |  |" in sampling
    assert "| top_k | <sup>1</sup> |" in sampling
    assert "| seed | ✓<sup>2</sup> |" in sampling
    assert "| stop sequences | ✓<sup>2</sup> |" in sampling
    assert sampling.endswith("\n\n1. top_p instead\n2. of some models\n\n")
    # Each table counts its own notes.
    assert "| images | ✓<sup>1</sup> |" in rest
    assert "\n1. small ones\n" in rest


def test_who_has_nothing_of_a_group_is_left_out_of_its_table() -> None:
    chats = Capabilities(title="Chats", features=frozenset({Feature.TOOLS}))
    embeds = Capabilities(title="Embeds", features=frozenset({Feature.EMBEDDINGS}))
    told = features.tables([chats, embeds])
    assert "### Tools\n\n| | Chats |\n" in told
    assert "### Embeddings\n\n| | Embeds |\n" in told


def test_a_page_without_marks_is_left_alone() -> None:
    with pytest.raises(SystemExit, match="needs the lines"):
        features.written("# no marks", [])
