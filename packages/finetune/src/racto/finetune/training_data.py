"""Examples on their way to a provider: checked before anything is sent, then a file on disk."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias, TypeVar, Union

from racto.core.errors import ConfigurationError
from racto.core.flows import Flow, step

if TYPE_CHECKING:
    from .dataset import RactoDataset
    from .files import DatasetFile

T = TypeVar("T")
Source: TypeAlias = Union["RactoDataset", "DatasetFile", "os.PathLike[str]", str]
"""A dataset in memory or in a file, or the path of a JSONL file in any format."""

TRAINING = "training"
VALIDATION = "validation"

_MOST_SHOWN = 10


def checked(
    sources: Mapping[str, Source], format: str, *, waived: Collection[str] = ()
) -> Flow[None]:
    """Check examples against the rules of a format.

    Args:
        sources: The examples by what they are for, which errors say.
        format: The format that the provider takes.
        waived: Rules that do not hold here, such as ``size``.

    Raises:
        ConfigurationError: A ``ValueError``, if something is wrong; it lists what.
        FileNotFoundError: If there is no such file.
    """
    yield from working(lambda: _check(sources, format, waived))


def written(source: Source, folder: Path, name: str, format: str) -> Flow[Path]:
    """The examples as a file in a format.

    Args:
        source: The examples; of a file that is in the format already, the file itself is taken.
        folder: Where all others are written.
        name: The file's name.
        format: The format that the provider takes.

    Raises:
        UnsupportedFeatureError: If the format cannot carry an example.
    """
    return working(lambda: _write(source, folder / name, format))


def working(work: Callable[[], T]) -> Flow[T]:
    """Work that takes its time: in a thread, where an event loop must go on.

    Args:
        work: What to do.
    """

    async def awork() -> T:
        import asyncio

        return await asyncio.to_thread(work)

    return step(work, awork)


def _check(sources: Mapping[str, Source], format: str, waived: Collection[str]) -> None:
    # All of them before anything is said: who mends one file wants to know about the other.
    opened = {word: _opened(source) for word, source in sources.items()}
    troubles: list[str] = []
    count = 0
    for word, data in opened.items():
        report = data.check(format)
        # The least number of examples is one for training; a part of them validates.
        passed = {*waived, "size"} if word == VALIDATION else {*waived}
        errors = report.errors
        kept = [finding for finding in errors if finding.rule not in passed]
        troubles += [f"{word}: {finding}" for finding in kept]
        count += report.error_count - (len(errors) - len(kept))
        if not report.examples:
            troubles.append(f"{word}: there are no examples")
    if not troubles:
        return
    shown = "\n".join(f"  {trouble}" for trouble in troubles[:_MOST_SHOWN])
    more = max(count, len(troubles)) - min(len(troubles), _MOST_SHOWN)
    raise ConfigurationError(
        f"the examples do not fit the format {format!r}; nothing was sent:\n{shown}"
        + (f"\n  and {more} more" if more > 0 else "")
    )


def _opened(source: Source) -> RactoDataset | DatasetFile:
    if not isinstance(source, str | os.PathLike):
        return source
    from .files import DatasetFile

    return DatasetFile(Path(source))


def _write(source: Source, path: Path, format: str) -> Path:
    from .files import DatasetFile

    data = _opened(source)
    if not isinstance(data, DatasetFile):
        return data.export_jsonl(path, format)
    # A packed file cannot be sent as it is, nor one of the older shape of Gemini's two.
    is_fit = data.provider == format and not format.startswith("gemini")
    if is_fit and data.path.suffix != ".gz":
        return data.path
    data.convert(path, format)
    return path
