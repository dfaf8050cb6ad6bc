"""Files that appear whole or not at all, and never take another's place unasked."""

from __future__ import annotations

import os
import stat
import tempfile
from pathlib import Path

from racto.core.errors import ConfigurationError


def write_whole(path: str | Path, content: bytes, *, overwrite: bool = False) -> Path:
    """Write bytes into a file, which is there as a whole or not at all.

    Args:
        path: Where to; a link stays a link.
        content: All bytes of the file.
        overwrite: Whether a file that is there may be replaced.

    Returns:
        The path as it was given.

    Raises:
        ConfigurationError: If the file is there and may not be replaced, or the place cannot be
            written to.
    """
    target = Path(path).resolve()
    if target.is_dir():
        raise ConfigurationError(f"{path} is a folder; name a file in it")
    if target.exists() and not overwrite:
        raise _taken(target)
    rough: Path | None = None
    try:
        # Beside the file, because only there renaming it is one step.
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
        rough = Path(name)
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
            os.chmod(stream.fileno(), _mode_of(target))  # noqa: PTH101 - an open file
        _put(rough, target, overwrite=overwrite)
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be written: {error.strerror}") from error
    finally:
        if rough is not None:
            rough.unlink(missing_ok=True)
    return Path(path)


def _put(rough: Path, target: Path, *, overwrite: bool) -> None:
    if overwrite:
        rough.replace(target)
        return
    try:
        # Fails where another process made the file in the meantime; ``replace`` would not.
        os.link(rough, target)
    except FileExistsError:
        raise _taken(target) from None
    except OSError:
        # Some file systems know no second name for a file.
        if target.exists():
            raise _taken(target) from None
        rough.replace(target)


def _mode_of(path: Path) -> int:
    """The rights that a file has, or that a new one would get."""
    if path.exists():
        return stat.S_IMODE(path.stat().st_mode)
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask


def _taken(path: Path) -> ConfigurationError:
    return ConfigurationError(
        f"{path} is there already; name another file, or pass overwrite=True to replace it"
    )


def kind_of(path: str | Path, format: str | None, *, known: tuple[str, ...]) -> str:
    """The format of a file: as it is told, or by the end of its name.

    Args:
        path: The file.
        format: A format, in any letters; None to go by the name.
        known: Formats there are.

    Raises:
        ConfigurationError: If it is none of the known ones.
    """
    kind = (format or Path(path).suffix.lstrip(".")).lower()
    if kind not in known:
        raise ConfigurationError(
            f"{path}: the format {kind!r} is not known; there are {', '.join(known)}"
        )
    return kind
