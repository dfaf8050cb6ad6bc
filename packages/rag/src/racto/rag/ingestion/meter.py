"""How far an ingestion has come, told after each file."""

from __future__ import annotations

from .folders import FoundFile
from .report import IngestionProgress, ProgressCallback, Tally
from .selection import Selection


class Meter:
    """Counts files and tells a callback.

    Args:
        selection: What there is to do.
        progress: The callback; None tells nobody.
    """

    def __init__(self, selection: Selection, progress: ProgressCallback | None) -> None:
        self._progress = progress
        self._files = selection.total_files
        self._bytes = selection.total_bytes
        self._done = self._done_bytes = 0

    def advance(self, file: FoundFile, tally: Tally) -> None:
        """Count one file more."""
        self._done += 1
        self._done_bytes += file.size
        self._tell(tally, file.label)

    def finish(self, tally: Tally) -> None:
        """Tell of the end."""
        self._tell(tally, "")

    def _tell(self, tally: Tally, current: str) -> None:
        if self._progress is not None:
            self._progress(
                IngestionProgress(
                    files=self._done,
                    # Files that came while others were read are more than were counted.
                    total_files=max(self._files, self._done),
                    bytes=self._done_bytes,
                    total_bytes=max(self._bytes, self._done_bytes),
                    chunks=tally.chunks,
                    current=current,
                )
            )
