"""What an ingestion did: counts, what was skipped and why, and how long it took."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from racto.core.documents import Chunk


@dataclass(frozen=True, slots=True, kw_only=True)
class SkippedFile:
    """A file that could not be ingested.

    Attributes:
        source: Its name.
        reason: Why, in words.
        kind: Name of the error's class, to count by.
        kept: Whether an earlier version of it is still in the index.
    """

    source: str
    reason: str
    kind: str
    kept: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class IngestionReport:
    """The outcome of one ingestion.

    Attributes:
        added: Sources that are new in the index.
        changed: Sources whose old version was replaced.
        unchanged: Sources that were left as they are.
        removed: Sources that were taken out because their files are gone.
        duplicates: Files with the same bytes as another one, whose passages stand for both.
        skipped: Files that could not be read, each with its reason.
        ignored: Files of formats without a reader, and pictures without words, by extension.
        chunks: Chunks that were written.
        bytes: Bytes of the files that were read.
        seconds: Wall-clock time.
        is_dry_run: Whether nothing was embedded and stored, and the rest says what would be.
    """

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    removed: int = 0
    duplicates: int = 0
    skipped: tuple[SkippedFile, ...] = ()
    ignored: Mapping[str, int] = field(default_factory=dict)
    chunks: int = 0
    bytes: int = 0
    seconds: float = 0.0
    is_dry_run: bool = False

    @property
    def ingested(self) -> int:
        """Sources that were read and stored in this run."""
        return self.added + self.changed

    @property
    def is_complete(self) -> bool:
        """Whether nothing was skipped."""
        return not self.skipped


@dataclass(frozen=True, slots=True, kw_only=True)
class IngestionProgress:
    """How far an ingestion has come.

    Attributes:
        files: Files dealt with.
        total_files: Files to deal with.
        bytes: Bytes of the files dealt with.
        total_bytes: Bytes of all of them.
        chunks: Chunks written so far.
        current: Name of the file last dealt with.
    """

    files: int
    total_files: int
    bytes: int
    total_bytes: int
    chunks: int
    current: str = ""


ProgressCallback: TypeAlias = Callable[[IngestionProgress], None]
"""Called in the ingesting thread after each file; must be quick and must not raise."""


class IngestedChunks(list[Chunk]):
    """The chunks of a folder, a plain list, with the report about how it went.

    The reference package returns the bare list and loses what failed.
    """

    def __init__(self, chunks: Iterable[Chunk], report: IngestionReport) -> None:
        super().__init__(chunks)
        self.report = report


class Tally:
    """The counters behind a report while an ingestion runs."""

    def __init__(self) -> None:
        self.added = self.changed = self.unchanged = self.removed = self.duplicates = 0
        self.chunks = self.bytes = 0
        self.skipped: list[SkippedFile] = []
        self.ignored: Counter[str] = Counter()

    def report(self, seconds: float, *, is_dry_run: bool = False) -> IngestionReport:
        """The report as of now."""
        return IngestionReport(
            added=self.added,
            changed=self.changed,
            unchanged=self.unchanged,
            removed=self.removed,
            duplicates=self.duplicates,
            skipped=tuple(self.skipped),
            ignored=dict(self.ignored.most_common()),
            chunks=self.chunks,
            bytes=self.bytes,
            seconds=seconds,
            is_dry_run=is_dry_run,
        )
