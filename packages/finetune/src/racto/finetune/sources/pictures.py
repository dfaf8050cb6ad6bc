"""Images that lie beside a table, found inside its folder and put into the user's turn."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from racto.core.errors import ReadError
from racto.finetune.examples import RactoTrainingExample
from racto.finetune.formats.conversational_turns import medium_of
from racto.finetune.messages import RactoTrainingMessage

_COLUMNS = ("image", "images", "file_name", "file_names")


def located(row: dict[str, Any], folder: Path) -> dict[str, Any]:
    """The row with the bytes of the images that it names.

    A name is looked for inside the folder only, links included; URLs stay URLs.

    Args:
        row: A row of a table.
        folder: Where the table lies.
    """
    if not any(name in row for name in _COLUMNS):
        return row
    return {
        key: _located(value, folder) if key in _COLUMNS else value for key, value in row.items()
    }


def _located(value: Any, folder: Path) -> Any:
    if isinstance(value, list):
        return [_located(each, folder) for each in value]
    if not isinstance(value, str) or not value or "://" in value or value.startswith("data:"):
        return value
    try:
        home = folder.resolve()
        file = (home / value).resolve()
        # A table from a stranger must not read what lies elsewhere.
        if not file.is_relative_to(home) or not file.is_file():
            return value
        return {"bytes": file.read_bytes(), "path": file.name}
    except (OSError, ValueError):
        # No name that a file can have.
        return value


def attached(example: RactoTrainingExample, where: str) -> RactoTrainingExample:
    """The example with its columns of images moved into the first turn of the user.

    Args:
        example: An example of a table.
        where: Names the row in a message.

    Raises:
        ReadError: If an image cannot be found.
    """
    names = [name for name in _COLUMNS if example.extra.get(name)]
    if not names:
        return example
    media = [
        _medium(source, f"{where}, {name}")
        for name in names
        for source in _listed(example.extra[name])
    ]
    extra = {key: value for key, value in example.extra.items() if key not in names}
    for at, turn in enumerate(example.messages):
        if turn.role == "user":
            parts = [*media, *turn.parts]
            changed = RactoTrainingMessage(
                turn.role, parts, name=turn.name, weight=turn.weight, extra=turn.extra
            )
            turns = [*example.messages[:at], changed, *example.messages[at + 1 :]]
            return example.replace(messages=turns, extra=extra)
    return example


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _medium(source: Any, where: str) -> Any:
    is_place = isinstance(source, str) and ("://" in source or source.startswith("data:"))
    found = medium_of(source, "image") if is_place or isinstance(source, dict) else None
    if found is None:
        raise ReadError(
            f"{where}: the image {str(source)[:80]!r} is not in the table's folder", source=where
        )
    return found
