"""Folders in the layout of Hugging Face's datasets: which files belong to a split."""

from __future__ import annotations

import json
import re
from pathlib import Path

from racto.core.errors import ReadError

_DATA = re.compile(r"\.(?:jsonl|ndjson|json|csv|tsv)(?:\.gz)?$|\.(?:parquet|arrow)$", re.IGNORECASE)
# What lies beside data and is none.
_NOT_DATA = frozenset(
    {"dataset_info.json", "dataset_infos.json", "dataset_dict.json", "state.json", "config.json"}
)
_KEYWORDS = {
    "train": ("train", "training"),
    "validation": ("validation", "valid", "val", "dev"),
    "test": ("test", "testing", "eval", "evaluation"),
}


def files_of_split(folder: Path, split: str = "train") -> list[Path]:
    """The files of a split in their order.

    Taken are a ``save_to_disk`` folder, files and folders whose names hold the split as a word
    (``train.jsonl``, ``data/train-00000-of-00002.parquet``, ``train/``), and, where no name holds
    any split, all files for ``train``.

    Args:
        folder: The folder.
        split: ``train``, ``validation``, ``test``, or a name of the dataset's own.

    Raises:
        FileNotFoundError: If the split has no file; the message lists what there is.
        ReadError: If a state file is damaged.
    """
    for place in (folder / split, folder):
        if (state := place / "state.json").is_file():
            return _saved_files(place, state)
    # Sorted, since the shards are numbered and folders are in no order.
    files = sorted(
        path
        for path in folder.rglob("*")
        if _DATA.search(path.name) and path.name not in _NOT_DATA and path.is_file()
        if not any(part.startswith(".") for part in path.relative_to(folder).parts)
    )
    splits = {path: _split_of(path.relative_to(folder), split) for path in files}
    found = [path for path, name in splits.items() if name == split]
    if not found and split == "train" and not any(splits.values()):
        found = files
    if not found:
        names = ", ".join(sorted({name for name in splits.values() if name})) or "none"
        raise FileNotFoundError(
            f"{folder} holds no file of the split {split!r}; splits found: {names}"
        )
    return found


def _split_of(path: Path, asked: str) -> str:
    """The split that a path names; empty for none. The name of the file counts more."""
    for part in (path.name, *reversed(path.parts[:-1])):
        # Whole words: 'constraint' holds no 'train'.
        words = set(re.split(r"[^a-z0-9]+", part.lower()))
        if asked.lower() in words:
            return asked
        for split, keywords in _KEYWORDS.items():
            if words & set(keywords):
                return split
    return ""


def _saved_files(folder: Path, state: Path) -> list[Path]:
    try:
        listed = json.loads(state.read_bytes())["_data_files"]
        return [folder / Path(str(entry["filename"])).name for entry in listed]
    except (ValueError, LookupError, TypeError) as error:
        raise ReadError(
            f"{state} is damaged: it lists no data files; save the dataset again",
            source=str(state),
        ) from error
