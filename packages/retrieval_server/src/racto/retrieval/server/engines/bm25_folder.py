"""Where an index of words is kept between starts: one folder for each collection and settings."""

from __future__ import annotations

import hashlib
import logging
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from racto.core.errors import ConfigurationError, IndexCorruptError

from .bm25_index import BM25Index

_FORMAT = 1
_EDGE = 1 << 16
_DOCUMENTS = "documents.json"

_log = logging.getLogger(__name__)


def fingerprint(corpus: Path, settings: Mapping[str, Any]) -> str:
    """What changes when the collection's file or the settings of its index do.

    Args:
        corpus: The collection's file; its size, time, and both ends are looked at.
        settings: All settings that the index depends on.
    """
    import orjson

    facts = corpus.stat()
    with corpus.open("rb") as file:
        ends = file.read(_EDGE)
        file.seek(max(0, facts.st_size - _EDGE))
        ends += file.read(_EDGE)
    known = [_FORMAT, facts.st_size, facts.st_mtime_ns, dict(settings)]
    written = orjson.dumps(known, option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(written + ends).hexdigest()[:32]


def restored(folder: Path, mark: str) -> tuple[BM25Index, list[str], list[str | None]] | None:
    """An index that was kept, with the ids and subsets of its documents; None when none was.

    Args:
        folder: Where indexes are kept.
        mark: The :func:`fingerprint` that it must have.
    """
    import orjson

    place = folder / mark
    if not place.is_dir():
        return None
    try:
        documents = orjson.loads((place / _DOCUMENTS).read_bytes())
        keys, subsets = list(documents["keys"]), list(documents["subsets"])
        if len(keys) != len(subsets) or not all(isinstance(key, str) for key in keys):
            raise IndexCorruptError(f"{place / _DOCUMENTS} is not a list of ids and subsets")
        return BM25Index.loaded(place, len(keys)), keys, subsets
    except (OSError, ValueError, KeyError, TypeError, IndexCorruptError) as error:
        # The collection is still there: a damaged copy of what it says is made anew.
        _log.warning("a kept index is damaged and is made anew: %s", error)
        shutil.rmtree(place, ignore_errors=True)
        return None


def keep(
    folder: Path, mark: str, index: BM25Index, keys: Sequence[str], subsets: Sequence[str | None]
) -> None:
    """Write an index, whole or not at all; one of this fingerprint that is there already stays.

    Args:
        folder: Where indexes are kept; it is made when it is missing.
        mark: Its :func:`fingerprint`.
        index: The index.
        keys: The ids of its documents.
        subsets: Their subsets.

    Raises:
        ConfigurationError: If it cannot be written there.
    """
    import orjson

    try:
        folder.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(prefix=".draft-", dir=folder))
        try:
            if index.save(draft):
                documents = {"keys": list(keys), "subsets": list(subsets)}
                (draft / _DOCUMENTS).write_bytes(orjson.dumps(documents))
                _moved(draft, folder / mark)
        finally:
            shutil.rmtree(draft, ignore_errors=True)
    except OSError as error:
        raise ConfigurationError(f"index_folder: cannot write to {folder}: {error}") from error


def _moved(draft: Path, place: Path) -> None:
    try:
        draft.replace(place)
    except OSError:
        # Another process may have been faster with the same: its folder is as good.
        if not place.is_dir():
            raise
