"""A dataset in a file, read as it is needed: for datasets larger than memory."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

from racto.core.errors import ConfigurationError, ReadError
from racto.core.flows import threaded

from .checks.checker import ValidationReport, check_examples
from .checks.findings import Finding
from .checks.repeats import find_leaks, prompts_of
from .digests import prompt_digest
from .estimates import TrainingEstimate, estimate_training
from .examples import RactoTrainingExample
from .exports import whole_file
from .formats import Format, find_format
from .formats.losses import OnLoss
from .lines import lines_in, record_of, records_in
from .orders import shuffled_order, side_of, sides
from .streams import Written, decoded, detected, write_examples
from .summaries import DatasetSummary, summarize


class DatasetFile:
    """A JSONL file whose examples are read one at a time, as often as they are asked for.

    Args:
        path: The file; packed with gzip when its name ends with ``.gz``.
        provider: Name of its format; ``auto`` tells it from the first record.

    Raises:
        ConfigurationError: If there is no such format, or the first record is in none.
        FileNotFoundError: If there is no such file.
        ReadError: If it holds no record.

    Attributes:
        path: The file.
        format: Its format.
    """

    def __init__(self, path: str | Path, provider: str = "auto") -> None:
        self.path = Path(path)
        self.format: Format = self._detected() if provider == "auto" else find_format(provider)
        # Told at once, and not at the first use.
        if not self.path.exists():
            raise FileNotFoundError(f"there is no file {self.path}")

    def _detected(self) -> Format:
        for number, record in records_in(self.path):
            return detected(record, f"{self.path}, line {number}")
        raise ReadError(f"{self.path} holds no record", source=str(self.path))

    @property
    def provider(self) -> str:
        """Name of the format."""
        return self.format.name

    def __iter__(self) -> Iterator[RactoTrainingExample]:
        return (example for _, example in self.numbered())

    def numbered(self) -> Iterator[tuple[int, RactoTrainingExample]]:
        """The examples with their line numbers.

        Raises:
            ReadError: If a line is no record of the format.
        """
        for number, record in records_in(self.path):
            yield number, decoded(record, self.format, f"{self.path}, line {number}")

    def count(self) -> int:
        """How many records there are; the lines are counted and not read."""
        # Lines are cheap to count; examples would have to be parsed.
        return sum(1 for _ in lines_in(self.path))

    def check(
        self,
        provider: str | None = None,
        *,
        validation: Iterable[RactoTrainingExample] | None = None,
        **options: Any,
    ) -> ValidationReport:
        """Check the file in one pass. A line that cannot be read is a finding too.

        Args:
            provider: Name of the format that it is meant for; its own when None.
            validation: Data whose questions must not be among these.
            options: ``max_tokens``, ``count_tokens``, ``find_personal``, ``repeats`` and
                ``most_findings`` of :func:`~racto.finetune.checks.check_examples`.

        Raises:
            ConfigurationError: If there is no such format.
        """
        known = prompts_of(with_lines(validation)) if validation is not None else None
        return check_examples(
            self._judged(), provider or self.provider, known_prompts=known, **options
        )

    def _judged(self) -> Iterator[tuple[int, RactoTrainingExample | str]]:
        for number, line in lines_in(self.path):
            where = f"{self.path}, line {number}"
            try:
                yield number, decoded(record_of(line, where), self.format, where)
            except ReadError as error:
                yield number, str(error).removeprefix(f"{where}: ")

    def validate(self, provider: str | None = None) -> list[Finding]:
        """The findings for which a trainer would refuse the file.

        Args:
            provider: Name of the format that it is meant for; its own when None.
        """
        return self.check(provider).errors

    def require_valid(self, provider: str | None = None) -> None:
        """Raise when a trainer would refuse the file.

        Args:
            provider: Name of the format that it is meant for; its own when None.

        Raises:
            ConfigurationError: If there is an error; the message lists the first.
        """
        refuse_faults(self.check(provider))

    def leaks(self, validation: Iterable[RactoTrainingExample]) -> list[Finding]:
        """The questions of this file that the validation data asks too.

        Args:
            validation: The other data.
        """
        return list(find_leaks(self.numbered(), with_lines(validation)))

    def summary(self, **options: Any) -> DatasetSummary:
        """What the file holds, counted in one pass; ``options`` as of ``summarize``."""
        return summarize(self, **options)

    def estimate(self, **options: Any) -> TrainingEstimate:
        """What a training will take; ``options`` as of ``estimate_training``."""
        return estimate_training(self, **options)

    def convert(
        self,
        path: str | Path,
        provider: str = "openai",
        *,
        overwrite: bool = False,
        on_loss: OnLoss = "raise",
    ) -> Written:
        """Write the examples in another format; the arguments are those of ``write_examples``."""
        return write_examples(path, self, provider, overwrite=overwrite, on_loss=on_loss)

    aconvert = threaded(convert)

    def split(
        self,
        train_path: str | Path,
        validation_path: str | Path,
        *,
        train_ratio: float = 0.8,
        seed: int | None = 0,
        keep_prompts_together: bool = False,
        overwrite: bool = False,
    ) -> tuple[int, int]:
        """Copy every line into one of two files, which keep the order and the very bytes.

        Args:
            train_path: The larger part, as a rule.
            validation_path: The rest.
            train_ratio: The share of the first part.
            seed: Decides the choice; the same seed makes the same files.
            keep_prompts_together: Whether examples that ask the same go into the same file. The
                ratio is then met on average and not exactly.
            overwrite: Whether files that are there may be replaced.

        Returns:
            How many examples went into each file.

        Raises:
            ConfigurationError: If the ratio is not between 0 and 1, or both files are the same.
            FileExistsError: If a file is there and may not be replaced.
        """
        if Path(train_path).resolve() == Path(validation_path).resolve():
            raise ConfigurationError("both parts have the same name; name two files")
        # Before any file is made, so that a wrong ratio leaves none.
        choose = self._chooser(train_ratio, seed, keep_prompts_together)
        counts = [0, 0]
        with (
            whole_file(validation_path, overwrite=overwrite) as second,
            whole_file(train_path, overwrite=overwrite) as first,
        ):
            for number, line in lines_in(self.path):
                is_train = choose(number, line)
                counts[not is_train] += 1
                _write(first if is_train else second, line)
        return counts[0], counts[1]

    asplit = threaded(split)

    def _chooser(
        self, train_ratio: float, seed: int | None, together: bool
    ) -> Callable[[int, bytes], bool]:
        if not together:
            chosen = sides(self.count(), train_ratio, seed)
            return lambda _number, _line: next(chosen)

        def by_prompt(number: int, line: bytes) -> bool:
            where = f"{self.path}, line {number}"
            example = decoded(record_of(line, where), self.format, where)
            return side_of(prompt_digest(example), train_ratio, seed)

        return by_prompt

    def shuffle(self, path: str | Path, *, seed: int | None = 0, overwrite: bool = False) -> int:
        """Write the lines in a random order; sixteen bytes of memory a line are needed.

        Args:
            path: Where to.
            seed: Decides the order; the same seed makes the same file.
            overwrite: Whether a file that is there may be replaced.

        Returns:
            How many lines were written.

        Raises:
            ConfigurationError: If the file is packed, so that no line of it can be found again.
            FileExistsError: If the file is there and may not be replaced.
        """
        if self.path.suffix == ".gz":
            raise ConfigurationError(f"{self.path} is packed; unpack it before it is shuffled")
        with self.path.open("rb") as source, whole_file(path, overwrite=overwrite) as target:
            # Places instead of lines: the texts stay on the disk.
            starts = _starts(source)
            for at in shuffled_order(len(starts), seed):
                source.seek(starts[at])
                _write(target, source.readline())
        return len(starts)

    ashuffle = threaded(shuffle)

    def __repr__(self) -> str:
        return f"DatasetFile({str(self.path)!r}, {self.provider!r})"


def with_lines(
    examples: Iterable[RactoTrainingExample],
) -> Iterator[tuple[int, RactoTrainingExample]]:
    """Examples with the lines where they stand; those in memory are counted from 1 on."""
    if isinstance(examples, DatasetFile):
        return examples.numbered()
    return iter(enumerate(examples, start=1))


def refuse_faults(report: ValidationReport, most: int = 5) -> None:
    """Raise when a report holds errors.

    Args:
        report: The report.
        most: How many errors the message lists.

    Raises:
        ConfigurationError: If there is an error.
    """
    if report.is_valid:
        return
    listed = "\n".join(f"  {finding}" for finding in report.errors[:most])
    # The report may hold fewer findings than it counted.
    left = report.error_count - min(most, len(report.errors))
    more = f"\n  and {left:,} more" if left else ""
    raise ConfigurationError(
        f"the dataset is not fit for {report.provider}; mend it first:\n{listed}{more}"
    )


def _write(stream: BinaryIO, line: bytes) -> None:
    stream.write(line if line.endswith(b"\n") else line + b"\n")


def _starts(source: BinaryIO) -> array[int]:
    """Where each line that is not empty begins."""
    starts, place = array("Q"), 0
    for line in source:
        if line.strip():
            # A mark in the middle of the new file would be a part of a line.
            mark = 3 if place == 0 and line.startswith(b"\xef\xbb\xbf") else 0
            starts.append(place + mark)
        place += len(line)
    return starts
