"""The outcomes of an evaluation on disk, a line each, so that an interrupted one goes on."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import IO

from racto.core.errors import ConfigurationError

from .outcomes import Outcome, outcome_from

_BEGINNING = '{"mark": "'


def mark_of(text: str, expected: tuple[str, ...], setup: str) -> str:
    """Stands for a text, its labels, and who was asked how: a digest, so that no text is kept."""
    told = json.dumps([text, *expected, setup])
    return hashlib.sha256(told.encode()).hexdigest()[:24]


class Checkpoint:
    """Reads what was done, and adds a line for each text that is done.

    Args:
        file: Where the lines are; None keeps nothing.

    Raises:
        ConfigurationError: If the file cannot be read or written.
    """

    def __init__(self, file: str | Path | None) -> None:
        self._file = Path(file) if file is not None else None
        self._stream: IO[str] | None = None
        self._is_torn = False
        self.done: dict[tuple[int, str], Outcome] = {}
        if self._file is not None and self._file.exists():
            self.done = dict(self._read(self._file))

    def __enter__(self) -> Checkpoint:
        if self._file is not None:
            try:
                if self._is_torn:
                    self._cut(self._file)
                # Lines reach the disk one by one: what is lost with a crash was not paid for.
                self._stream = self._file.open("a", encoding="utf-8", buffering=1)
                if self._file.stat().st_size and not self._is_whole(self._file):
                    self._stream.write("\n")
            except OSError as error:
                raise ConfigurationError(
                    f"checkpoint {self._file} cannot be written: {error.strerror}"
                ) from error
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._stream is not None:
            self._stream.close()
            self._stream = None

    def keep(self, mark: str, outcome: Outcome) -> None:
        """Add a line; a text that failed gets none, and is asked again.

        Args:
            mark: Of the text, by :func:`mark_of`.
            outcome: What came of it.
        """
        # An error may pass; to keep it would make it last.
        if self._stream is not None and outcome.error is None:
            # In ASCII, so that half a line is text in any case.
            line = json.dumps({"mark": mark, **asdict(outcome)})
            self._stream.write(line + "\n")

    def _read(self, file: Path) -> Iterator[tuple[tuple[int, str], Outcome]]:
        try:
            lines = file.read_text(encoding="utf-8").split("\n")
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigurationError(f"checkpoint {file} cannot be read: {error}") from error
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            try:
                data = json.loads(line)
                mark = data.pop("mark")
                outcome = outcome_from(data)
            except (ValueError, TypeError, KeyError, AttributeError) as error:
                # The last line of a process that was killed may be half a line.
                if number == len(lines) and line[: len(_BEGINNING)] == _BEGINNING[: len(line)]:
                    self._is_torn = True
                    return
                raise ConfigurationError(
                    f"line {number} of checkpoint {file} is no outcome of an evaluation; "
                    "name another file"
                ) from error
            yield (outcome.index, mark), outcome

    @staticmethod
    def _cut(file: Path) -> None:
        """Take half a line away, which would be in the midst of others later."""
        with file.open("r+b") as stream:
            stream.truncate(stream.read().rfind(b"\n") + 1)

    @staticmethod
    def _is_whole(file: Path) -> bool:
        with file.open("rb") as stream:
            stream.seek(-1, 2)
            return stream.read(1) == b"\n"
