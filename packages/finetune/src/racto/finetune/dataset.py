"""A dataset in memory: built, checked, split, and written for any trainer."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO, overload

from racto.core.flows import threaded

from .checks.checker import ValidationReport, check_examples
from .checks.findings import Finding
from .checks.repeats import find_leaks, prompts_of
from .digests import example_digest, prompt_digest
from .estimates import TrainingEstimate, estimate_training
from .examples import RactoTrainingExample
from .files import refuse_faults, with_lines
from .formats import find_format
from .formats.losses import OnLoss
from .orders import shuffled_order, side_of, train_count
from .sources import read_source
from .streams import read_examples, write_examples, write_lines
from .summaries import DatasetSummary, summarize


class RactoDataset:
    """An ordered collection of training examples.

    Source: the reference package's class of this name. For files that do not fit into memory
    there is :class:`~racto.finetune.files.DatasetFile` with the same verbs.

    Args:
        examples: The first examples; none when None.
    """

    def __init__(self, examples: Iterable[RactoTrainingExample] | None = None) -> None:
        # A list of its own: what the caller does to his afterwards changes nothing here.
        self._examples = list(examples or ())

    @classmethod
    def from_pairs(cls, pairs: Iterable[tuple[str, str]], *, system: str = "") -> RactoDataset:
        """A dataset of questions and answers.

        Args:
            pairs: What the user says, and what the assistant answers.
            system: Instructions that come first in every example; none when empty.
        """
        made = RactoTrainingExample.from_pair
        return cls(made(user, assistant, system=system) for user, assistant in pairs)

    @classmethod
    def from_jsonl(cls, path: str | Path, provider: str = "openai") -> RactoDataset:
        """Load a JSONL file.

        Args:
            path: The file; packed with gzip when its name ends with ``.gz``.
            provider: Name of its format; ``auto`` tells it from the first record.

        Raises:
            ConfigurationError: If there is no such format.
            FileNotFoundError: If there is no such file.
            ReadError: If a line is no record of the format; the message names line and field.
        """
        return cls(example for _, example in read_examples(path, provider))

    @classmethod
    async def afrom_jsonl(cls, path: str | Path, provider: str = "openai") -> RactoDataset:
        """Async twin of :meth:`from_jsonl`, run in a worker thread."""
        import asyncio

        return await asyncio.to_thread(cls.from_jsonl, path, provider)

    @classmethod
    def from_source(
        cls,
        path: str | Path,
        *,
        provider: str = "auto",
        columns: Mapping[str, str] | None = None,
        split: str = "train",
    ) -> RactoDataset:
        """Import JSONL, JSON, CSV, TSV, Parquet or Arrow, or a folder of Hugging Face's layout.

        Args:
            path: A file or a folder.
            provider: Name of the format of the rows; ``auto`` tells it from the first.
            columns: Which column holds what, for tables: ``{"user": "question", "assistant":
                "answer"}``; found by their usual names when None.
            split: Which part of a folder.

        Raises:
            ConfigurationError: If a column is missing, or the rows are in no format.
            FileNotFoundError: If there is no such file, or no such split.
            MissingExtraError: If Parquet is read and polars is not installed.
            ReadError: If a row cannot be read; the message names it.
        """
        rows = read_source(path, provider=provider, columns=columns, split=split)
        return cls(example for _, example in rows)

    @classmethod
    def from_records(
        cls, records: Iterable[Mapping[str, Any]], provider: str = "auto"
    ) -> RactoDataset:
        """A dataset of records in any format: dictionaries, rows of a table.

        Args:
            records: The records.
            provider: Name of their format; ``auto`` tells it from each record.

        Raises:
            ConfigurationError: If a record is in no format.
        """
        return cls(RactoTrainingExample.from_dict(record, provider) for record in records)

    def add(self, example: RactoTrainingExample) -> RactoDataset:
        """Append an example; returns the dataset itself."""
        self._examples.append(example)
        return self

    def extend(self, examples: Iterable[RactoTrainingExample]) -> RactoDataset:
        """Append examples; returns the dataset itself."""
        self._examples.extend(examples)
        return self

    @property
    def examples(self) -> list[RactoTrainingExample]:
        """The examples, as a list of the caller's own."""
        return list(self._examples)

    def map(self, change: Callable[[RactoTrainingExample], RactoTrainingExample]) -> RactoDataset:
        """A new dataset with every example changed."""
        return RactoDataset(map(change, self._examples))

    def filter(self, keep: Callable[[RactoTrainingExample], bool]) -> RactoDataset:
        """A new dataset with the examples that are to be kept."""
        return RactoDataset(filter(keep, self._examples))

    def deduplicate(self) -> RactoDataset:
        """A new dataset in which every example stands once, at its first place."""
        # Dictionaries keep the order in which their keys came.
        first: dict[int, RactoTrainingExample] = {}
        for example in self._examples:
            first.setdefault(example_digest(example), example)
        return RactoDataset(first.values())

    def shuffle(self, seed: int | None = None) -> RactoDataset:
        """A new dataset in random order.

        Args:
            seed: Decides the order, the same on every machine; None draws a new one each time.
        """
        # The examples themselves are shared, for they are not changed.
        order = shuffled_order(len(self), seed)
        return RactoDataset(self._examples[at] for at in order)

    def split(
        self,
        train_ratio: float = 0.8,
        *,
        seed: int | None = None,
        keep_prompts_together: bool = False,
    ) -> tuple[RactoDataset, RactoDataset]:
        """Shuffle, and split into training and validation data.

        Args:
            train_ratio: The share of the first part.
            seed: Decides the order, the same on every machine; None draws a new one each time.
            keep_prompts_together: Whether examples that ask the same go to the same side, so that
                nothing leaks. The ratio is then met on average and not exactly.

        Raises:
            ConfigurationError: If the ratio is not between 0 and 1.
        """
        # Files are often sorted by topic, so a cut without a shuffle would part topics.
        shuffled = self.shuffle(seed)._examples
        if keep_prompts_together:
            parts: tuple[list[Any], list[Any]] = ([], [])
            # Every example decides by its own question; equal questions decide alike.
            for example in shuffled:
                is_train = side_of(prompt_digest(example), train_ratio, seed)
                parts[not is_train].append(example)
            return RactoDataset(parts[0]), RactoDataset(parts[1])
        end = train_count(len(shuffled), train_ratio)
        return RactoDataset(shuffled[:end]), RactoDataset(shuffled[end:])

    def validate(self, provider: str = "openai") -> list[Finding]:
        """The findings for which a trainer would refuse the dataset; empty when it is fit.

        Each is a text that names line, message and rule, and knows them as attributes.

        Args:
            provider: Name of the format that it is meant for.

        Raises:
            ConfigurationError: If there is no such format.
        """
        return self.check(provider).errors

    def check(
        self,
        provider: str = "openai",
        *,
        validation: Iterable[RactoTrainingExample] | None = None,
        **options: Any,
    ) -> ValidationReport:
        """Check the dataset for errors, and for what is unwise.

        Args:
            provider: Name of the format that it is meant for.
            validation: Data whose questions must not be among these.
            options: ``max_tokens``, ``count_tokens``, ``find_personal``, ``repeats`` and
                ``most_findings`` of :func:`~racto.finetune.checks.check_examples`.

        Raises:
            ConfigurationError: If there is no such format.
        """
        # The other side is read first and held as digests.
        known = prompts_of(with_lines(validation)) if validation is not None else None
        numbered = enumerate(self._examples, start=1)
        return check_examples(numbered, provider, known_prompts=known, **options)

    def require_valid(self, provider: str = "openai") -> None:
        """Raise when a trainer would refuse the dataset.

        Args:
            provider: Name of the format that it is meant for.

        Raises:
            ConfigurationError: If there is an error; the message lists the first.
        """
        refuse_faults(self.check(provider))

    def leaks(self, validation: Iterable[RactoTrainingExample]) -> list[Finding]:
        """The questions of this dataset that the validation data asks too.

        Args:
            validation: The other data.
        """
        return list(find_leaks(with_lines(self._examples), with_lines(validation)))

    def summary(self, **options: Any) -> DatasetSummary:
        """What the dataset holds; ``options`` as of ``summarize``."""
        return summarize(self, **options)

    def estimate(self, **options: Any) -> TrainingEstimate:
        """What a training will take; ``options`` as of ``estimate_training``."""
        return estimate_training(self, **options)

    def to_jsonl_string(self, provider: str = "openai") -> str:
        """All examples as lines of JSON.

        Args:
            provider: Name of the format.

        Raises:
            ConfigurationError: If there is no such format, or an example is not of its kind.
            UnsupportedFeatureError: If the format cannot carry an example.
        """
        stream = io.BytesIO()
        self.write_jsonl(stream, provider)
        return stream.getvalue().decode("utf-8")

    def write_jsonl(self, stream: BinaryIO, provider: str = "openai") -> int:
        """Write all examples as lines of JSON into an open binary file.

        Args:
            stream: The file.
            provider: Name of the format.

        Returns:
            How many examples were written.

        Raises:
            ConfigurationError: If there is no such format, or an example is not of its kind.
            UnsupportedFeatureError: If the format cannot carry an example.
        """
        return write_lines(stream, self._examples, find_format(provider)).count

    def export_jsonl(
        self,
        path: str | Path,
        provider: str = "openai",
        *,
        overwrite: bool = False,
        on_loss: OnLoss = "raise",
    ) -> Path:
        """Write a JSONL file that appears whole or not at all.

        Args:
            path: Where to; packed with gzip when the name ends with ``.gz``.
            provider: Name of the format.
            overwrite: Whether a file that is there may be replaced.
            on_loss: Whether what the format cannot carry is refused or left out.

        Returns:
            The file.

        Raises:
            ConfigurationError: If the place cannot be written to, there is no such format, or an
                example is not of its kind.
            FileExistsError: If the file is there and may not be replaced.
            UnsupportedFeatureError: If the format cannot carry an example.
        """
        write_examples(path, self._examples, provider, overwrite=overwrite, on_loss=on_loss)
        return Path(path)

    aexport_jsonl = threaded(export_jsonl)

    def export_parquet(
        self, path: str | Path, provider: str = "trl", *, overwrite: bool = False
    ) -> Path:
        """Write a Parquet file that appears whole or not at all, for Hugging Face's datasets.

        Args:
            path: Where to.
            provider: Name of the format of the rows.
            overwrite: Whether a file that is there may be replaced.

        Raises:
            ConfigurationError: If the rows do not fit into one table.
            FileExistsError: If the file is there and may not be replaced.
            MissingExtraError: If polars is not installed.
            UnsupportedFeatureError: If the format cannot carry an example.
        """
        # polars takes a third of a second to load.
        from .sources.frames import write_parquet

        write_parquet(path, self._examples, provider, overwrite=overwrite)
        return Path(path)

    aexport_parquet = threaded(export_parquet)

    def __len__(self) -> int:
        return len(self._examples)

    def __iter__(self) -> Iterator[RactoTrainingExample]:
        return iter(self._examples)

    @overload
    def __getitem__(self, at: int) -> RactoTrainingExample: ...

    @overload
    def __getitem__(self, at: slice) -> RactoDataset: ...

    def __getitem__(self, at: int | slice) -> RactoTrainingExample | RactoDataset:
        # A slice is a dataset again, so that its verbs go on.
        found = self._examples[at]
        return RactoDataset(found) if isinstance(found, list) else found

    def __add__(self, other: RactoDataset) -> RactoDataset:
        return RactoDataset([*self._examples, *other])

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, RactoDataset):
            return NotImplemented
        return self._examples == other._examples

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"RactoDataset({len(self)} examples)"
