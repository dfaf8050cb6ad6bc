"""``racto-rag watch``: follow folders, and read again what changes in them."""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from pathlib import Path

from racto.core.errors import MissingExtraError, RactoGatewayError
from racto.rag.index import DocumentIndex
from racto.rag.ingestion.folders import SKIPPED_FOLDERS
from racto.rag.pipeline import RactoRAG

from .command import DONE
from .console import Console, printable
from .ingest import open_for_ingestion, summarise, update

_LOOK_AGAIN_MS = 500


def perform(options: argparse.Namespace) -> int:
    """Update, wait for changes, and update again, until Ctrl-C."""
    console = Console()
    changes = _changes(options)
    with DocumentIndex(options.index, create=True) as index:
        rag = open_for_ingestion(index, options)
        try:
            _bring_up_to_date(console, rag, options, index, is_first=True)
            console.say(f"Following {', '.join(map(str, options.paths))}; Ctrl-C ends it.")
            # The first look is for what changed before anybody was listening.
            for _ in changes:
                _bring_up_to_date(console, rag, options, index)
        except KeyboardInterrupt:
            console.say("Ended; everything that was finished is kept.")
    return DONE


def _bring_up_to_date(
    console: Console,
    rag: RactoRAG,
    options: argparse.Namespace,
    index: DocumentIndex,
    *,
    is_first: bool = False,
) -> None:
    try:
        with console.progress() as progress:
            report = update(rag, options, progress)
    except (RactoGatewayError, OSError) as error:
        if is_first:
            raise
        # A service that is away for a minute is no reason to stop; the next change tries again.
        console.say(f"{_now()}  {printable(str(error))}")
        return
    if is_first or report.ingested or report.removed or report.duplicates:
        console.say(_now())
        summarise(console, report, index)


def _changes(options: argparse.Namespace) -> Iterator[object]:
    """Something each time files may have changed, the first time at once."""
    try:
        from watchfiles import watch
    except ImportError as error:
        raise MissingExtraError(
            "watchfiles", install="racto-rag[watch]", purpose="following folders"
        ) from error
    roots = [path.absolute() for path in options.paths]
    own = options.index.absolute()

    def followed() -> Iterator[object]:
        while True:
            places, is_first = _places(roots), True
            for changes in watch(
                *options.paths,
                watch_filter=lambda _, path: _is_followed(Path(path), roots, own),
                rust_timeout=_LOOK_AGAIN_MS,
                yield_on_timeout=True,
                force_polling=options.poll or None,
                ignore_permission_denied=True,
            ):
                if changes or is_first:
                    is_first = False
                    yield changes
                # The system follows what was there, not the name: editors replace files.
                now = _places(roots)
                if now != places and None not in now:
                    break

    return followed()


def _places(paths: list[Path]) -> list[tuple[int, int] | None]:
    """What each name stands for now; None for nothing."""
    return [(path.stat().st_dev, path.stat().st_ino) if path.exists() else None for path in paths]


def _is_followed(path: Path, roots: list[Path], own: Path) -> bool:
    """Whether an ingestion would look at a path: not at hidden ones, nor at its own index."""
    # What an update writes there would call for the next one without end.
    if path.is_relative_to(own):
        return False
    for root in roots:
        if path.is_relative_to(root):
            parts = path.relative_to(root).parts
            return not any(part.startswith(".") or part in SKIPPED_FOLDERS for part in parts)
    return True


def _now() -> str:
    return time.strftime("%H:%M:%S")
