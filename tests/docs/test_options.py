"""The tables of options in the README of racto-providers name every option, and no other."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import pytest

from racto.core.discovery import find, names

PAGE = Path(__file__).parents[2] / "packages" / "providers" / "README.md"
KITS = [find("chat_kits", name) for name in names("chat_kits")]
EMBEDDERS = [find("embedders", name) for name in names("embedders")]
WORD = re.compile(r"`(\w+)`")


def rows(heading: str) -> dict[str, str]:
    """The rest of each row of the table under a heading, by its first cell."""
    lines = PAGE.read_text("utf-8").partition(heading)[2].splitlines()[2:]
    table = lines[: lines.index("")]
    return dict(line.strip("| ").split(" | ", 1) for line in table)


def options(kind: type) -> set[str]:
    return set(inspect.signature(kind).parameters)


@pytest.mark.parametrize("kit", KITS, ids=lambda kit: kit.__name__)
def test_every_option_of_a_kit_is_listed(kit: type) -> None:
    shared = set(WORD.findall(" ".join(rows("| Option | Default | Meaning |"))))
    own = set(WORD.findall(rows("| Kit, each also called `Chat` |")[f"`{kit.__name__}`"]))
    assert not shared & own
    assert shared | own == options(kit)


@pytest.mark.parametrize("embedder", EMBEDDERS, ids=lambda kind: kind.__name__)
def test_every_option_of_an_embedder_is_listed(embedder: type) -> None:
    listed = rows("| Embedder | Takes beside `model` and `dimensions` |")
    own = listed[f"`{embedder.__name__}`"]
    if embedder.__name__ == "LocalEmbedder":
        assert options(embedder) == {"dimensions"}
        return
    if embedder.__name__ == "MiniLMEmbedder":
        assert set(WORD.findall(own)) == options(embedder)
        return
    same = set(WORD.findall(listed["`OpenAIEmbedder`"])) if own.startswith("the same") else set()
    assert same | set(WORD.findall(own)) | {"model", "dimensions"} == options(embedder)
