"""Result files line by line: bounded, in any order, and no bad line stops the good ones."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

from racto.core.errors import InvalidResponseError

from .hosts import Fate, Outcome
from .job_fields import text_of
from .json_texts import loaded

LONGEST_LINE = 128 * 2**20
"""Most bytes of one line; longer ones are skipped and reported."""

_PIECE = 2**20


class UnreadableLineError(InvalidResponseError):
    """A line that is no result; raised by readers, and never seen outside.

    Args:
        why: What is wrong with it.
        custom_id: Whose line it is, when that could be read.
    """

    def __init__(self, why: str, *, custom_id: str | None = None) -> None:
        super().__init__(why)
        self.custom_id = custom_id


def read_results(
    paths: Iterable[Path],
    read: Callable[[dict[str, Any]], Outcome | None],
    *,
    longest: int = LONGEST_LINE,
) -> Iterator[Outcome]:
    """Read result files.

    Args:
        paths: The files.
        read: Reads one line's object; None when the line is part of a later outcome.
        longest: Most bytes of a line.

    Returns:
        One outcome a line, those that cannot be read included.
    """
    for path in paths:
        with path.open("rb", buffering=_PIECE) as file:
            for number, line in _lines(file, longest):
                outcome = _outcome(line, read, f"{path.name}, line {number}")
                if outcome is not None:
                    yield outcome


def custom_id_of(line: dict[str, Any], field: str = "custom_id") -> str:
    """Whose line it is.

    Args:
        line: The line's object.
        field: Where it says so.

    Raises:
        UnreadableLineError: If it does not.
    """
    found = line.get(field)
    if not isinstance(found, str):
        raise UnreadableLineError(f"it has no {field}")
    # Repaired, half a pair could become the id of another item.
    if not found.isascii() and text_of(found) != found:
        raise UnreadableLineError(f"its {field} is no text: {found[:80]!a}")
    return found


def _outcome(
    line: bytes | None, read: Callable[[dict[str, Any]], Outcome | None], where: str
) -> Outcome | None:
    custom_id = None
    if line is None:
        why = "it is too long to be read"
    else:
        try:
            value = loaded(line)
            if isinstance(value, dict):
                return read(value)
            why = "it is no JSON object"
        except UnreadableLineError as error:
            why, custom_id = str(error), error.custom_id
        except (ValueError, RecursionError):
            why = f"it is no JSON; it begins {line[:60].strip().decode('utf-8', 'replace')!r}"
    return Outcome(fate=Fate.MALFORMED, custom_id=custom_id, problem=f"{where}: {why}")


def _lines(file: BinaryIO, longest: int) -> Iterator[tuple[int, bytes | None]]:
    """The lines that are not empty, with their numbers from 1; None for one that is too long."""
    number = 0
    while line := file.readline(longest + 1):
        number += 1
        if len(line) > longest and not line.endswith(b"\n"):
            # Read to its end in pieces, or a hostile line would fill the memory.
            while (rest := file.readline(_PIECE)) and not rest.endswith(b"\n"):
                pass
            yield number, None
        elif not line.isspace():
            yield number, line
