"""Parts of an answer on the screen or in files: text as it is, media saved or described."""

from __future__ import annotations

import mimetypes
import re
from collections.abc import Mapping, Sequence
from itertools import count
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

from racto.core import LinkPart, TextPart
from racto.tools.mcp.contents import Part

from .console import Console, size

_UNSAFE: Final = re.compile(r"[^A-Za-z0-9._-]+")
_LONGEST: Final = 80
# Common in tools, and unknown to Python or to the system it runs on.
_SUFFIXES: Final = {
    "audio/wav": ".wav",
    "audio/mpeg": ".mp3",
    "audio/mp3": ".mp3",
    "image/webp": ".webp",
    "application/gzip": ".gz",
    "text/markdown": ".md",
}


def show_parts(console: Console, parts: Sequence[Part], saved: Mapping[int, Path]) -> None:
    """Print parts in order.

    Args:
        console: Where to print.
        parts: The parts.
        saved: Files that hold some of them, by their places.
    """
    for number, part in enumerate(parts):
        if isinstance(part, (TextPart, LinkPart)):
            console.raw(part.text)
        else:
            # Bytes in a terminal help nobody.
            what = f"{part.type}, {part.mime_type}, {size(len(part.data or b''))}"
            where = saved.get(number)
            console.raw(f"[{what}; --save DIR keeps it]" if where is None else f"{where}  ({what})")


def save_parts(parts: Sequence[Part], folder: Path | None, name: str) -> dict[int, Path]:
    """Write the media among parts into files of a folder, none of which is overwritten.

    Args:
        parts: The parts.
        folder: Where to; None saves nothing.
        name: What files are called whose part has no name.

    Returns:
        The files, by the places of their parts.
    """
    saved: dict[int, Path] = {}
    if folder is None:
        return saved
    for number, part in enumerate(parts):
        data = None if isinstance(part, (TextPart, LinkPart)) else part.data
        if data is not None and not isinstance(part, (TextPart, LinkPart)):
            folder.mkdir(parents=True, exist_ok=True)
            saved[number] = _written(folder, _file_name(part.name, part.mime_type, name), data)
    return saved


def _file_name(given: str, mime_type: str, otherwise: str) -> str:
    # The name comes from a stranger: no folders, no hidden files, nothing a shell would obey.
    last = unquote(urlsplit(given).path or given).replace("\\", "/").rstrip("/").rpartition("/")[2]
    safe = _UNSAFE.sub("_", last).strip("._-")[-_LONGEST:]
    if not safe:
        safe = _UNSAFE.sub("_", otherwise).strip("._-")[:_LONGEST] or "part"
    if not Path(safe).suffix:
        kind = mime_type.partition(";")[0].strip().lower()
        safe += _SUFFIXES.get(kind) or mimetypes.guess_extension(kind) or ".bin"
    return safe


def _written(folder: Path, name: str, data: bytes) -> Path:
    stem, suffix = Path(name).stem, Path(name).suffix
    for number in count(1):
        path = folder / (name if number == 1 else f"{stem}-{number}{suffix}")
        try:
            # Exclusive, which neither overwrites nor follows a link.
            with path.open("xb") as file:
                file.write(data)
        except FileExistsError:
            continue
        return path
    raise AssertionError("unreachable")
