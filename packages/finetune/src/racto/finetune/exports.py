"""Files that appear whole or not at all, and never take another's place unasked."""

from __future__ import annotations

import gzip
import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from racto.core.errors import ConfigurationError

_BUFFER = 2**20


@contextmanager
def whole_file(path: str | Path, *, overwrite: bool = False) -> Iterator[BinaryIO]:
    """A stream whose bytes become the file ``path`` when the block ends well.

    The bytes go into a file beside it, which then takes the name in one step. When the block
    raises, nothing is left, and a file that was there before is untouched. A link stays a link;
    pipes and devices are written into.

    Args:
        path: Where to; packed with gzip when the name ends with ``.gz``.
        overwrite: Whether a file that is there may be replaced.

    Raises:
        FileExistsError: If the file is there and may not be replaced.
        ConfigurationError: If the place cannot be written to.
    """
    target = Path(path)
    if target.is_dir():
        raise ConfigurationError(f"{target} is a folder; name a file in it")
    if target.exists() and not target.is_file():
        with target.open("wb") as stream:
            yield stream
        return
    target = target.resolve()
    if target.exists() and not overwrite:
        raise _taken(target)
    name, handle = _beside(target)
    try:
        with os.fdopen(handle, "wb", buffering=_BUFFER) as stream:
            with _packing(stream, target) as packed:
                yield packed
            stream.flush()
            os.fsync(stream.fileno())
            os.chmod(stream.fileno(), _mode_of(target))  # noqa: PTH101 - an open file
        _put(name, target, overwrite=overwrite)
    except BaseException:
        name.unlink(missing_ok=True)
        raise


def _put(name: Path, target: Path, *, overwrite: bool) -> None:
    if overwrite:
        name.replace(target)
        return
    try:
        # Fails where another process made the file in the meantime; ``replace`` would not.
        os.link(name, target)
    except FileExistsError:
        raise _taken(target) from None
    except OSError:
        # Some file systems know no second name for a file.
        if target.exists():
            raise _taken(target) from None
        name.replace(target)
        return
    name.unlink()


@contextmanager
def _packing(stream: BinaryIO, target: Path) -> Iterator[BinaryIO]:
    if target.suffix != ".gz":
        yield stream
        return
    # No name and no time inside, so that the same examples make the same bytes.
    with gzip.GzipFile(filename="", mode="wb", fileobj=stream, mtime=0) as packed:
        yield cast("BinaryIO", packed)


def _beside(target: Path) -> tuple[Path, int]:
    try:
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    except OSError as error:
        raise ConfigurationError(f"{target} cannot be written: {error.strerror}") from error
    return Path(name), handle


def _mode_of(path: Path) -> int:
    """The rights that a file has, or that a new one would get."""
    if path.exists():
        return stat.S_IMODE(path.stat().st_mode)
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask


def _taken(path: Path) -> FileExistsError:
    return FileExistsError(f"{path} is already there; pass overwrite=True to replace it")
