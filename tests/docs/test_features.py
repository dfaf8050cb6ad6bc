"""The table of features in the documentation is what the kits declare today."""

from __future__ import annotations

import pytest

import features
from racto.providers.capabilities import Capabilities, Feature


def test_the_page_is_up_to_date(capsys: pytest.CaptureFixture[str]) -> None:
    assert features.main(["--check"]) == 0, capsys.readouterr().out


def test_every_column_declares_what_exists() -> None:
    for column in features.declared():
        assert column.native | set(column.emulated) <= set(Feature)
        assert not column.native & set(column.emulated)


def test_marks_and_notes_stand_in_their_cells() -> None:
    one = Capabilities(
        title="One",
        native=frozenset({Feature.SEED, Feature.STOP}),
        emulated={Feature.TOOLS: "asked for in the prompt"},
        notes={Feature.SEED: "of some models", Feature.STOP: "of some models"},
    )
    table = features.table([one])
    assert "| seed | ✓<sup>1</sup> |" in table
    assert "| stop sequences | ✓<sup>1</sup> |" in table
    assert "| tools | ◐<sup>2</sup> |" in table
    assert "| images |  |" in table
    assert "1. of some models\n2. asked for in the prompt\n" in table


def test_a_page_without_marks_is_left_alone() -> None:
    with pytest.raises(SystemExit, match="needs the lines"):
        features.written("# no marks", [])
